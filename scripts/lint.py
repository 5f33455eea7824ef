"""What cfn-lint, with its notes, says of the templates of each environment, for the environment's own region.

Usage: python -m scripts.lint FOLDER, with ``FOLDER/NAME/templates`` and ``FOLDER/NAME/bootstrap`` in it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cfnlint.api import lint  # type: ignore[import-untyped]  # cfn-lint ships no type information
from cfnlint.core import get_rules  # type: ignore[import-untyped]  # cfn-lint ships no type information

from scripts.tools import REPOSITORY
from tapgen.build import Builder

if TYPE_CHECKING:
    from collections.abc import Iterator


def faults(folder: Path, region: str, rules: Any) -> Iterator[str]:
    """Whatever cfn-lint has to say of a folder's templates, notes among it.

    Raises:
        FileNotFoundError: There is none.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise FileNotFoundError(folder)
    for file in files:
        for found in lint(file.read_text(encoding="utf-8"), rules=rules, regions=[region]):
            yield f"{file}: {found}"


def main(folder: Path) -> int:
    """Print what was found; 1 when that is anything."""
    environments = Builder(REPOSITORY).environments
    rules, found = get_rules([], [], ["I"], {}), 0
    for name in environments.names:
        region = environments.resolve(name).region
        for part in ("templates", "bootstrap"):
            for line in faults(folder / name / part, region, rules):
                found += 1
                print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
