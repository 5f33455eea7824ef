"""``scripts/parts write|check``: docs/reference/parts.md from the kinds of parts."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.reference.pages import write_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "parts.md"


def main() -> int:
    """Do one of the two; 1 when what is committed is not what the parts say."""
    parser = argparse.ArgumentParser(prog="scripts/parts", description=__doc__)
    parser.add_argument("action", choices=["write", "check"])
    action = parser.parse_args().action
    wanted = write_page()
    if action == "write":
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == wanted:
        return 0
    print("docs/reference/parts.md is not what the parts say\nnext: scripts/parts write", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
