"""Says what a release changes of the fixed costs, before it is confirmed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tapgen.cost.delta import compare_fixed
from tapgen.cost.prices import load_prices
from tapgen.events import CostItem, CostsPlanned
from tapgen.model import RenderedTemplate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.deploy.state.live_templates import Baseline
    from tapgen.engine.context import Context
    from tapgen.model import Rendered


def tell_costs(context: Context, rendered: Rendered, baseline: Baseline) -> None:
    """Say what the release changes of the fixed costs; nothing when they stay."""
    prices = load_prices(rendered.region)
    delta = compare_fixed(_templates(baseline), rendered.templates, prices)
    if not delta:
        return
    items = tuple(CostItem(item=each.item, count=each.count, usd=each.usd) for each in delta.items)
    context.emit(
        CostsPlanned(usd=delta.usd, items=items, region=rendered.region, prices_as_of=prices.as_of.isoformat())
    )


def _templates(baseline: Baseline) -> Iterator[RenderedTemplate]:
    """What is live, in the shape of what is rendered; nobody asks for its digest."""
    for label, template in baseline.templates.items():
        resources = len(template.get("Resources", ()))
        yield RenderedTemplate(stack=label, body=json.dumps(template).encode(), digest="", resource_count=resources)
