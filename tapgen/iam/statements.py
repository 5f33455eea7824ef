"""One function per capability; each names the operation that needs it.

No action has a wildcard and every resource is an exact ARN. Where AWS offers no resource-level permission the statement
says so and a condition narrows it (Service Authorization Reference).
"""

from __future__ import annotations

from typing import Any

from awacs import awslambda, cloudwatch, codedeploy, dynamodb, kms, logs, s3, sqs, xray
from awacs.aws import Allow, Condition, Statement, StringEquals

from tapgen.iam import arns
from tapgen.naming import LIVE_ALIAS

Key = dict[str, Any]
"""A reference to the KMS key's ARN."""

_REGION = {"Ref": "AWS::Region"}
_ACCOUNT = {"Ref": "AWS::AccountId"}


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


def use_transactions(table: str) -> Statement:
    """Create, get, list, replace and delete a transaction; never a scan.

    PutItem covers the transaction that writes an idempotency record beside its transaction, too: DynamoDB authorises
    TransactWriteItems by its parts (DynamoDB developer guide, "IAM permissions" of transactions).
    """
    return Statement(
        Sid="UseTransactions",
        Effect=Allow,
        Action=[dynamodb.DeleteItem, dynamodb.GetItem, dynamodb.PutItem, dynamodb.Query],
        Resource=[arns.regional("dynamodb", f"table/{table}")],
    )


def archive_changes(bucket: str) -> Statement:
    """Write archive objects below the archive's prefix, and read those that more lines belong to; never delete one."""
    return Statement(
        Sid="ArchiveChanges",
        Effect=Allow,
        Action=[s3.GetObject, s3.PutObject],
        Resource=[arns.s3(f"{bucket}/transactions/*")],
    )


def send_dead_letters(queue: str) -> Statement:
    """Poison records, and the event source mapping's failure destination, which is written with the function's role.

    The function knows the queue by its name and asks for its URL.
    """
    return Statement(
        Sid="SendDeadLetters",
        Effect=Allow,
        Action=[sqs.GetQueueUrl, sqs.SendMessage],
        Resource=[arns.regional("sqs", queue)],
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


def use_table_key(key: Key, table: str) -> Statement:
    """Reads and writes of the encrypted table: DynamoDB uses the table's key for its caller."""
    return Statement(
        Sid="UseTableKey",
        Effect=Allow,
        Action=[kms.Decrypt],
        Resource=[key],
        Condition=Condition(
            StringEquals(
                {
                    "kms:ViaService": {"Fn::Sub": "dynamodb.${AWS::Region}.${AWS::URLSuffix}"},
                    "kms:EncryptionContext:aws:dynamodb:tableName": table,
                    "kms:EncryptionContext:aws:dynamodb:subscriberId": _ACCOUNT,
                }
            )
        ),
    )


def encrypt_archive(key: Key, bucket: str) -> Statement:
    """Archive objects are encrypted with the bucket's key (S3 bucket keys: the context is the bucket's ARN).

    Decrypt is for the object that is read before it is written over.
    """
    return Statement(
        Sid="EncryptArchive",
        Effect=Allow,
        Action=[kms.Decrypt, kms.GenerateDataKey],
        Resource=[key],
        Condition=Condition(
            StringEquals(
                {
                    "kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.${AWS::URLSuffix}"},
                    "kms:EncryptionContext:aws:s3:arn": arns.s3(bucket),
                }
            )
        ),
    )


def encrypt_dead_letters(key: Key) -> Statement:
    """Messages to the encrypted dead-letter queue; SQS needs both to reuse a data key (SQS guide, key management)."""
    return Statement(
        Sid="EncryptDeadLetters",
        Effect=Allow,
        Action=[kms.Decrypt, kms.GenerateDataKey],
        Resource=[key],
        Condition=Condition(StringEquals({"kms:ViaService": {"Fn::Sub": "sqs.${AWS::Region}.${AWS::URLSuffix}"}})),
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


def judge_deployments(application: str, groups: list[str]) -> Statement:
    """A hook asks which version is on trial and tells its verdict.

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
        Resource=[arns.regional("codedeploy", f"deploymentgroup:{application}/{group}") for group in groups],
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
