"""CodeDeploy in IAM: which action and which resource a request is, and AWS's managed policies for the service role.

Sources: CodeDeploy User Guide, "CodeDeploy permissions reference"; Service Authorization Reference, "Actions,
resources, and condition keys for AWS CodeDeploy"; the documents of AWSCodeDeployRoleForLambda and
AWSCodeDeployRoleForLambdaLimited.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import get_region
from ministack.services import iam

from tapgen.local.extension import seams
from tapgen.local.extension.codedeploy import arns
from tapgen.local.extension.codedeploy.errors import CodeDeployError
from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.local.extension.codedeploy.state import Store

_NAMESPACES = Seam(
    module="ministack.core.iam_actions",
    attribute="SERVICE_TO_IAM_NAMESPACE",
    parameters=None,
    gap="codedeploy is not in it, so its requests are authenticated and then all allowed; AWS authorises each",
)
_RESOURCE_ARN = Seam(
    module="ministack.core.iam_actions",
    attribute="extract_resource_arn",
    parameters=("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
    gap="answers * for codedeploy; AWS authorises on deploymentgroup, application and deploymentconfig ARNs",
)
_MANAGED_POLICIES = Seam(
    module="ministack.services.iam",
    attribute="_aws_managed_policies",
    parameters=None,
    gap="lacks AWSCodeDeployRoleForLambda and ...Limited, so a role that attaches them has no permission at all",
)
_MANAGED_RECORD = Seam(
    module="ministack.services.iam",
    attribute="_make_aws_managed_record",
    parameters=("name", "document"),
    gap="called only: the record of an AWS managed policy",
)
_ENFORCE = Seam(
    module="ministack.core.iam_evaluator",
    attribute="enforce",
    parameters=("access_key_id", "iam_action", "service", "region", "resource_arn"),
    gap="called only: whether a caller may do something, for what an operation needs besides its own permission",
)
_ACCESS_KEY = Seam(
    module="ministack.core.router",
    attribute="extract_access_key_id",
    parameters=("headers", "query_params"),
    gap="called only: the caller's access key id",
)
SEAMS = (_NAMESPACES, _RESOURCE_ARN, _MANAGED_POLICIES, _MANAGED_RECORD, _ENFORCE, _ACCESS_KEY)


def install(store: Store) -> None:
    """Authorise CodeDeploy's requests, and know its managed policies."""
    iam_actions.SERVICE_TO_IAM_NAMESPACE["codedeploy"] = "codedeploy"
    for name, actions in _ROLE_ACTIONS.items():
        record = iam._make_aws_managed_record(f"service-role/{name}", json.dumps(_document(actions)))  # noqa: SLF001 - a seam
        iam._aws_managed_policies[record["Arn"]] = record  # noqa: SLF001 - a seam
    original = seams.original(_RESOURCE_ARN)

    @functools.wraps(original)
    def extract_resource_arn(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> Any:
        if service != "codedeploy":
            return original(service, method, path, headers, body, *rest)
        return resource_arn(store, operation_of(headers), _read(body))

    seams.replace(_RESOURCE_ARN, extract_resource_arn)


def operation_of(headers: Mapping[str, str]) -> str:
    """The operation that a request names, ``GetDeployment`` for example."""
    return headers.get("x-amz-target", "").rpartition(".")[2]


def resource_arn(store: Store, operation: str, request: dict[str, Any]) -> str:
    """The resource that a request is authorised on.

    Operations that list everything are authorised on everything of a kind: an application may be called ``*``.
    """
    if request.get("ResourceArn"):
        return str(request["ResourceArn"])
    if "DeploymentConfig" in operation:
        return arns.config(str(request.get("deploymentConfigName") or "*"))
    if "Application" in operation:
        return arns.application(str(request.get("applicationName") or "*"))
    return arns.group(*_group(store, request))


def require_more(store: Store, headers: Mapping[str, str], request: dict[str, Any]) -> None:
    """Check what an operation needs besides the permission that bears its name.

    Raises:
        CodeDeployError: ``AccessDeniedException``.
    """
    for action, resource in _further(store, operation_of(headers), request):
        key = router.extract_access_key_id(headers, {})
        refusal = iam_evaluator.enforce(key, action, action.partition(":")[0], get_region(), resource_arn=resource)
        if refusal is not None:
            principal = getattr(refusal, "principal_arn", key)
            raise CodeDeployError(
                "AccessDeniedException",
                f"User: {principal} is not authorized to perform: {action} on resource: {resource}",
            )


def _further(store: Store, operation: str, request: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Actions and resources: a deployment registers its revision and reads its configuration, a group passes a role."""
    if operation == "CreateDeployment":
        application, name = _group(store, request)
        group = store.groups.get(f"{application}/{name}") or {}
        config = request.get("deploymentConfigName") or group.get("deploymentConfigName")
        if config:
            yield "codedeploy:GetDeploymentConfig", arns.config(str(config))
        yield "codedeploy:RegisterApplicationRevision", arns.application(application)
        if request.get("overrideAlarmConfiguration"):
            yield "codedeploy:UpdateDeploymentGroup", arns.group(application, name)
    if operation in ("CreateDeploymentGroup", "UpdateDeploymentGroup") and request.get("serviceRoleArn"):
        yield "iam:PassRole", str(request["serviceRoleArn"])


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _group(store: Store, request: dict[str, Any]) -> tuple[str, str]:
    """The application and the group of a request, or of the deployments that it names; ``*`` for all or several."""
    ids = [request["deploymentId"]] if request.get("deploymentId") else request.get("deploymentIds") or []
    known = [store.deployments.get(each) for each in ids]
    places = {(each.info["applicationName"], each.info["deploymentGroupName"]) for each in known if each}
    if ids:
        return places.pop() if len(places) == 1 else ("*", "*")
    names = request.get("deploymentGroupNames") or []
    name = request.get("deploymentGroupName") or request.get("currentDeploymentGroupName")
    return str(request.get("applicationName") or "*"), str(name or (names[0] if len(names) == 1 else "*"))


_LIMITED = (
    "cloudwatch:DescribeAlarms",
    "lambda:UpdateAlias",
    "lambda:GetAlias",
    "lambda:GetProvisionedConcurrencyConfig",
)
_ROLE_ACTIONS = {
    "AWSCodeDeployRoleForLambda": (*_LIMITED, "sns:Publish"),
    "AWSCodeDeployRoleForLambdaLimited": _LIMITED,
}


def _document(actions: tuple[str, ...]) -> dict[str, Any]:
    objects = ["s3:GetObject", "s3:GetObjectVersion"]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": list(actions), "Resource": "*"},
            {"Effect": "Allow", "Action": objects, "Resource": "arn:aws:s3:::*/CodeDeploy/*"},
            {
                "Effect": "Allow",
                "Action": objects,
                "Resource": "*",
                "Condition": {"StringEquals": {"s3:ExistingObjectTag/UseWithCodeDeploy": "true"}},
            },
            {
                "Effect": "Allow",
                "Action": ["lambda:InvokeFunction"],
                "Resource": "arn:aws:lambda:*:*:function:CodeDeployHook_*",
            },
        ],
    }
