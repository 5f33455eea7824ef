"""Findings of checkov on rendered templates, a line for each environment; production may have none.

Usage: python -m scripts.scan CHECKOV TEMPLATES...
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def scan(checkov: str, folder: Path) -> tuple[int, int, int]:
    """(passed, failed, skipped) checks of the templates in a folder."""
    done = subprocess.run(
        [checkov, "--directory", str(folder), "--framework", "cloudformation", "--output", "json", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    summary = json.loads(done.stdout)["summary"]
    return summary["passed"], summary["failed"], summary["skipped"]


def main(arguments: list[str]) -> int:
    """Print a line for each folder; 1 when ``prod`` has a failed check."""
    checkov, *folders = arguments
    failed = 0
    for folder in map(Path, folders):
        name = folder.parent.name
        counts = scan(checkov, folder)
        print(f"{name:<10} passed {counts[0]:>4}  failed {counts[1]:>3}  suppressed {counts[2]:>3}")
        failed += counts[1] if name == "prod" else 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
