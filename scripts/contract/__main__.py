"""``scripts/openapi write|check|release``: the API's description in docs/, and what it promised before."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
DOCUMENT = REPOSITORY / "docs" / "transactions" / "openapi.json"
RELEASED = REPOSITORY / "docs" / "transactions" / "openapi-released.json"


def main() -> int:
    """Do one of the three; 1 when the committed document is not the code's, or breaks what was released."""
    parser = argparse.ArgumentParser(prog="scripts/openapi", description=__doc__)
    parser.add_argument(
        "action",
        choices=["write", "check", "release"],
        help="write the document, check it against the code and the last release, or make it the last release",
    )
    action = parser.parse_args().action
    text = write_text()
    if action == "check":
        return _check(text)
    (DOCUMENT if action == "write" else RELEASED).write_text(text, encoding="utf-8")
    return 0


def write_text() -> str:
    """The document that the code describes, as the file has it."""
    from handlers.api.openapi import build_document

    return json.dumps(build_document(), indent=2) + "\n"


def _check(text: str) -> int:
    from scripts.contract.compatibility import find_breaking_changes

    if DOCUMENT.read_text(encoding="utf-8") != text:
        print(f"{DOCUMENT} is not what the code describes; next: scripts/openapi write", file=sys.stderr)
        return 1
    released, current = json.loads(RELEASED.read_text(encoding="utf-8")), json.loads(text)
    broken = find_breaking_changes(released, current)
    if broken and _major(current) == _major(released):
        print("\n".join(["the API breaks callers of the last release:", *broken]), file=sys.stderr)
        print(
            "next: keep what they rely on, or move the first number of VERSION in handlers/api/openapi.py",
            file=sys.stderr,
        )
        return 1
    return 0


def _major(document: dict[str, Any]) -> str:
    return str(document["info"]["version"]).partition(".")[0]


if __name__ == "__main__":
    sys.exit(main())
