"""Changes of a table's expiry (time to live), as updates of their own. Pure.

CloudFormation refuses another attribute while one is active, and a specification that is left out while it is
("AttributeName property of TimeToLiveSpecification is required when TTL status is enabled"), and DynamoDB refuses a
second change within an hour (DynamoDB API reference, UpdateTimeToLive). An update that changes an expiry and fails for
another reason can therefore not be rolled back. So the release comes with every expiry as it was; then goes what is no
longer wanted; then comes what is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.gates.templates import NESTED_STACK, ROOT, is_true, look_up, path_of, show
from tapgen.gates.update_steps import UpdateStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tapgen.gates.templates import Resource, Stacks, Template

    Expiry = Mapping[str, Any]

TABLE = "AWS::DynamoDB::Table"
_PROPERTY = "TimeToLiveSpecification"
_AS_IT_WAS = "the release, with every expiry that was there"


@dataclass(frozen=True, kw_only=True)
class _Switch:
    """How the expiry of one table changes."""

    stack: str
    logical_id: str
    old: Expiry
    new: Expiry

    @property
    def path(self) -> str:
        return path_of(self.stack, self.logical_id)

    @property
    def goes(self) -> bool:
        """Whether an attribute stops being the one that items expire by."""
        return is_true(self.old.get("Enabled"))

    @property
    def comes(self) -> bool:
        """Whether an attribute begins to be it."""
        return is_true(self.new.get("Enabled"))


def split_expiry_changes(before: Stacks, after: Stacks, steps: Sequence[UpdateStep] = ()) -> tuple[UpdateStep, ...]:
    """The updates that take a release live; none when one is enough.

    Args:
        before: What is deployed.
        after: The release.
        steps: The updates that it takes anyway, the release itself last.
    """
    switches = tuple(_switches(before, after))
    if not switches:
        return tuple(steps)
    kept = _overlaid(after, {}, [(switch, switch.old) for switch in switches])
    first = steps or (() if _is_live(before, {**after, **kept}) else (_release(_AS_IT_WAS),))
    found = [
        step
        if step.base == "live"
        else _release(step.text, _overlaid(after, step.templates, [(switch, switch.old) for switch in switches]))
        for step in first
    ]
    going = tuple(switch for switch in switches if switch.goes)
    if going:
        off = [(switch, {**switch.old, "Enabled": False} if switch.goes else switch.old) for switch in switches]
        found.append(_release(_describe(going, "nothing expires any more"), _overlaid(after, {}, off)))
    last = UpdateStep(
        base="release",
        templates={},
        text=_describe_last(switches),
        expiries=tuple(switch.path for switch in going if switch.comes),
    )
    return (*found, last) if found else ()


def _switches(before: Stacks, after: Stacks) -> Iterator[_Switch]:
    for stack, template in after.items():
        live = before.get(stack, {}).get("Resources", {})
        for logical_id, table in template.get("Resources", {}).items():
            if table["Type"] == TABLE and live.get(logical_id, {}).get("Type") == TABLE:
                old, new = (_expiry(each) for each in (live[logical_id], table))
                if _attribute(old) != _attribute(new):
                    yield _Switch(stack=stack, logical_id=logical_id, old=old, new=new)


def _expiry(table: Resource) -> Expiry:
    found = look_up(table, _PROPERTY)
    return found if isinstance(found, dict) else {}


def _attribute(expiry: Expiry) -> Any:
    """What items expire by; None where they do not."""
    return expiry.get("AttributeName") if is_true(expiry.get("Enabled")) else None


def _release(text: str, templates: Mapping[str, Template] | None = None) -> UpdateStep:
    return UpdateStep(base="release", templates=templates or {}, text=text)


def _overlaid(
    after: Stacks, templates: Mapping[str, Template], expiries: Iterable[tuple[_Switch, Expiry]]
) -> dict[str, Template]:
    """The templates of a step with these expiries."""
    found = dict(templates)
    for switch, expiry in expiries:
        template = found.get(switch.stack, after[switch.stack])
        table = template["Resources"][switch.logical_id]
        properties = {name: value for name, value in table["Properties"].items() if name != _PROPERTY}
        if expiry:
            properties[_PROPERTY] = dict(expiry)
        resources = {**template["Resources"], switch.logical_id: {**table, "Properties": properties}}
        found[switch.stack] = {**template, "Resources": resources}
    return found


def _is_live(before: Stacks, stacks: Stacks) -> bool:
    """Whether these templates say what is deployed; which nested templates the root names follows from them."""
    return before.keys() == stacks.keys() and all(
        _without_urls(before[name]) == _without_urls(stacks[name]) if name == ROOT else before[name] == stacks[name]
        for name in stacks
    )


def _without_urls(root: Template) -> Template:
    resources = {
        name: {key: value for key, value in each.items() if key != "Properties"}
        if each["Type"] == NESTED_STACK
        else each
        for name, each in root.get("Resources", {}).items()
    }
    return {**root, "Resources": resources}


def _describe(switches: Iterable[_Switch], text: str) -> str:
    return "; ".join(f"{switch.path}: {text} by {show(switch.old.get('AttributeName'))}" for switch in switches)


def _describe_last(switches: Iterable[_Switch]) -> str:
    coming = [switch for switch in switches if switch.comes]
    texts = (f"{switch.path}: items expire by {show(switch.new.get('AttributeName'))}" for switch in coming)
    return "; ".join(texts) or "the release itself"
