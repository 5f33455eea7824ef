"""CloudFormation's own change set beside a comparison of templates: what it confirms, and what it cannot know.

A nested stack's parameter that comes from another stack's output has no value while a change set is made
(``{{changeSet:KNOWN_AFTER_APPLY}}``), so CloudFormation announces a change of everything that reads it, replacements
included, although nothing will change (aws-cloudformation/cloudformation-coverage-roadmap, issues 759 and 2113). The
templates tell these from real changes: a value becomes another one when the resource that it comes from does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.diff.difference import FalseAlarm, ResourceDifference, StackDifference
from tapgen.diff.references import References
from tapgen.diff.requirements import strictest, top_of
from tapgen.diff.side import NESTED_STACK, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.diff.difference import Difference, Requirement
    from tapgen.diff.references import Place
    from tapgen.diff.side import Side
    from tapgen.model import Change, ChangeDetail

_RECREATION: dict[str, Requirement] = {"Always": "always", "Conditionally": "conditional"}
_INDIRECT = {"ParameterReference", "ResourceReference", "ResourceAttribute"}


def confirm(difference: Difference, changes: tuple[Change, ...], after: Side) -> Difference:
    """The difference with what a change set says of it.

    Args:
        difference: Of the same two releases.
        changes: Of the root stack's change set, nested ones included.
        after: The release that the change set was made of.
    """
    names = {logical_id: stack for stack, logical_id in after.nested_stacks().items()}
    announced = {(stack, change.logical_id): change for stack, change in _flatten(changes, ROOT, names)}
    reading = _Reading(difference, after)
    stacks = {stack.stack: stack for stack in difference.stacks}
    alarms: list[FalseAlarm] = []
    for (stack, _), change in announced.items():
        alarms += reading.false_alarms(stack, change)
        found = reading.confirmed(stack, change)
        if found:
            stacks[stack] = _with_resource(stacks.get(stack), stack, found)
    order = sorted(stacks, key=lambda stack: (stack != ROOT, stack))
    return replace(difference, stacks=tuple(stacks[each] for each in order), confirmed=True, false_alarms=tuple(alarms))


def _flatten(changes: tuple[Change, ...], stack: str, names: dict[str, str]) -> Iterator[tuple[str, Change]]:
    for change in changes:
        if change.resource_type != NESTED_STACK:
            yield stack, change
        else:
            yield from _flatten(change.children, names.get(change.logical_id, change.logical_id), names)


def _with_resource(stack: StackDifference | None, name: str, resource: ResourceDifference) -> StackDifference:
    known = stack or StackDifference(stack=name, action="modify")
    found = {each.logical_id: each for each in known.resources} | {resource.logical_id: resource}
    return replace(known, resources=tuple(found[each] for each in sorted(found)))


class _Reading:
    """Reads a change set with the templates in hand."""

    def __init__(self, difference: Difference, after: Side) -> None:
        self._tags_differ = bool(difference.tags)
        self._references = References(after)
        self._known = {(stack, each.logical_id): each for stack, each in difference.resources()}
        self._gone = {(stack, each.before_id) for stack, each in difference.resources() if each.before_id}
        self._moved: set[Place] = {
            place
            for place, each in self._known.items()
            if each.action in {"add", "remove", "renew"} or each.replacement
        }

    def false_alarms(self, stack: str, change: Change) -> Iterator[FalseAlarm]:
        """Details that hang on resources which stay as they are."""
        seen = set()
        for detail in change.details:
            if not self._is_real(stack, change, detail) and (detail.name, detail.cause) not in seen:
                seen.add((detail.name, detail.cause))
                announced = _RECREATION.get(detail.requires_recreation, "never")
                yield FalseAlarm(
                    stack=stack,
                    logical_id=change.logical_id,
                    resource_type=change.resource_type,
                    path=detail.name or detail.attribute,
                    source=", ".join(".".join(place) for place in self._sources(stack, detail)),
                    announced="" if announced == "never" else announced,
                )

    def confirmed(self, stack: str, change: Change) -> ResourceDifference | None:
        """The resource as CloudFormation sees it; None when all it sees is a false alarm."""
        known = self._known.get((stack, change.logical_id))
        if known is None:
            return None if (stack, change.logical_id) in self._gone else self._alone(stack, change)
        if change.action != "Modify" or known.action == "renew":
            return replace(known, confirmed="same")
        verdict, causes = self._verdict(stack, change)
        if verdict == (known.replacement or "never"):
            return replace(known, confirmed="same")
        return replace(known, replacement="" if verdict == "never" else verdict, causes=causes, confirmed="differs")

    def _alone(self, stack: str, change: Change) -> ResourceDifference | None:
        real = [detail for detail in change.details if self._is_real(stack, change, detail)]
        if change.action == "Modify" and change.details and not real:
            return None
        if self._tags_differ and real and all(detail.attribute == "Tags" for detail in real):
            return None
        verdict, causes = self._verdict(stack, change)
        return ResourceDifference(
            action={"Add": "add", "Import": "add", "Remove": "remove"}.get(change.action, "modify"),  # type: ignore[arg-type]  # the values are actions
            logical_id=change.logical_id,
            resource_type=change.resource_type,
            replacement="" if verdict == "never" else verdict,
            causes=causes,
            confirmed="alone",
        )

    def _verdict(self, stack: str, change: Change) -> tuple[Requirement, tuple[str, ...]]:
        """What CloudFormation says of a replacement, false alarms left out, and because of which properties."""
        real = [detail for detail in change.details if self._is_real(stack, change, detail)]
        required = {detail.name: _RECREATION.get(detail.requires_recreation, "never") for detail in real}
        verdict = strictest(required.values())
        # A dynamic evaluation of a property that replaces says that it perhaps replaces.
        static = any(each.evaluation != "Dynamic" and each.requires_recreation == "Always" for each in real)
        if verdict == "always" and not static and change.replacement != "True":
            verdict = "conditional"
        causes = tuple(name for name, each in required.items() if each != "never")
        return verdict, causes if verdict != "never" else ()

    def _is_real(self, stack: str, change: Change, detail: ChangeDetail) -> bool:
        if detail.source not in _INDIRECT:
            return True
        known = self._known.get((stack, change.logical_id))
        paths = {each.path for each in known.properties} | {each.path for each in known.depends_on} if known else set()
        if any(top_of(path) == detail.name for path in paths):
            return True
        sources = list(self._sources(stack, detail))
        return not sources or any(place in self._moved for place in sources)

    def _sources(self, stack: str, detail: ChangeDetail) -> Iterator[Place]:
        name = detail.cause.partition(".")[0]
        if detail.source == "ParameterReference":
            yield from dict.fromkeys(self._references.resources_of_parameter(stack, name))
        else:
            yield stack, name
