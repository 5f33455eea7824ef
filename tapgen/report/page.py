"""A report → one HTML page that stands alone: no script, nothing fetched, light and dark, wide and narrow."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tapgen.charts import page
from tapgen.charts.page import Card
from tapgen.report.sections import (
    draw_changes,
    draw_code,
    draw_costs,
    draw_permissions,
    draw_timeline,
    draw_verdict,
    list_facts,
)
from tapgen.report.shift_section import draw_shift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.report.model import Report

_STYLE = """<style>
.verdict { font-size: 18px; font-weight: 600; margin: 0 0 6px; padding-left: 10px; border-left: 4px solid var(--rule) }
.verdict.good { border-color: var(--calm) } .verdict.busy { border-color: var(--busy) }
.verdict.bad { border-color: var(--bad) }
.changes { list-style: none; margin: 0; padding: 0 }
.changes > li { padding: 5px 0; border-bottom: 1px solid var(--rule) }
.changes ul { margin: 3px 0 0; padding-left: 18px } .changes ul li { overflow-wrap: anywhere; color: var(--quiet) }
.tag { display: inline-block; min-width: 72px; margin-right: 8px; font-size: 12px; font-weight: 600 }
.tag.add { color: var(--calm) } .tag.remove, .tag.replace, .tag.wider { color: var(--bad) }
.tag.modify, .tag.perhaps { color: var(--busy) } .tag.new, .tag.follows, .tag.narrower { color: var(--quiet) }
.place { overflow-wrap: anywhere } .kind { color: var(--quiet); font-size: 12px }
.why { white-space: pre-wrap; overflow-wrap: anywhere; margin: 6px 0 0; font: 12px/1.5 ui-monospace, monospace }
.card h2:not(:first-child) { margin-top: 18px } .pair, .pair + .bands { margin-top: 14px }
summary { cursor: pointer; color: var(--link); padding: 3px 0 } .pair { display: grid; gap: 14px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)) }
</style>"""


def draw_page(report: Report) -> str:
    """The whole document."""
    intent = report.record.intent
    title = f"{intent.settings['deployment']} · release {intent.sequence}"
    foot = f"<p>{escape(intent.tool)} · times in UTC · drawn from the release's record and what was seen of it</p>"
    return page.draw(title, list(_cards(report)), head=page.facts(list_facts(report.record)) + _STYLE, foot=foot)


def _cards(report: Report) -> Iterator[Card]:
    yield Card(content=draw_verdict(report), columns=12)
    for story in report.shifts:
        if story.samples or story.series or story.words:
            yield Card(content=draw_shift(story), columns=12)
    if report.changes:
        yield Card(content=draw_changes(report.changes), columns=7)
        yield Card(content="\n".join([draw_code(report.changes), draw_permissions(report.changes)]), columns=5)
    if report.bars:
        yield Card(content=draw_timeline(report.bars), columns=12)
    if report.costs:
        yield Card(content=draw_costs(report.costs), columns=12)
    if report.missing:
        listed = "".join(f"<li>{escape(text)}</li>" for text in report.missing)
        yield Card(content=f"<h2>Missing</h2><ul>{listed}</ul>", columns=12)
