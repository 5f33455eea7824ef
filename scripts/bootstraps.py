"""Writes the bootstrap template of every environment beside its rendered templates, for the linters.

Usage: python -m scripts.bootstraps FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from scripts.tools import REPOSITORY
from tapgen.build import Builder
from tapgen.templates.bootstrap import build_bootstrap


def main(folder: Path) -> None:
    """Write ``FOLDER/NAME/bootstrap/bootstrap.json``."""
    environments = Builder(REPOSITORY).environments
    for name in environments.names:
        target = folder / name / "bootstrap"
        target.mkdir(parents=True, exist_ok=True)
        body = json.dumps(build_bootstrap(environments.resolve(name)), indent=2)
        (target / "bootstrap.json").write_text(f"{body}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
