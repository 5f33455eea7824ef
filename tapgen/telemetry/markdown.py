"""The little Markdown that text widgets use, as HTML: headings, paragraphs, bold, code, links. Pure.

Anything else stays as it is written; everything is escaped.
"""

from __future__ import annotations

import re
from html import escape

_HEADING = re.compile(r"(#{1,4})\s+(.*)")
_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^\s]+?)\)(?=[\s.,;·]|$)")


def to_html(markdown: str) -> str:
    """The text as HTML; a first heading becomes ``h2``, since the page has its own."""
    return "\n".join(_block(block) for block in re.split(r"\n\s*\n", markdown.strip()) if block.strip())


def _block(block: str) -> str:
    lines, rest = [], []
    for line in block.splitlines():
        heading = _HEADING.fullmatch(line.strip())
        if heading:
            size = min(4, len(heading[1]) + 1)
            lines.append(f"<h{size}>{_inline(heading[2])}</h{size}>")
        else:
            rest.append(line.strip())
    paragraph = f"<p>{_inline(' '.join(rest))}</p>" if rest else ""
    return "\n".join([*lines, *([paragraph] if paragraph else [])])


def _inline(text: str) -> str:
    found = _LINK.sub(lambda match: f"\0{match[1]}\1{match[2]}\2", text)
    html = _BOLD.sub(r"<strong>\1</strong>", _CODE.sub(r"<code>\1</code>", escape(found)))
    return re.sub("\0([^\1]*)\1([^\2]*)\2", r'<a href="\2">\1</a>', html)
