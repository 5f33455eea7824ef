"""Composite alarms: what calls people on behalf of others.

``guarded-warnings`` calls for what a shift's guards see too, and waits while a shift runs. ``escalation`` makes a
warning critical that lasts, or that does not come alone. Each pair of burn windows has one. Why it is done like this:
docs/decisions/0006-escalation-and-quiet-shifts.md.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

from troposphere import Tags
from troposphere.cloudwatch import Alarm, CompositeAlarm

from tapgen.templates.alarms.catalogue import build_catalogue
from tapgen.templates.alarms.rendering import describe
from tapgen.templates.alarms.trees import Node, any_of, children_of, fits, shorten, two_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from troposphere.sns import Topic

    from tapgen.elements.alarm import Definition
    from tapgen.elements.wiring import Context, Stack
    from tapgen.templates.alarms.catalogue import Catalogue

# The start of a shift is an event, its count a metric and that an alarm: about as long as the first error takes.
_SUPPRESSOR_WAIT_S = 30
# After a shift the alarms behind a composite alarm have this long to be over.
_SUPPRESSOR_EXTENSION_S = 120
ESCALATION, GUARDED = "escalation", "guarded-warnings"
_SLUGS = {"Escalation": ESCALATION, "GuardedWarnings": GUARDED}
_LIFTED = {
    "any": "one of its warnings is there",
    "two": "two warnings of different areas are there at once",
    "lasts": "one of its warnings lasts",
}


def add_composites(stack: Stack, context: Context, topics: Mapping[str, Topic]) -> list[CompositeAlarm]:
    """Add the composite alarms; the alarms they name must be in the stack."""
    catalogue = build_catalogue(context.environment, context.names)
    lifted: list[CompositeAlarm] = []
    quiet = context.names.alarm(catalogue.shift.slug)
    guarded = _composite(
        context,
        "GuardedWarnings",
        slug=GUARDED,
        text="Functions fail or are slow, and no shift runs whose guards would say so",
        severity="warning",
        children=catalogue.guarded,
    )
    guarded.AlarmRule = any_of(
        [_in_alarm(context, item) for item in catalogue.guarded],
        role="any",
        lift=partial(_lift, context, lifted, guarded.title),
    )
    guarded.ActionsSuppressor = quiet
    guarded.ActionsSuppressorWaitPeriod = _SUPPRESSOR_WAIT_S
    guarded.ActionsSuppressorExtensionPeriod = _SUPPRESSOR_EXTENSION_S
    guarded.DependsOn = [*guarded.DependsOn, catalogue.shift.logical_id]
    escalation = _escalation(context, catalogue, lifted)
    found = [guarded, escalation, *_burns(context, catalogue)]
    severities = ("warning", "critical", *(burn.severity for burn in catalogue.burns))
    for composite, severity in zip(found, severities, strict=True):
        composite.AlarmActions = composite.OKActions = [topics[severity].ref()]
        stack.add(composite)
    for part in lifted:
        stack.add(part)
    if lifted or context.service.last_block > 1:
        _wait_for_children(stack, [*found, *lifted])
    return [*found, *lifted]


def _wait_for_children(stack: Stack, composites: Iterable[CompositeAlarm]) -> None:
    """A rule's children are there first: those of this stack by dependency, the others' stacks are made before."""
    kinds = (Alarm, CompositeAlarm)
    titles = {item.AlarmName: item.title for item in stack.template.resources.values() if isinstance(item, kinds)}
    for composite in composites:
        suppressor = [name] if (name := composite.properties.get("ActionsSuppressor")) else []
        children = [*children_of(composite.AlarmRule), *suppressor]
        composite.DependsOn = [titles[child] for child in children if child in titles]


def _lift(context: Context, lifted: list[CompositeAlarm], base: str, role: str, rule: str) -> str:
    """Part of a rule that is too long, as an alarm of its own; it calls nobody."""
    number = 1 + len(lifted)
    slug = f"{_SLUGS[base]}-{role}-{number}"
    part = _composite(
        context,
        f"{base}{role.capitalize()}{number}",
        slug=slug,
        text=f"Part {number} of a longer rule: {_LIFTED[role]}",
        severity="warning",
        children=(),
        runbook=_SLUGS[base],
    )
    part.AlarmRule = rule
    lifted.append(part)
    return f'ALARM("{context.names.alarm(slug)}")'


def _escalation(context: Context, catalogue: Catalogue, lifted: list[CompositeAlarm]) -> CompositeAlarm:
    lasting = [item.lasting for item in catalogue.warnings if item.lasting]
    composite = _composite(
        context,
        "Escalation",
        slug=ESCALATION,
        text="A warning lasts, or two warnings of different areas are there at once",
        severity="critical",
        children=[*catalogue.warnings, *lasting, catalogue.shift],
    )
    terms = [*_pairs(context, catalogue), *(_in_alarm(context, item) for item in lasting)]
    rule = " OR ".join(terms)
    composite.AlarmRule = rule if fits(rule) else _long_escalation(context, catalogue, lifted)
    return composite


def _long_escalation(context: Context, catalogue: Catalogue, lifted: list[CompositeAlarm]) -> str:
    """The same of many alarms; what guards see does not count at all while a shift runs."""
    lift = partial(_lift, context, lifted, "Escalation")
    running = _in_alarm(context, catalogue.shift)
    areas: dict[str, list[Definition]] = {}
    for item in catalogue.warnings:
        areas.setdefault(item.area, []).append(item)
    nodes = []
    for members in areas.values():
        terms = [_in_alarm(context, item) for item in members if not item.guarded]
        guarded = [_in_alarm(context, item) for item in members if item.guarded]
        if guarded:
            seen = shorten(any_of(guarded, role="any", lift=lift), role="any", lift=lift)
            terms.append(f"({seen} AND NOT {running})")
        nodes.append(Node(shorten(any_of(terms, role="any", lift=lift), role="any", lift=lift)))
    lasting = [_in_alarm(context, item.lasting) for item in catalogue.warnings if item.lasting]
    lasts = lift("lasts", any_of(lasting, role="lasts", lift=lift)) if lasting else ""
    two = two_of(nodes, lift=lift)
    return " OR ".join(part for part in (lift("two", two) if two else "", lasts) if part)


def _pairs(context: Context, catalogue: Catalogue) -> Iterator[str]:
    """Any two warnings that are not one trouble seen twice; what guards see twice while a shift runs is no news."""
    running = _in_alarm(context, catalogue.shift)
    for one, other in combinations(catalogue.warnings, 2):
        if one.area == other.area:
            continue
        both = f"{_in_alarm(context, one)} AND {_in_alarm(context, other)}"
        yield f"({both} AND NOT {running})" if one.guarded and other.guarded else f"({both})"


def _burns(context: Context, catalogue: Catalogue) -> Iterator[CompositeAlarm]:
    for burn in catalogue.burns:
        children = (burn.long, burn.short)
        composite = _composite(
            context,
            burn.logical_id,
            slug=burn.slug,
            text=burn.text,
            severity=burn.severity,
            children=children,
            runbook=burn.runbook,
        )
        composite.AlarmRule = " AND ".join(_in_alarm(context, child) for child in children)
        yield composite


def _composite(  # noqa: PLR0913 - what an alarm says is its name, text, severity and runbook
    context: Context,
    logical_id: str,
    *,
    slug: str,
    text: str,
    severity: str,
    children: Iterable[Definition],
    runbook: str = "",
) -> CompositeAlarm:
    return CompositeAlarm(
        logical_id,
        AlarmName=context.names.alarm(slug),
        AlarmDescription=describe(context, severity=severity, text=text, runbook=runbook or slug),
        ActionsEnabled=True,
        # A composite alarm's rule names its children: they must be there first.
        DependsOn=[child.logical_id for child in children],
        Tags=Tags(**context.environment.cost_tags),
    )


def _in_alarm(context: Context, item: Definition) -> str:
    return f'ALARM("{context.names.alarm(item.slug)}")'
