"""Looks at the stacks that an adoption is about, and at what is in them. Reads alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.deploy.adoption.sequence import Host
from tapgen.gates.templates import NESTED_STACK, ROOT
from tapgen.naming import adoption_stack

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mypy_boto3_cloudformation import CloudFormationClient

    from tapgen.engine.context import Context
    from tapgen.model import StackState


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What is there now."""

    root: StackState | None
    hosts: tuple[Host, ...]
    """Of what is wanted, and of whatever an earlier run has not nested."""
    nested: Mapping[str, str] = field(default_factory=dict)
    """Logical id → stack id of what the root holds."""

    def host(self, label: str) -> Host:
        """The host of a label."""
        return next(host for host in self.hosts if host.label == label)


def observe(context: Context, root_stack: str, labels: Collection[str], *, wanted: Collection[str]) -> Observed:
    """Look at the root and at the stacks of these labels.

    Args:
        context: Clients.
        root_stack: Its name.
        labels: Every nested stack of the release.
        wanted: Those of them, or the root, that something is adopted into.
    """
    client = context.aws.client("cloudformation")
    root = stacks.describe_stack(client, root_stack)
    held = stacks.list_resources(client, root.stack_id) if root and not root.is_empty else ()
    nested = {item.logical_id: item.physical_id for item in held if item.resource_type == NESTED_STACK}
    found = list(_hosts(client, root_stack, nested, labels=labels, wanted=wanted))
    if ROOT in wanted:
        inside = {item.logical_id: item.physical_id for item in held}
        found.insert(0, Host(label=ROOT, state=root, nested=True, held=inside))
    return Observed(root=root, hosts=tuple(found), nested=nested)


def _hosts(
    client: CloudFormationClient,
    root_stack: str,
    nested: Mapping[str, str],
    *,
    labels: Collection[str],
    wanted: Collection[str],
) -> Iterator[Host]:
    for label in labels:
        inside = nested.get(label)
        if label not in wanted and inside:
            continue
        state = stacks.describe_stack(client, inside or adoption_stack(root_stack, label))
        exists = state is not None and state.status != "DELETE_COMPLETE"
        if label in wanted or exists:
            yield Host(
                label=label,
                state=state if exists else None,
                nested=bool(inside),
                held=_held(client, state) if state and exists else {},
            )


def _held(client: CloudFormationClient, state: StackState) -> dict[str, str]:
    """What is in the stack; an import that was rolled back leaves its resources out."""
    if state.status in {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"}:
        return {}
    gone = {"DELETE_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "IMPORT_FAILED"}
    return {
        item.logical_id: item.physical_id
        for item in stacks.list_resources(client, state.stack_id)
        if item.physical_id and item.status not in gone
    }
