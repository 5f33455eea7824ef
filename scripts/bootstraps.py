"""Writes the bootstrap template of every environment beside its rendered templates, for the linters.

Usage: python -m scripts.bootstraps FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.tools import REPOSITORY
from tapgen.build import Builder
from tapgen.templates.bootstrap import build_bootstrap

if TYPE_CHECKING:
    from tapgen.config.environment import Environment


def write_bootstrap(environment: Environment, folder: Path) -> None:
    """Write ``bootstrap.json`` into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    body = json.dumps(build_bootstrap(environment), indent=2)
    (folder / "bootstrap.json").write_text(f"{body}\n", encoding="utf-8")


def main(folder: Path) -> None:
    """Write ``FOLDER/NAME/bootstrap/bootstrap.json``."""
    environments = Builder(REPOSITORY).environments
    for name in environments.names:
        write_bootstrap(environments.resolve(name), folder / name / "bootstrap")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
