"""What CloudWatch Logs refuses of an HTTP API's access log: its resource policy holds so many groups and no more.

Each group that logs are delivered to is an entry in one policy of the account and region, unless its name begins with
``/aws/vendedlogs/``, which one entry is enough for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ministack.services import apigateway

from tapgen.local.extension.cloudformation.service_rules.rule import Rule
from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tapgen.local.extension.cloudformation.service_rules.rule import Asked

SEAMS = (
    Seam(
        module="ministack.services.apigateway",
        attribute="_stages",
        parameters=None,
        gap="read only: the stages of this account and where they log",
    ),
)

_LARGEST = 5120
_SHARED = ":log-group:/aws/vendedlogs/"
_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "AWSLogDeliveryWrite",
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ["123456789012"]},
                "ArnLike": {"aws:SourceArn": ["arn:aws:logs:us-east-1:123456789012:*"]},
            },
        }
    ],
}


def delivery_fault(log_groups: Iterable[str]) -> str:
    """Why one log group more is refused; empty when the policy has room for all of these ARNs."""
    entries = {arn.removesuffix(":*") + ":log-stream:*" for arn in log_groups if _SHARED not in arn}
    size = len(json.dumps(_POLICY, separators=(",", ":"))) + sum(len(entry) + len('"",') for entry in entries)
    if size <= _LARGEST:
        return ""
    return (
        "Cannot enable logging. Policy document length breaking Cloudwatch Logs Constraints, either < 1 or > "
        f"{_LARGEST}"
    )


def _access_log(asked: Asked) -> str:
    wanted = (asked.properties.get("AccessLogSettings") or {}).get("DestinationArn")
    if not wanted or _SHARED in str(wanted):
        return ""
    stages = (stage for of_api in apigateway._stages.values() for stage in of_api.values())  # noqa: SLF001 - a seam
    logged = (str((stage.get("accessLogSettings") or {}).get("destinationArn", "")) for stage in stages)
    return delivery_fault({str(wanted), *filter(None, logged)})


RULES = (
    Rule(
        name="logs-delivery-policy-size",
        resource_type="AWS::ApiGatewayV2::Stage",
        source='CloudWatch Logs user guide, "Enable logging from AWS services", size limit of the resource policy',
        find=_access_log,
    ),
)
