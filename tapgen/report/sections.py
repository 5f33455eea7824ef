"""The sections of a page: who and when, verdict, changes, code, permissions, timeline, costs. HTML from values."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from tapgen.charts import bands, page, scales
from tapgen.charts.model import Bands, Extent, Row, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tapgen.charts.model import Level
    from tapgen.ledger.record import Record
    from tapgen.report.model import Bar, Changes, FixedCosts, Report, ResourceChange

NESTED_STACK = "AWS::CloudFormation::Stack"
_OPEN_RESOURCES = 12
_SLOWEST = 10
_STATUSES = {"CREATE_COMPLETE": "created", "UPDATE_COMPLETE": "updated", "DELETE_COMPLETE": "deleted"}
_HEADINGS: dict[str, tuple[Level, str]] = {
    "succeeded": ("good", "Went live"),
    "rolled-back": ("bad", "Failed and was rolled back"),
    "failed": ("bad", "Failed; the stack needs a person"),
    "unfinished": ("unknown", "Its end is not recorded"),
}


def list_facts(record: Record) -> list[tuple[str, str]]:
    """Who, when, from what, by which way: what stands below the heading."""
    intent, outcome, execution = record.intent, record.outcome, record.execution
    facts = [
        ("Release", intent.release_id),
        ("Operation", f"rollback to release {intent.restores.sequence}" if intent.restores else intent.operation),
        ("By", intent.who.rpartition(":")[2]),
        ("From", intent.host),
        ("Began", f"{intent.started_at:%Y-%m-%d %H:%M:%S}"),
    ]
    if outcome and execution:
        facts.append(("Took", scales.elapsed((outcome.finished_at - execution.started_at).total_seconds())))
    if intent.source:
        facts.append(("Commit", intent.source.commit[:12] + (" and local changes" if intent.source.dirty else "")))
    if intent.previous:
        facts.append(("Live before", f"release {intent.previous.sequence} ({intent.previous.release_id})"))
    facts.append(("Region", str(intent.settings.get("region", ""))))
    return facts


def draw_verdict(report: Report) -> str:
    """How it ended, why, what the shifts proved, and which guards were passed."""
    record = report.record
    outcome = record.outcome
    level, heading = _HEADINGS.get(
        outcome.status if outcome else "unfinished", ("unknown", str(outcome and outcome.status))
    )
    parts = [f'<h2 class="verdict {level}">{escape(heading)}</h2>']
    if outcome and outcome.reason:
        parts.append(f'<pre class="why">{escape(outcome.reason)}</pre>')
    for story in report.shifts:
        parts += [f"<p>{escape(words)}</p>" for words in story.words]
    if outcome and not outcome.watched:
        parts.append("<p>Nobody watched its end: a later command recorded it.</p>")
    glass = record.intent.break_glass
    if glass:
        alarms = ", ".join(glass.alarms)
        parts.append(f"<p><b>The glass was broken:</b> {escape(glass.reason)} (past {escape(alarms)})</p>")
    broadening = record.intent.broadening
    if broadening:
        grants = "".join(f"<li>{escape(grant)}</li>" for grant in broadening.grants)
        who = escape(broadening.allowed_by)
        parts.append(f"<p><b>Roles may do more</b>, allowed by {who}:</p><ul>{grants}</ul>")
    return "\n".join(parts)


def draw_changes(changes: Changes) -> str:
    """Resource by resource; what only follows is folded away, and so is all of a first release."""
    if not changes.before:
        return _first_changes(changes)
    counts = Counter(change.action for change in changes.resources)
    summary = ", ".join(f"{count} {action}" for action, count in counts.most_common()) or "no resource"
    news = [change for change in changes.resources if change.action not in {"follows", "new"}]
    others = [change for change in changes.resources if change.action in {"follows", "new"}]
    parts = [f"<h2>What changed</h2><p>Against {escape(changes.before)}: {escape(summary)}</p>"]
    parts += [_change_list(news[:_OPEN_RESOURCES])]
    if news[_OPEN_RESOURCES:]:
        parts.append(_folded(f"{len(news) - _OPEN_RESOURCES} more", _change_list(news[_OPEN_RESOURCES:])))
    if others:
        parts.append(_folded(f"{len(others)} that are new with their version or follow", _change_list(others)))
    return "\n".join(parts)


def _first_changes(changes: Changes) -> str:
    stacks = Counter(change.place.partition(".")[0] for change in changes.resources)
    items = "".join(f"<li>{escape(stack)}: {count} resources</li>" for stack, count in stacks.most_common())
    every = _folded(f"All {len(changes.resources)} resources", _change_list(changes.resources))
    return f'<h2>What changed</h2><p>The first release: everything is new.</p><ul class="changes">{items}</ul>{every}'


def draw_code(changes: Changes) -> str:
    """Artifact by artifact, its files and dependencies folded away where they are many."""
    if not changes.code:
        return "<h2>Code</h2><p>The same code and the same dependencies.</p>"
    parts = ["<h2>Code</h2>"]
    for text, details in changes.code:
        listed = "".join(f"<li>{escape(each)}</li>" for each in details)
        body = f'<ul class="changes">{listed}</ul>'
        parts.append(f"<p>{escape(text)}</p>")
        if details:
            parts.append(body if len(details) <= _OPEN_RESOURCES else _folded(f"{len(details)} files", body))
    return "\n".join(parts)


def draw_permissions(changes: Changes) -> str:
    """What may be done now and could not be before, and the other way round."""
    if not changes.permissions:
        return "<h2>Permissions</h2><p>Nobody may do more or less than before.</p>"
    items = [
        f'<li><span class="tag {direction}">{direction}</span><span class="place">{escape(text)}</span></li>'
        for direction, text in sorted(changes.permissions, key=lambda each: each[0] != "wider")
    ]
    if not changes.before:
        every = _folded(f"All {len(items)} grants", f'<ul class="changes">{"".join(items)}</ul>')
        return f"<h2>Permissions</h2><p>The first release: every grant is new.</p>{every}"
    shown = f'<ul class="changes">{"".join(items[:_OPEN_RESOURCES])}</ul>'
    rest = items[_OPEN_RESOURCES:]
    more = _folded(f"{len(rest)} more", f'<ul class="changes">{"".join(rest)}</ul>') if rest else ""
    return f"<h2>Permissions</h2>{shown}{more}"


def draw_timeline(bars: Sequence[Bar]) -> str:
    """The stacks and the slowest resources as a Gantt chart; every resource is folded away below it."""
    extent = Extent(start=min(bar.start for bar in bars), end=max(bar.end for bar in bars), clock="elapsed")
    stacks = [bar for bar in bars if bar.resource_type == NESTED_STACK]
    resources = [bar for bar in bars if bar.resource_type != NESTED_STACK]
    slowest = sorted(resources, key=lambda bar: bar.start - bar.end)[:_SLOWEST]
    failed = [bar for bar in resources if bar.reason and bar not in slowest]
    shown = sorted([*slowest, *failed], key=lambda bar: bar.start)
    parts = ["<h2>Timeline</h2>", _gantt("Stacks", stacks, extent)]
    if shown:
        parts.append(_gantt("The resources that took longest", shown, extent))
    parts += [f'<p class="place"><b>{escape(_name(bar))}</b>: {escape(bar.reason)}</p>' for bar in bars if bar.reason]
    if len(resources) > len(shown):
        parts.append(_folded(f"All {len(resources)} resources", _gantt("Resources", resources, extent)))
    return "\n".join(parts)


def draw_costs(costs: FixedCosts) -> str:
    """What is different of the costs that do not depend on traffic."""
    basis = f"List prices of {costs.prices_as_of}, {costs.region}; what traffic costs is not in it."
    if not costs.items:
        return f"<h2>Fixed costs</h2><p>As before. {escape(basis)}</p>"
    rows = [(f"{count:+,.0f}", item, _signed(usd)) for item, count, usd in costs.items]
    table = page.table(("", "item", "a month"), [*rows, ("", "together", _signed(costs.usd))])
    return f"<h2>Fixed costs</h2>{table}<p>{escape(basis)}</p>"


def _signed(usd: float) -> str:
    return f"{'-' if usd < 0 else '+'}${abs(usd):,.2f}"


def _change_list(changes: Iterable[ResourceChange]) -> str:
    return f'<ul class="changes">{"".join(_change(change) for change in changes)}</ul>'


def _change(change: ResourceChange) -> str:
    details = "".join(f"<li>{escape(detail)}</li>" for detail in change.details)
    return (
        f'<li><span class="tag {change.action.split()[0]}">{escape(change.action)}</span>'
        f'<span class="place">{escape(change.place)}</span> '
        f'<span class="kind">{escape(change.resource_type.removeprefix("AWS::"))}</span>'
        + (f"<ul>{details}</ul>" if details else "")
        + "</li>"
    )


def _folded(summary: str, content: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def _gantt(title: str, bars: Sequence[Bar], extent: Extent) -> str:
    return bands.draw(Bands(title=title, extent=extent, rows=tuple(_rows(bars))))


def _rows(bars: Iterable[Bar]) -> Iterator[Row]:
    for bar in bars:
        words = f"{_STATUSES.get(bar.status, bar.status)}, {scales.elapsed(bar.end - bar.start)}"
        yield Row(label=_name(bar), spans=(Span(start=bar.start, end=bar.end, text=words, level=_level(bar)),))


def _name(bar: Bar) -> str:
    return bar.logical_id if bar.stack == "root" else f"{bar.stack}.{bar.logical_id}"


def _level(bar: Bar) -> Level:
    if bar.reason or bar.status.endswith("_FAILED"):
        return "bad"
    return "busy" if "ROLLBACK" in bar.status or bar.status.endswith("_IN_PROGRESS") else "good"
