"""On which resources an action is authorised: AWS's ARN formats, filled with the names of what an operation is about.

The formats and which action acts on which of them are the Service Authorization Reference's (``handler_calls.json``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen.local.extension.cloudformation.acting import api_paths
from tapgen.local.extension.cloudformation.acting.names import names_of
from tapgen.local.extension.cloudformation.acting.needs import data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tapgen.local.extension.cloudformation.acting.operations import Operation
    from tapgen.local.extension.cloudformation.acting.place import Place

_OF_PLACE = frozenset({"Partition", "Region", "Account"})
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")

_GROUP = "arn:${Partition}:codedeploy:${Region}:${Account}:deploymentgroup:${ApplicationName}/${DeploymentGroupName}"

# Where AWS authorises on something else than the reference says.
_OBSERVED = {
    # CloudWatch user guide, "CloudWatch permissions reference": all alarms, whichever are asked for.
    "cloudwatch:DescribeAlarms": "arn:${Partition}:cloudwatch:${Region}:${Account}:alarm:*",
    # CodeDeploy user guide, "CodeDeploy permissions reference"; the reference names no resource type.
    "codedeploy:StopDeployment": _GROUP,
    # CloudWatch Logs answers a refusal with this ARN, and its user guide's policies name log-group:*.
    "logs:DescribeLogGroups": "arn:${Partition}:logs:${Region}:${Account}:log-group::log-stream:",
}


def arns_of(operation: Operation, action: str, place: Place) -> list[str]:
    """The ARNs that an action is authorised on, ``["*"]`` where it has no resource; empty where none is known."""
    named = [{**place.names, **names} for names in names_of(operation)]
    if action in _OBSERVED:
        return [arn for arn in (_fill(_OBSERVED[action], names) for names in named) if arn][:1]
    if action.startswith("apigateway:"):
        return [_gateway(path, place) for path in api_paths.paths_of(operation, action.partition(":")[2], place)]
    types = data()["actions"].get(action, "").split()
    if not types:
        return ["*"]
    required = _filled(action, [name.rstrip("*") for name in types if name.endswith("*")], named)
    optional = _filled(action, [name for name in types if not name.endswith("*")], named)
    return _listed(required) or _listed(_meant(operation, optional))


def _filled(action: str, types: Sequence[str], named: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """Resource type → the ARNs that can be told of it."""
    service = action.partition(":")[0]
    patterns = {kind: data()["arns"].get(f"{service}:{kind}", "") for kind in types}
    found = {kind: [arn for names in named if (arn := _fill(patterns[kind], names))] for kind in types}
    return {kind: arns for kind, arns in found.items() if arns}


def _meant(operation: Operation, optional: dict[str, list[str]]) -> dict[str, list[str]]:
    """Of resource types that an action may act on, the one that is the resource's; else all of them."""
    own = {kind: arns for kind, arns in optional.items() if kind.replace("_", "").lower() == operation.kind.lower()}
    return own or optional


def _listed(found: Mapping[str, list[str]]) -> list[str]:
    return _narrowest(list(dict.fromkeys(arn for arns in found.values() for arn in arns)))


def _fill(pattern: str, names: Mapping[str, str]) -> str:
    """The ARN, or nothing where a placeholder has no value."""
    wanted = set(_PLACEHOLDER.findall(pattern))
    if not wanted - _OF_PLACE and pattern not in _OBSERVED.values():
        return ""  # of the account as a whole, which no resource of a template is
    if not wanted <= set(names):
        return ""
    return _PLACEHOLDER.sub(lambda match: names[match[1]], pattern)


def _narrowest(arns: list[str]) -> list[str]:
    """Without those that another one begins with: an alias is meant, and not its function as well."""
    return [arn for arn in arns if not any(other != arn and other.startswith(f"{arn}:") for other in arns)]


def _gateway(path: str, place: Place) -> str:
    return f"arn:{place.partition}:apigateway:{place.region}::{path}"
