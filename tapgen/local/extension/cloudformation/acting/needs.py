"""Which actions an operation on a resource needs: the type's handlers, restricted to the properties in use.

The handlers' calls are AWS's own (``handler_calls.json``, written by ``scripts/handler-calls`` from the published
schemas). Where ARNs come from is not known here.
"""

from __future__ import annotations

import functools
import json
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation.acting.further_calls import FURTHER_CALLS, SHIFT_CALLS
from tapgen.local.extension.cloudformation.acting.readings import READINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.local.extension.cloudformation.acting.operations import Operation

ALIAS = "AWS::Lambda::Alias"
SHIFT_POLICY = "CodeDeployLambdaAliasUpdate"

_TAKES_AWAY = re.compile(r":(Delete|Remove|Disable|Disassociate|Untag|Detach)")
_READS = re.compile(r":(Get|Describe|List)")


@functools.cache
def data() -> dict[str, Any]:
    """The data file: ``types``, ``actions``, ``keys`` and ``arns``."""
    text = resources.files(__package__).joinpath("handler_calls.json").read_text(encoding="utf-8")
    found_data: dict[str, Any] = json.loads(text)
    return found_data


def actions_of(operation: Operation) -> list[str]:
    """Every action that the operation needs, in the order of the alphabet; none of types without published handlers."""
    row = data()["types"].get(operation.resource_type, {})
    needed = {action for action in _listed(operation, row) if _is_called(operation, row, action)}
    return sorted(needed.union(_further(operation)))


def _listed(operation: Operation, row: Mapping[str, Any]) -> Iterator[str]:
    """What the handlers may call: an update reads first (CloudFormation CLI user guide, "Handler contract")."""
    yield from row.get(operation.handler, ())
    if operation.verb in ("update", "replace"):
        yield from row.get("read", ())
    if operation.verb == "update" and row.get("tags") and operation.touches(row["tags"]):
        yield from row.get("tagging", ())


def _is_called(operation: Operation, row: Mapping[str, Any], action: str) -> bool:
    if operation.resource_type == ALIAS and action.startswith("codedeploy:"):
        return is_shift(operation)
    if action in row.get("tagging", ()) and not _READS.search(action):
        return _tags_change(operation, row, action)
    properties = _properties(operation.resource_type, row, action)
    if properties is None:
        return True
    if operation.verb == "update" and _TAKES_AWAY.search(action):
        return operation.takes_away(*properties)
    return operation.touches(*properties)


def is_shift(operation: Operation) -> bool:
    """Whether CodeDeploy moves the alias (CloudFormation user guide, "UpdatePolicy attribute")."""
    return operation.verb == "update" and SHIFT_POLICY in operation.policy and operation.touches("FunctionVersion")


def _tags_change(operation: Operation, row: Mapping[str, Any], action: str) -> bool:
    """API Gateway's verbs are for tags and for everything else; what is only for tags needs tags."""
    if action.startswith("apigateway:"):
        return True
    names = _properties(operation.resource_type, row, action) or (row.get("tags", "Tags"),)
    removes = operation.verb == "update" and _TAKES_AWAY.search(action)
    return operation.takes_away(*names) if removes else operation.touches(*names)


def _properties(resource_type: str, row: Mapping[str, Any], action: str) -> tuple[str, ...] | None:
    """The properties that an action is for; None where it is called always."""
    read = _readings().get((resource_type, action))
    named = row.get("by", {}).get(action)
    return read if read is not None else (tuple(named) if named else None)


@functools.cache
def _readings() -> dict[tuple[str, str], tuple[str, ...]]:
    return {(reading.type, action): reading.properties for reading in READINGS for action in reading.named}


def _further(operation: Operation) -> Iterator[str]:
    for further in FURTHER_CALLS:
        ours = further.type == operation.resource_type and operation.handler in further.verbs.split()
        if ours and (not further.properties or operation.touches(*further.properties)):
            yield from further.named
    if operation.resource_type == ALIAS and is_shift(operation):
        yield from SHIFT_CALLS
