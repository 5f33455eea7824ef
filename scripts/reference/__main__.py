"""``scripts/parts write|check``: docs/reference/parts.md from the kinds of parts."""

from __future__ import annotations

import sys

from scripts.reference.command import REPOSITORY, WrittenPage
from scripts.reference.pages import write_page

PAGE = REPOSITORY / "docs" / "reference" / "parts.md"

if __name__ == "__main__":
    sys.exit(WrittenPage(path=PAGE, script="scripts/parts", source="parts", write=write_page).run(__doc__))
