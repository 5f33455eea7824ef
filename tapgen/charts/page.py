"""The HTML page around charts: one file, no scripts, nothing fetched, light and dark, wide and narrow.

A page is a head and cards in a grid of 12 columns, which is one column on a phone.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from tapgen.charts import bands, lines, meters, palette

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.charts.model import Level

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True, kw_only=True)
class Card:
    """A part of the page.

    Attributes:
        content: HTML, escaped by who made it.
        columns: How many of 12 columns it takes where there is room.
        look: ``raised`` is framed, ``bare`` is not: for words between frames.
    """

    content: str
    columns: int = 6
    look: str = "raised"


def draw(title: str, cards: Sequence[Card], *, head: str = "", foot: str = "") -> str:
    """The whole document.

    Args:
        title: Of the page, and its first heading.
        cards: In the order of reading.
        head: HTML below the heading.
        foot: HTML at the end.
    """
    body = "\n".join(
        f'<section class="card {card.look}" style="--columns:{card.columns}">\n{card.content}\n</section>'
        for card in cards
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(title)}</title>
<style>{palette.variables(":root")}{_STYLE}{lines.STYLE}{bands.STYLE}{meters.STYLE}</style>
</head>
<body>
<header><h1>{escape(title)}</h1>{head}</header>
<main>
{body}
</main>
<footer>{foot}</footer>
</body>
</html>
"""


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Names and values side by side, as HTML."""
    return (
        "<dl class='facts'>"
        + "".join(f"<div><dt>{escape(a)}</dt><dd>{escape(b)}</dd></div>" for a, b in pairs)
        + "</dl>"
    )


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A short state.

    Attributes:
        text: What it says.
        level: What it means.
        hint: What it says when pointed at.
    """

    text: str
    level: Level = "good"
    hint: str = ""


def chips(members: Sequence[Chip]) -> str:
    """Short states in a row, as HTML."""
    told = "".join(
        f'<li class="{chip.level}" title="{escape(chip.hint, quote=True)}">{escape(chip.text)}</li>' for chip in members
    )
    return f'<ul class="chips">{told}</ul>'


def text(words: str) -> str:
    """Words as HTML."""
    return escape(words)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of text, as HTML; it scrolls by itself where the page is narrow."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


_STYLE = """
* { box-sizing: border-box }
body { margin: 0; padding: 20px; background: var(--ground); color: var(--ink); max-width: 1600px; margin-inline: auto;
  font: 14px/1.45 ui-sans-serif, system-ui, -apple-system, "Segoe UI", sans-serif }
h1 { font-size: 22px; margin: 0 0 4px; overflow-wrap: anywhere } h2 { font-size: 16px; margin: 0 0 6px }
h3 { font-size: 14px; margin: 0 0 4px } p { margin: 0 0 6px } a { color: var(--link) }
header { margin-bottom: 16px } footer { margin-top: 20px; color: var(--quiet); font-size: 12px }
main { display: grid; grid-template-columns: repeat(12, minmax(0, 1fr)); gap: 14px }
.card { grid-column: span var(--columns); min-width: 0 }
.card.raised { background: var(--raised); border: 1px solid var(--rule); border-radius: 8px; padding: 14px }
.card.bare { margin-top: 8px }
.facts { display: flex; flex-wrap: wrap; gap: 6px 22px; margin: 6px 0 } .facts div { min-width: 0 }
.facts dt { font-size: 12px; color: var(--quiet) } .facts dd { margin: 0; overflow-wrap: anywhere }
.chips { list-style: none; margin: 6px 0; padding: 0; display: flex; flex-wrap: wrap; gap: 6px; font-size: 12px }
.chips li { border: 1px solid var(--rule); border-left: 4px solid var(--calm); border-radius: 4px; padding: 2px 8px;
  overflow-wrap: anywhere } .chips .bad { border-left-color: var(--bad); font-weight: 600 }
.chips .busy { border-left-color: var(--busy) } .chips .unknown { border-left-color: var(--unknown) }
.scroll { overflow-x: auto } table { border-collapse: collapse; font-size: 13px; width: 100% }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--rule); vertical-align: top }
th { color: var(--quiet); font-weight: 500 } td { font-variant-numeric: tabular-nums }
code { font: 12px ui-monospace, monospace }
@media (max-width: 760px) { body { padding: 14px } .card { grid-column: 1 / -1 } }
@media print { .card { break-inside: avoid } }
"""
