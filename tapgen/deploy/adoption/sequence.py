"""Which step of an adoption is next, from what is there. Pure: whoever was killed goes on from here.

For each nested stack with something to adopt::

    the nested stack exists ──────────────► import into it
    it does not ─► a stack of its own ─► import into that ─► update its tags ─► make the root ─► nest it

A stack that has only imported so far cannot be nested (CloudFormation answers "not in an importable status"); an update
of its tags makes it UPDATE_COMPLETE.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tapgen.gates.templates import ROOT
from tapgen.naming import adoption_stack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tapgen.model import StackState

_NESTABLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
_CLEARED = {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_FAILED"}
"""What a run that was killed, or an import that failed, leaves of a new stack: nothing is in it."""

Action = Literal["wait", "clear", "import", "update", "make-root", "nest"]


@dataclass(frozen=True, kw_only=True)
class Host:
    """The stack that the parts of one template are imported into, as it is now.

    Attributes:
        label: Logical id of the nested stack; ``root`` for the root itself.
        state: None where it does not exist.
        nested: Whether it is where it belongs: the root, or nested in it.
        held: Logical id → physical id of what is in it.
    """

    label: str
    state: StackState | None
    nested: bool
    held: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One change set, or one wait.

    Attributes:
        action: What is done.
        label: Of the host that it is done with; ``root`` for the root.
        parts: Logical ids to import.
        text: What is done, in words.
    """

    action: Action
    label: str
    parts: tuple[str, ...] = ()
    text: str


def next_steps(
    root: StackState | None, hosts: Sequence[Host], wanted: Mapping[str, Sequence[str]], *, root_stack: str
) -> tuple[Step, ...]:
    """What is left to do, in order; the first is safe to do now, the others follow from it.

    Args:
        root: The root stack; None where there is none.
        hosts: One for each label of ``wanted``, and for each stack that an earlier run has not nested.
        wanted: Label → logical ids to import.
        root_stack: Name of the root.
    """
    ordered = sorted(hosts, key=lambda host: (not host.nested, host.label))
    if root is not None and root.in_progress:
        waiting = Step(action="wait", label=ROOT, text=f"wait for {root_stack}, which is {root.status}")
        return (waiting,)
    steps = [step for host in ordered for step in _of_host(host, wanted.get(host.label, ()), root_stack)]
    standing = [host.label for host in ordered if not host.nested]
    if standing:
        made = any(host.label == ROOT for host in hosts)
        if (root is None or root.is_empty) and not made:
            steps.append(Step(action="make-root", label=ROOT, text=f"create {root_stack}, with nothing in it yet"))
        names = ", ".join(adoption_stack(root_stack, label) for label in standing)
        steps.append(Step(action="nest", label=ROOT, parts=tuple(standing), text=f"nest {names} in {root_stack}"))
    return tuple(steps)


def host_name(root_stack: str, label: str) -> str:
    """What a host is called that does not exist yet."""
    return root_stack if label == ROOT else adoption_stack(root_stack, label)


def missing(host: Host, wanted: Iterable[str]) -> tuple[str, ...]:
    """What of it the host does not hold yet."""
    return tuple(logical_id for logical_id in wanted if logical_id not in host.held)


def _of_host(host: Host, wanted: Sequence[str], root_stack: str) -> list[Step]:
    name = host.state.name if host.state else host_name(root_stack, host.label)
    state = host.state
    steps: list[Step] = []
    if state is not None and state.in_progress:
        steps.append(Step(action="wait", label=host.label, text=f"wait for {name}, which is {state.status}"))
    if state is not None and not host.nested and state.status in _CLEARED:
        steps.append(Step(action="clear", label=host.label, text=f"delete {name}, in which nothing is"))
        state = None
    absent = missing(host, wanted)
    if absent:
        what = ", ".join(absent)
        steps.append(Step(action="import", label=host.label, parts=absent, text=f"import {what} into {name}"))
    if not host.nested and (absent or state is None or state.status not in _NESTABLE):
        steps.append(
            Step(action="update", label=host.label, text=f"update the tags of {name}, so that it can be nested")
        )
    return steps
