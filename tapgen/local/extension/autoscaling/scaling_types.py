"""AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy, which MiniStack does not have.

Source: CloudFormation template reference: Ref of a target is ``resource|dimension|namespace``, Ref of a policy its ARN.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.autoscaling import records
from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.seams import original

if TYPE_CHECKING:
    from tapgen.local.extension.seams import Seam
    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]
    Made = tuple[str, Properties]

SEAMS: tuple[Seam, ...] = (*records.SEAMS, cfn.RESOURCE_HANDLERS)

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
_PLACE = ("ResourceId", "ScalableDimension", "ServiceNamespace")


def install(settings: Settings) -> None:
    """Add the types."""
    del settings
    handlers = original(cfn.RESOURCE_HANDLERS)
    handlers[TARGET] = {"create": _create_target, "update": _update_target, "delete": _delete_target}
    handlers[POLICY] = {"create": _create_policy, "update": _update_policy, "delete": _delete_policy}


def _create_target(logical_id: str, props: Properties, stack_name: str) -> Made:  # noqa: ARG001 - the signature of MiniStack's handlers
    records.put_target({**props, "now": time.time()})
    identifier = "|".join(str(props[part]) for part in _PLACE)
    return identifier, {"Id": identifier}


def _update_target(physical_id: str, old: Properties, new: Properties, stack_name: str) -> Made:  # noqa: ARG001 - the signature of MiniStack's handlers
    return _create_target("", new, stack_name)


def _delete_target(physical_id: str, props: Properties) -> None:  # noqa: ARG001 - the signature of MiniStack's handlers
    if records.key(_place(physical_id)) in records.targets:
        records.drop_target(_place(physical_id))


def _create_policy(logical_id: str, props: Properties, stack_name: str) -> Made:  # noqa: ARG001 - the signature of MiniStack's handlers
    place = _place(str(props.get("ScalingTargetId", ""))) if props.get("ScalingTargetId") else {}
    policy = records.put_policy({**place, **props, "now": time.time()})
    return policy["PolicyARN"], {"Arn": policy["PolicyARN"]}


def _update_policy(physical_id: str, old: Properties, new: Properties, stack_name: str) -> Made:  # noqa: ARG001 - the signature of MiniStack's handlers
    return _create_policy("", new, stack_name)


def _delete_policy(physical_id: str, props: Properties) -> None:  # noqa: ARG001 - the signature of MiniStack's handlers
    records.policies.pop(physical_id, None)


def _place(identifier: str) -> Properties:
    return dict(zip(_PLACE, identifier.split("|"), strict=False))
