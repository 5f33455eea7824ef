"""A release beside the one before it: what changed, and what that does to the fixed costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.cost.delta import compare_fixed
from tapgen.cost.prices import load_prices
from tapgen.report.changes import describe_changes
from tapgen.report.model import FixedCosts
from tapgen.report.releases import NOTHING, read_intent, read_release

if TYPE_CHECKING:
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.ledger.record import Intent
    from tapgen.model import RenderedTemplate
    from tapgen.report.model import Changes
    from tapgen.report.releases import Release

Templates = tuple["RenderedTemplate", ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What separates two releases."""

    changes: Changes | None = None
    costs: FixedCosts | None = None
    missing: tuple[str, ...] = ()


def compare_with_previous(
    context: Context, deployment: Deployment, intent: Intent, *, templates: Templates | None = None
) -> Comparison:
    """Compare a release, whose templates are read unless they are at hand, with what was live before it.

    Raises:
        TapgenError: The bucket cannot be read, or templates are gone from it.
    """
    after = read_release(context, deployment, intent, templates=templates)
    if intent.previous is None:
        return _compare(NOTHING, after, str(intent.settings["region"]))
    previous = read_intent(context, deployment, intent.previous)
    if previous is None:
        return Comparison(missing=("what changed: the release before it has no record",))
    before = read_release(context, deployment, previous)
    return _compare(before, after, str(intent.settings["region"]))


def _compare(before: Release, after: Release, region: str) -> Comparison:
    prices = load_prices(region)
    delta = compare_fixed(before.templates, after.templates, prices)
    return Comparison(
        changes=describe_changes(before.side, after.side),
        costs=FixedCosts(
            usd=delta.usd,
            items=tuple((each.item, each.count, each.usd) for each in delta.items),
            region=region,
            prices_as_of=prices.as_of.isoformat(),
        ),
    )
