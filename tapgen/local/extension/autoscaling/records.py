"""What is registered: scalable targets and scaling policies, by account and region, in the API's own shape."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region
from ministack.services import lambda_svc

from tapgen.local.extension.seams import Seam

Record = dict[str, Any]

SEAMS = (
    Seam(module="ministack.core.responses", attribute="AccountRegionScopedDict", parameters=None, gap="used: a store"),
    Seam(
        module="ministack.services.lambda_svc", attribute="_functions", parameters=None, gap="read only: the functions"
    ),
)

targets = AccountRegionScopedDict()
"""``namespace|resource|dimension`` → target."""
policies = AccountRegionScopedDict()
"""Policy ARN → policy."""

_PLACE = ("ServiceNamespace", "ResourceId", "ScalableDimension")
_PROVISIONED = "lambda:function:ProvisionedConcurrency"
_ROLE = (
    "arn:aws:iam::{account}:role/aws-service-role/lambda.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency"
)


class Refused(Exception):  # noqa: N818 - the caller's fault, not the service's
    """What the service refuses.

    Attributes:
        code: The error's code.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def key(request: Record) -> str:
    """Where a target is kept."""
    return "|".join(str(request.get(part, "")) for part in _PLACE)


def put_target(request: Record) -> Record:
    """Register a target, or change one.

    Raises:
        Refused: Its place or its capacities make no sense.
    """
    _require_place(request)
    known = targets.get(key(request)) or {}
    found = {
        **{part: request[part] for part in _PLACE},
        "RoleARN": request.get("RoleARN") or known.get("RoleARN") or _ROLE.format(account=get_account_id()),
        "MinCapacity": int(request.get("MinCapacity", known.get("MinCapacity", 0))),
        "MaxCapacity": int(request.get("MaxCapacity", known.get("MaxCapacity", 0))),
        "CreationTime": known.get("CreationTime") or request["now"],
        "SuspendedState": request.get("SuspendedState") or known.get("SuspendedState") or _running(),
    }
    if found["MinCapacity"] > found["MaxCapacity"]:
        raise Refused("ValidationException", "Maximum capacity cannot be less than minimum capacity")
    arn = known.get("ScalableTargetARN") or (
        f"arn:aws:application-autoscaling:{get_region()}:{get_account_id()}:scalable-target/{uuid.uuid4().hex[:12]}"
    )
    targets[key(request)] = {**found, "ScalableTargetARN": arn}
    return found | {"ScalableTargetARN": arn}


def drop_target(request: Record) -> None:
    """Deregister a target with its policies.

    Raises:
        Refused: There is none.
    """
    if targets.pop(key(request), None) is None:
        raise _absent("scalable target", key(request))
    for arn, policy in list(policies.items()):
        if key(policy) == key(request):
            del policies[arn]


def put_policy(request: Record) -> Record:
    """Make a policy of a target, or change one of the same name.

    Raises:
        Refused: There is no such target, or the policy has no kind.
    """
    if key(request) not in targets:
        raise Refused(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {request.get('ServiceNamespace')}, resource ID: "
            f"{request.get('ResourceId')}, scalable dimension: {request.get('ScalableDimension')}",
        )
    kind = request.get("PolicyType", "StepScaling")
    if kind == "TargetTrackingScaling" and not request.get("TargetTrackingScalingPolicyConfiguration"):
        raise Refused("ValidationException", "TargetTrackingScaling requires TargetTrackingScalingPolicyConfiguration")
    known = find_policy(request)
    arn = known.get("PolicyARN") or (
        f"arn:aws:autoscaling:{get_region()}:{get_account_id()}:scalingPolicy:{uuid.uuid4()}:resource/"
        f"{request['ServiceNamespace']}/{request['ResourceId']}:policyName/{request['PolicyName']}"
    )
    optional = ("TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration")
    policies[arn] = {
        **{part: request[part] for part in _PLACE},
        "PolicyARN": arn,
        "PolicyName": request["PolicyName"],
        "PolicyType": kind,
        **{part: request[part] for part in optional if request.get(part)},
        "Alarms": [],
        "CreationTime": known.get("CreationTime") or request["now"],
    }
    found: Record = policies[arn]
    return found


def find_policy(request: Record) -> Record:
    """The policy of this name and place; empty when there is none."""
    for policy in policies.values():
        if key(policy) == key(request) and policy["PolicyName"] == request.get("PolicyName"):
            found: Record = policy
            return found
    return {}


def drop_policy(request: Record) -> None:
    """Delete a policy.

    Raises:
        Refused: There is none.
    """
    found = find_policy(request)
    if not found:
        raise _absent("scaling policy", str(request.get("PolicyName")))
    del policies[found["PolicyARN"]]


def dump() -> Record:
    """Everything that must survive a restart."""
    return {"targets": copy.deepcopy(targets), "policies": copy.deepcopy(policies)}


def load(state: Record) -> None:
    """Take back what ``dump`` gave."""
    targets.update(state.get("targets", {}))
    policies.update(state.get("policies", {}))


def clear() -> None:
    """Forget everything."""
    targets.clear()
    policies.clear()


def _require_place(request: Record) -> None:
    missing = next((part for part in _PLACE if not request.get(part)), "")
    if missing:
        raise Refused("ValidationException", f"{missing} is missing")
    if request["ServiceNamespace"] != "lambda":
        return
    kind, _, rest = str(request["ResourceId"]).partition(":")
    name, _, qualifier = rest.partition(":")
    function = lambda_svc._functions.get(name)  # noqa: SLF001 - a seam
    published = {*((function or {}).get("aliases") or ()), *((function or {}).get("versions") or ())}
    if kind != "function" or request["ScalableDimension"] != _PROVISIONED or qualifier not in published:
        raise Refused(
            "ValidationException",
            f"Unsupported service namespace, resource type or scalable dimension: {key(request)}; Lambda scales "
            f"{_PROVISIONED} of function:NAME:ALIAS",
        )


def _running() -> Record:
    return dict.fromkeys(
        ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"), False
    )


def _absent(what: str, name: str) -> Refused:
    return Refused("ObjectNotFoundException", f"No {what} found for {name}")
