"""What roles of any service may need at run time, service by service: the rows of the permissions boundary.

Data-plane actions alone, each by its name. Who really gets which of them stands in the roles' own policies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tapgen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"
_IN_REGION = {"StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}


@dataclass(frozen=True, kw_only=True)
class Family:
    """Actions of one service that some kind of part may need at run time.

    Attributes:
        sid: Of its statement; families with the same one share it, and must have the same resources and condition.
        actions: By name, no pattern: ``GetItem PutItem``.
        resources: Patterns; ``{p}`` stands for what the names of all deployments of the environment begin with,
            ``{roles}`` for all of their roles.
        reason: Who needs it.
        condition: What narrows it.
        existing: Whether ARNs of the service that somebody else made and that this one uses belong to it.
    """

    sid: str
    actions: str
    resources: tuple[str, ...]
    reason: str
    condition: Mapping[str, Any] = field(default_factory=dict)
    existing: bool = False

    @property
    def service(self) -> str:
        """``dynamodb``."""
        return self.actions.partition(":")[0]

    @property
    def named(self) -> list[str]:
        """``dynamodb:GetItem`` …"""
        service, _, names = self.actions.partition(":")
        return [f"{service}:{name}" for name in names.split()]


def _here(service: str, *resources: str) -> tuple[str, ...]:
    return tuple(_HERE % service + resource for resource in resources)


_FAMILIES: list[Family] = [
    Family(
        sid="Tables",
        actions=(
            "dynamodb:BatchGetItem BatchWriteItem ConditionCheckItem DeleteItem DescribeStream DescribeTable GetItem "
            "GetRecords GetShardIterator PutItem Query Scan UpdateItem"
        ),
        # Of indexes and streams, too: their ARNs begin with the table's.
        resources=_here("dynamodb", "table/{p}-*"),
        reason="items, indexes and streams of the service's tables",
        existing=True,
    ),
    Family(
        sid="Objects",
        actions=(
            "s3:AbortMultipartUpload DeleteObject DeleteObjectVersion GetObject GetObjectTagging GetObjectVersion "
            "ListBucket ListMultipartUploadParts PutObject PutObjectTagging"
        ),
        # Of objects, too: their ARNs begin with the bucket's.
        resources=("arn:${AWS::Partition}:s3:::{p}-*",),
        reason="objects in the service's buckets",
        existing=True,
    ),
    Family(
        sid="Queues",
        actions=("sqs:ChangeMessageVisibility DeleteMessage GetQueueAttributes GetQueueUrl ReceiveMessage SendMessage"),
        resources=_here("sqs", "{p}-*"),
        reason="messages of the service's queues; destinations and dead letters are sent with the function's role",
        existing=True,
    ),
    Family(
        sid="Topics",
        actions="sns:Publish",
        resources=_here("sns", "{p}-*"),
        reason="messages to the service's topics",
        existing=True,
    ),
    Family(
        sid="Functions",
        actions="lambda:GetAlias GetProvisionedConcurrencyConfig InvokeFunction UpdateAlias",
        resources=_here("lambda", "function:{p}-*", "function:CodeDeployHook_{p}-*"),
        reason="functions call one another, hooks try versions, and CodeDeploy moves aliases",
        existing=True,
    ),
    Family(
        sid="Events",
        actions="events:PutEvents",
        resources=_here("events", "event-bus/{p}-*", "event-bus/default"),
        reason="events to the service's buses and to the account's",
        existing=True,
    ),
    Family(
        sid="Schedules",
        actions="scheduler:CreateSchedule DeleteSchedule GetSchedule UpdateSchedule",
        resources=_here("scheduler", "schedule/{p}-*"),
        reason="schedules that a function makes at run time, in a group of the service",
    ),
    Family(
        sid="SchedulesRoles",
        actions="iam:PassRole",
        resources=("{roles}",),
        reason="EventBridge Scheduler assumes the role of a schedule that a function makes",
        condition={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
    ),
    Family(
        sid="Secrets",
        actions="secretsmanager:DescribeSecret GetSecretValue",
        resources=_here("secretsmanager", "secret:{p}*"),
        reason="the service's secrets, read at run time",
        existing=True,
    ),
    Family(
        sid="Parameters",
        actions="ssm:GetParameter GetParameters GetParametersByPath",
        resources=_here("ssm", "parameter/{p}*"),
        reason="the service's parameters, read at run time",
        existing=True,
    ),
    Family(
        sid="KeysThroughServices",
        actions="kms:Decrypt DescribeKey Encrypt GenerateDataKey ReEncryptFrom ReEncryptTo",
        resources=_here("kms", "key/*"),
        reason="AWS's services use a part's key for their caller",
        condition={"StringLike": {"kms:ViaService": ["*.${AWS::Region}.${AWS::URLSuffix}"]}},
    ),
    Family(
        sid="Keys",
        actions="kms:Decrypt",
        resources=_here("kms", "key/*"),
        reason="Lambda decrypts a function's variables with the function's role",
        condition={
            "ArnLike": {
                "kms:EncryptionContext:aws:lambda:FunctionArn": _here("lambda", "function:*{p}-*"),
            }
        },
    ),
    Family(
        sid="Logs",
        actions="logs:CreateLogStream PutLogEvents",
        resources=_here("logs", "log-group:*{p}-*"),
        reason="Lambda delivers a function's log with the function's role",
    ),
    Family(
        sid="Shifts",
        actions="codedeploy:GetDeploymentTarget ListDeploymentTargets PutLifecycleEventHookExecutionStatus",
        resources=_here("codedeploy", "deploymentgroup:{p}-*"),
        reason="hooks ask what is on trial and tell their verdict",
    ),
    Family(
        sid="Region",
        actions="dynamodb:ListStreams",
        resources=("*",),
        reason="Lambda looks for the stream that it polls; no resource level",
        condition=_IN_REGION,
    ),
    Family(
        sid="Region",
        actions="xray:GetSamplingRules GetSamplingTargets PutTelemetryRecords PutTraceSegments",
        resources=("*",),
        reason="traces; no resource level",
        condition=_IN_REGION,
    ),
    Family(
        sid="Region",
        actions="cloudwatch:DescribeAlarms PutMetricData",
        resources=("*",),
        reason="CodeDeploy watches the guards, a function sends metrics; authorised against everything of the account",
        condition=_IN_REGION,
    ),
    Family(
        sid="Region",
        actions=(
            "ec2:AssignPrivateIpAddresses CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces "
            "DescribeSecurityGroups DescribeSubnets DescribeVpcs UnassignPrivateIpAddresses"
        ),
        resources=("*",),
        reason="Lambda attaches functions to a VPC with their roles (developer guide, 'Required IAM permissions')",
        condition=_IN_REGION,
    ),
]


def register(*families: Family) -> None:
    """Add what the roles of a part kind need: at its import, before anything is rendered.

    Raises:
        RenderError: A statement of that name is there, and says something else.
    """
    for family in families:
        known = next((other for other in _FAMILIES if other.sid == family.sid), None)
        if known is None or (known.resources, known.condition) == (family.resources, family.condition):
            if family not in _FAMILIES:
                _FAMILIES.append(family)
            continue
        raise RenderError(
            f"two families of actions are called {family.sid}, with different resources",
            why="families of one name share a statement of the permissions boundary",
            hint="give the part kind's family a name of its own",
            code="family-twice",
        )


def families() -> tuple[Family, ...]:
    """All of them."""
    return tuple(_FAMILIES)
