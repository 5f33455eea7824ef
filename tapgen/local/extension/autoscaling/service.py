"""The service on the wire: JSON 1.1 with ``X-Amz-Target: AnyScaleFrontendService.<Operation>``.

Source: Application Auto Scaling API reference. Of Lambda's namespace, a target is an alias or a version that exists,
and its dimension is ``lambda:function:ProvisionedConcurrency``; other namespaces are recorded as they are.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.autoscaling import records
from tapgen.local.extension.codedeploy import registration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.seams import Seam
    from tapgen.local.extension.settings import Settings

    Request = dict[str, Any]
    Response = tuple[int, dict[str, str], bytes]

SEAMS: tuple[Seam, ...] = (*registration.SEAMS, *records.SEAMS)

NAME = "application-autoscaling"


def install(settings: Settings) -> None:
    """Add the service."""
    del settings
    registration.register(NAME, ApplicationAutoScaling(), "AnyScaleFrontendService")


class ApplicationAutoScaling:
    """The service; what MiniStack asks of the module of one."""

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Response:
        """Answer one request."""
        del method, path, query_params
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        answer = _OPERATIONS.get(operation)
        if answer is None:
            return _refusal("UnknownOperationException", f"The embedded AWS does not offer {NAME}:{operation}")
        try:
            request = {**json.loads(body or b"{}"), "now": time.time()}
            return 200, dict(_HEADERS), json.dumps(answer(request)).encode()
        except records.Refused as error:
            return _refusal(error.code, str(error))

    def reset(self) -> None:
        """Forget everything."""
        records.clear()

    def get_state(self) -> dict[str, Any]:
        """What must survive a restart."""
        return records.dump()

    def load_persisted_state(self, data: dict[str, Any] | None) -> None:
        """Take back what ``get_state`` gave."""
        records.load(data or {})


def _register(request: Request) -> dict[str, Any]:
    return {"ScalableTargetARN": records.put_target(request)["ScalableTargetARN"]}


def _deregister(request: Request) -> dict[str, Any]:
    records.drop_target(request)
    return {}


def _put_policy(request: Request) -> dict[str, Any]:
    policy = records.put_policy(request)
    return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}


def _delete_policy(request: Request) -> dict[str, Any]:
    records.drop_policy(request)
    return {}


def _describe_targets(request: Request) -> dict[str, Any]:
    return {"ScalableTargets": [each for each in records.targets.values() if _is_wanted(each, request)]}


def _describe_policies(request: Request) -> dict[str, Any]:
    names = request.get("PolicyNames")
    found = [each for each in records.policies.values() if _is_wanted(each, request)]
    return {"ScalingPolicies": [each for each in found if not names or each["PolicyName"] in names]}


def _describe_activities(_: Request) -> dict[str, Any]:
    return {"ScalingActivities": []}


def _is_wanted(record: dict[str, Any], request: Request) -> bool:
    resources = request.get("ResourceIds") or ([request["ResourceId"]] if request.get("ResourceId") else [])
    return (
        record["ServiceNamespace"] == request.get("ServiceNamespace")
        and (not resources or record["ResourceId"] in resources)
        and request.get("ScalableDimension") in (None, record["ScalableDimension"])
    )


def _refusal(code: str, message: str) -> Response:
    return 400, dict(_HEADERS), json.dumps({"__type": code, "message": message}).encode()


_HEADERS = {"Content-Type": "application/x-amz-json-1.1"}  # copied for each response: MiniStack adds to it
_OPERATIONS: Mapping[str, Callable[[Request], dict[str, Any]]] = {
    "RegisterScalableTarget": _register,
    "DeregisterScalableTarget": _deregister,
    "DescribeScalableTargets": _describe_targets,
    "PutScalingPolicy": _put_policy,
    "DeleteScalingPolicy": _delete_policy,
    "DescribeScalingPolicies": _describe_policies,
    "DescribeScalingActivities": _describe_activities,
}
