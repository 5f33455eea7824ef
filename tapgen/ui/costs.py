"""An estimate of costs as people read it, and a change of fixed costs in one line."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tapgen.ui.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.cost.estimate import Estimate, Line
    from tapgen.events import CostsPlanned

_MILLION = 1_000_000
_SHOWN_USD = 0.005
_HEADERS = ("resource", "item", "fixed", "per million", "a month", "how it is reckoned")


def cost_page(estimate: Estimate, *, deployment: str) -> Iterator[str]:
    """The page's lines: the table, the dearest first, then what it stands on and what it leaves out."""
    # Every listener describes what a deploy changes of the costs; the price table is this page's alone.
    from tapgen.cost.estimate import UNKNOWN

    usage, prices = estimate.usage, estimate.prices
    yield f"{deployment}  {usage.requests_per_month:,.0f} requests a month, {prices.region}, USD"
    rows = [_row(group, usage.requests_per_month) for group in _groups(estimate.lines)]
    total = ("total", "", money(estimate.fixed_usd), "", money(estimate.fixed_usd + estimate.usage_usd), "")
    yield table(_HEADERS, [*rows, total], "<<>>><")
    yield ""
    yield f"prices    AWS list prices of {prices.as_of:%Y-%m-%d}; without free tiers. Check them with"
    yield from (f"          {source}" for source in sorted({line.price.source for line in estimate.lines}))
    if estimate.borrowed:
        yield f"          not known for {prices.region}, taken from another region: {', '.join(estimate.borrowed)}"
    yield (
        f"assumed   {usage.write_share:.0%} of the requests write, {usage.payload_kb:g} KB each, "
        f"{usage.duration_ms:g} ms in the function, {usage.log_kb:g} KB logged, data of {usage.months:g} months"
    )
    if estimate.unpriced:
        yield f"no price  {', '.join(estimate.unpriced)}"
    yield "unknown   " + "\n          ".join(UNKNOWN)


def describe_delta(event: CostsPlanned) -> str:
    """``fixed costs: +$0.20 a month (+2 alarms +$0.20)``."""
    parts = ", ".join(f"{_counted(item.count, item.item)} {signed(item.usd)}" for item in event.items)
    return f"fixed costs: {signed(event.usd)} a month ({parts})"


def money(usd: float) -> str:
    """``$1.20``; ``-`` for nothing."""
    return f"${usd:,.2f}" if usd >= _SHOWN_USD else "-"


def signed(usd: float) -> str:
    """``+$0.20``, ``-$3.00``."""
    return f"{'-' if usd < 0 else '+'}${abs(usd):,.2f}"


def _counted(count: float, item: str) -> str:
    plural = item if abs(count) == 1 or item.endswith("s") or item == "provisioned concurrency" else f"{item}s"
    return f"{count:+,.0f} {plural}"


def _groups(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines that are worth a cent; those of several resources that say the same, together; the dearest first."""
    shown = [line for line in lines if line.usd >= _SHOWN_USD]
    by_what = sorted(shown, key=lambda line: (line.charge.item, line.charge.formula, line.kind))
    groups = [
        list(group) for _, group in groupby(by_what, lambda line: (line.charge.item, line.charge.formula, line.kind))
    ]
    yield from sorted(groups, key=lambda group: (-sum(line.usd for line in group), group[0].resource))


def _row(group: Sequence[Line], requests: float) -> tuple[str, ...]:
    first, usd = group[0], sum(line.usd for line in group)
    fixed = first.charge.fixed
    name = first.resource if len(group) == 1 else f"{len(group)} x {first.kind.removeprefix('AWS::')}"
    per_million = usd / requests * _MILLION if requests and not fixed else 0.0
    formula = first.charge.formula + ("" if len(group) == 1 else " each")
    return (name, first.charge.item, money(usd if fixed else 0), money(per_million), money(usd), formula)
