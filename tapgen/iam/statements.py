"""One function per capability; each names the operation that needs it.

No action has a wildcard and every resource is an exact ARN. Where AWS offers no resource-level permission the statement
says so and a condition narrows it (Service Authorization Reference).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs import awslambda, cloudwatch, codedeploy, dynamodb, ec2, kms, logs, xray
from awacs.aws import Action, Allow, Condition, Statement, StringEquals

from tapgen.iam import arns
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

Key = dict[str, Any] | str
"""The KMS key's ARN, or a reference to it."""

_REGION = {"Ref": "AWS::Region"}


def write_own_logs(log_group: str) -> Statement:
    """Every invocation: the Lambda service writes the function's output with the function's role.

    The template makes the log group, so CreateLogGroup is not among the actions.
    """
    return Statement(
        Sid="WriteOwnLogs",
        Effect=Allow,
        Action=[logs.CreateLogStream, logs.PutLogEvents],
        Resource=[arns.regional("logs", f"log-group:{log_group}:*")],
    )


def send_traces() -> Statement:
    """Active tracing: the Lambda service sends segments with the function's role.

    X-Ray offers no resource-level permission for these actions; the region is what a condition can narrow.
    """
    return Statement(
        Sid="SendTracesNoResourceLevel",
        Effect=Allow,
        Action=[xray.PutTelemetryRecords, xray.PutTraceSegments],
        Resource=["*"],
        Condition=Condition(StringEquals({"aws:RequestedRegion": _REGION})),
    )


def attach_to_network() -> Statement:
    """A function in a VPC: Lambda makes and deletes network interfaces with the function's role.

    None of these actions has a resource that is known before (Lambda developer guide, "VPC", execution role).
    """
    return Statement(
        Sid="AttachToNetworkNoResourceLevel",
        Effect=Allow,
        Action=[
            ec2.CreateNetworkInterface,
            ec2.DeleteNetworkInterface,
            ec2.DescribeNetworkInterfaces,
            ec2.DescribeSubnets,
        ],
        Resource=["*"],
        Condition=Condition(StringEquals({"aws:RequestedRegion": _REGION})),
    )


def read_stream(stream_arn: Any) -> tuple[Statement, Statement]:
    """The event source mapping reads the table's stream with the function's role.

    ListStreams has no resource-level permission (Service Authorization Reference, DynamoDB).
    """
    read = Statement(
        Sid="ReadStream",
        Effect=Allow,
        Action=[dynamodb.DescribeStream, dynamodb.GetRecords, dynamodb.GetShardIterator],
        Resource=[stream_arn],
    )
    find = Statement(
        Sid="FindStreamNoResourceLevel",
        Effect=Allow,
        Action=[dynamodb.ListStreams],
        Resource=["*"],
        Condition=Condition(StringEquals({"aws:RequestedRegion": _REGION})),
    )
    return read, find


def needed_key_actions(needs: Mapping[str, Collection[Action]], actions: Iterable[str]) -> list[Action]:
    """What actions on encrypted data need of its key, in one order: that of a set differs from process to process.

    Args:
        needs: Action on the data → actions on the key.
        actions: Those that are granted.
    """
    found = {each for action in actions for each in needs.get(action, ())}
    return sorted(found, key=lambda action: str(action.JSONrepr()))


def decrypt_environment(key: Key, function: str) -> Statement:
    """Cold start: Lambda decrypts the function's environment variables with the function's role."""
    context = {"kms:EncryptionContext:aws:lambda:FunctionArn": arns.regional("lambda", f"function:{function}")}
    return Statement(
        Sid="DecryptEnvironment",
        Effect=Allow,
        Action=[kms.Decrypt],
        Resource=[key],
        Condition=Condition(StringEquals(context)),
    )


def shift_traffic(functions: list[str]) -> tuple[Statement, Statement]:
    """CodeDeploy reads and moves the live aliases of these functions.

    Lambda authorises GetAlias and UpdateAlias against the function, GetProvisionedConcurrencyConfig against the alias
    (Service Authorization Reference, Lambda). CodeDeploy asks the latter before it moves traffic.
    """
    move = Statement(
        Sid="MoveLiveAliases",
        Effect=Allow,
        Action=[awslambda.GetAlias, awslambda.UpdateAlias],
        Resource=[arns.regional("lambda", f"function:{function}") for function in functions],
    )
    look = Statement(
        Sid="ReadProvisionedConcurrency",
        Effect=Allow,
        Action=[awslambda.GetProvisionedConcurrencyConfig],
        Resource=[arns.regional("lambda", f"function:{function}:{LIVE_ALIAS}") for function in functions],
    )
    return move, look


def invoke_hooks(hooks: list[str]) -> Statement:
    """CodeDeploy calls the hooks of a shift by their names, so that Lambda authorises against the functions."""
    return Statement(
        Sid="InvokeHooks",
        Effect=Allow,
        Action=[awslambda.InvokeFunction],
        Resource=[arns.regional("lambda", f"function:{hook}") for hook in hooks],
    )


def judge_deployments(groups: Sequence[tuple[str, str]]) -> Statement:
    """A hook asks which version is on trial and tells its verdict, of groups as (application, group).

    All three are authorised against the deployment's group (Service Authorization Reference, CodeDeploy).
    """
    return Statement(
        Sid="JudgeDeployments",
        Effect=Allow,
        Action=[
            codedeploy.GetDeploymentTarget,
            codedeploy.ListDeploymentTargets,
            codedeploy.PutLifecycleEventHookExecutionStatus,
        ],
        Resource=[
            arns.regional("codedeploy", f"deploymentgroup:{application}/{group}") for application, group in groups
        ],
    )


def try_versions(functions: list[str]) -> Statement:
    """A hook invokes versions of these functions, and their live aliases.

    ``:*`` stands for a qualifier: the number of a version that is yet to be published is not known (Lambda developer
    guide, "fine-tuning the resources and conditions of policies").
    """
    return Statement(
        Sid="TryVersions",
        Effect=Allow,
        Action=[awslambda.InvokeFunction],
        Resource=[arns.regional("lambda", f"function:{function}:*") for function in functions],
    )


def watch_alarms() -> Statement:
    """CodeDeploy polls the guard alarms.

    CloudWatch authorises DescribeAlarms against ``alarm:*`` whatever names are asked for (CloudWatch user guide,
    "permissions reference"), so this account and region are as narrow as it gets. Naming the alarms would also move the
    permission into the update that makes them, and IAM is eventually consistent: a shift seconds later could fail.
    """
    return Statement(
        Sid="WatchAlarms",
        Effect=Allow,
        Action=[cloudwatch.DescribeAlarms],
        Resource=[arns.regional("cloudwatch", "alarm:*")],
    )
