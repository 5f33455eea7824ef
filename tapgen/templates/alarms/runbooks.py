"""Which runbooks an environment's alarms name, and what each is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.parts.registry import list_kinds
from tapgen.templates.alarms.catalogue import build_catalogue
from tapgen.templates.alarms.composites import ESCALATION, GUARDED

if TYPE_CHECKING:
    from tapgen.config.environment import Environment
    from tapgen.naming import Names

GUARD_RUNBOOKS = ("guard-errors", "guard-latency", "guard-api-5xx")
"""One for each kind of guard."""


def list_runbooks(environment: Environment, names: Names) -> dict[str, str]:
    """Slug of each runbook → what is wrong when its alarm goes off; guards are among them."""
    catalogue = build_catalogue(environment, names)
    composites = {GUARDED: "What a shift's guards see, while no shift runs", ESCALATION: "A warning that is more"}
    return (
        _kinds()
        | {item.runbook_slug: item.text for item in catalogue.definitions if not item.slug.endswith("-lasts")}
        | composites
        | dict.fromkeys(GUARD_RUNBOOKS, "A traffic shift was stopped")
    )


def _kinds() -> dict[str, str]:
    """What the kinds bring, whether this service has such a part or not."""
    modules = [kind.load("alarms") for kind in list_kinds()]
    return {slug: text for module in modules if module for slug, text in module.RUNBOOKS.items()}
