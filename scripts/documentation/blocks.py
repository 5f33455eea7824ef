"""Parts of a page that a script writes: between ``<!-- NAME: written by … -->`` and ``<!-- end of NAME -->``."""

from __future__ import annotations

import re


def replace_block(text: str, *, name: str, content: str) -> str:
    """The page with the block ``name`` replaced.

    Raises:
        ValueError: The page has no such block.
    """
    pattern = re.compile(rf"(<!-- {re.escape(name)}: [^\n]*-->\n).*?(<!-- end of {re.escape(name)} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the page has no block {name!r}")
    return pattern.sub(lambda match: f"{match[1]}\n{content.strip()}\n\n{match[2]}", text)
