"""CodeDeploy in IAM: which action and which resource a request is, and AWS's managed policies for the service role.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS CodeDeploy", and the documents
of AWSCodeDeployRoleForLambda and AWSCodeDeployRoleForLambdaLimited.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from ministack.core import iam_actions
from ministack.services import iam

from tapgen.local.extension import seams
from tapgen.local.extension.codedeploy import arns
from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
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
SEAMS = (_NAMESPACES, _RESOURCE_ARN, _MANAGED_POLICIES, _MANAGED_RECORD)


def install(store: Store) -> None:
    """Authorise CodeDeploy's requests, and know its managed policies."""
    iam_actions.SERVICE_TO_IAM_NAMESPACE["codedeploy"] = "codedeploy"
    for name, actions in _ROLE_ACTIONS.items():
        record = iam._make_aws_managed_record(f"service-role/{name}", json.dumps(_document(actions)))  # noqa: SLF001 - a seam
        iam._aws_managed_policies[record["Arn"]] = record  # noqa: SLF001 - a seam
    original = seams.original(_RESOURCE_ARN)

    @functools.wraps(original)
    def extract_resource_arn(service: str, *arguments: Any, **named: Any) -> Any:
        if service != "codedeploy":
            return original(service, *arguments, **named)
        body = named.get("body", arguments[3] if len(arguments) > 3 else b"")
        return resource_arn(store, body)

    seams.replace(_RESOURCE_ARN, extract_resource_arn)


def resource_arn(store: Store, body: bytes) -> str:
    """The resource that a request is authorised on; ``*`` for the operations that list everything."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return "*"
    if request.get("ResourceArn"):
        return str(request["ResourceArn"])
    application, group = _names(store, request)
    if application and group:
        return arns.group(application, group)
    if application:
        return arns.application(application)
    if request.get("deploymentConfigName"):
        return arns.config(request["deploymentConfigName"])
    return "*"


def _names(store: Store, request: dict[str, Any]) -> tuple[str, str]:
    """The application and the group of a request; of a deployment's request, those of the deployment."""
    deployment_id = request.get("deploymentId") or next(iter(request.get("deploymentIds") or []), "")
    deployment = store.deployments.get(deployment_id) if deployment_id else None
    known = deployment.info if deployment else {}
    application = request.get("applicationName") or known.get("applicationName") or ""
    group = (
        request.get("deploymentGroupName")
        or request.get("currentDeploymentGroupName")
        or next(iter(request.get("deploymentGroupNames") or []), "")
        or known.get("deploymentGroupName")
        or ""
    )
    return str(application), str(group)


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
