"""The live release's templates, read once for everything that a new release is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.cost.delta import compare_fixed
from tapgen.cost.prices import load_prices
from tapgen.deploy.deployment import deployment_of
from tapgen.deploy.preflight import RELEASE_PARAMETER
from tapgen.deploy.restore import restore
from tapgen.errors import RefusedError
from tapgen.events import CostItem, CostsPlanned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.deploy.context import Context
    from tapgen.ledger.record import Record
    from tapgen.model import Rendered, RenderedTemplate, StackState

Templates = tuple["RenderedTemplate", ...]


def read_live(
    context: Context, rendered: Rendered, state: StackState | None, recent: Sequence[Record]
) -> Templates | None:
    """The templates of what is live; none when nothing is, and None when they cannot be told.

    Args:
        context: Clients.
        rendered: What is deployed.
        state: The root stack as it is.
        recent: The newest records; without one of the live release there is nothing to compare with.
    """
    live_id = state.parameters.get(RELEASE_PARAMETER) if state and state.status != "REVIEW_IN_PROGRESS" else None
    if not live_id:
        return ()
    live = next((record for record in reversed(recent) if record.release_id == live_id), None)
    if live is None:
        return None
    try:
        return restore(context, deployment_of(rendered), live, gradual=True).templates
    except RefusedError as error:
        context.warn(f"what changes is not compared with the live release: {error.what}")
        return None


def tell_costs(context: Context, rendered: Rendered, live: Templates | None) -> None:
    """Say what the release changes of the fixed costs; nothing when they stay."""
    if live is None:
        return
    prices = load_prices(rendered.region)
    delta = compare_fixed(live, rendered.templates, prices)
    if not delta:
        return
    items = tuple(CostItem(item=each.item, count=each.count, usd=each.usd) for each in delta.items)
    context.emit(
        CostsPlanned(usd=delta.usd, items=items, region=rendered.region, prices_as_of=prices.as_of.isoformat())
    )
