"""The KMS key's policy: administered by the account, used only through the services that hold the data.

A key policy's resource ``*`` is the key itself (KMS developer guide, "Key policies").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs import kms
from awacs.aws import Allow, ArnEquals, Bool, Condition, PolicyDocument, Principal, Statement, StringEquals

from tapgen.iam import arns
from tapgen.iam.roles import document
from tapgen.parts.deliveries import list_senders
from tapgen.parts.names import make_arn
from tapgen.parts.secret.model import Secret
from tapgen.parts.topic.model import Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.naming import Names
    from tapgen.service.model import Model

SEVERITIES = ("warning", "critical")
"""The notification topics, which are encrypted with this key."""

_ACCOUNT = {"Ref": "AWS::AccountId"}
_THIS_KEY = ["*"]

_ADMINISTRATION = [
    kms.CancelKeyDeletion,
    kms.CreateAlias,
    kms.DeleteAlias,
    kms.DescribeKey,
    kms.DisableKey,
    kms.DisableKeyRotation,
    kms.EnableKey,
    kms.EnableKeyRotation,
    kms.GetKeyPolicy,
    kms.GetKeyRotationStatus,
    kms.ListAliases,
    kms.ListGrants,
    kms.ListKeyPolicies,
    kms.ListResourceTags,
    kms.PutKeyPolicy,
    kms.RevokeGrant,
    kms.ScheduleKeyDeletion,
    kms.TagResource,
    kms.UntagResource,
    kms.UpdateAlias,
    kms.UpdateKeyDescription,
]
# What DynamoDB asks for on its caller's behalf is the longest list (DynamoDB developer guide, "usage notes" of
# encryption at rest).
_USE = [kms.Decrypt, kms.DescribeKey, kms.Encrypt, kms.GenerateDataKey, kms.ReEncryptFrom, kms.ReEncryptTo]
# DescribeKey carries no encryption context, so under a condition on it the guide's DescribeKey allows nothing.
_USE_IN_CONTEXT = [action for action in _USE if action is not kms.DescribeKey]
_SERVICES = ("dynamodb", "lambda", "s3", "sqs")
_GRANTING_SERVICES = ("dynamodb", "lambda")


def build_key_policy(names: Names, service: Model) -> PolicyDocument:
    """The policy document."""
    return document(
        [
            _administer(),
            _use_through_services(service),
            _grant_to_services(),
            _decrypt_environments(names, service),
            _encrypt_logs(names, service),
            _publish_alarms(names),
            _publish_events(names),
            *_deliver(names, service),
        ]
    )


def _administer() -> Statement:
    return Statement(
        Sid="AdministerByAccount",
        Effect=Allow,
        Principal=Principal("AWS", arns.iam("root")),
        Action=_ADMINISTRATION,
        Resource=_THIS_KEY,
    )


def _use_through_services(service: Model) -> Statement:
    """IAM policies of this account count, but only for calls that the data's own services make."""
    return Statement(
        Sid="UseThroughServices",
        Effect=Allow,
        Principal=Principal("AWS", arns.iam("root")),
        Action=_USE,
        Resource=_THIS_KEY,
        Condition=Condition(StringEquals(_through(_services(service)))),
    )


def _services(service: Model) -> tuple[str, ...]:
    """The services that hold the data of this service's kinds of parts."""
    used = ((Secret, "secretsmanager"), (Topic, "sns"))
    return (*_SERVICES, *(name for kind, name in used if service.of(kind)))


def _deliver(names: Names, service: Model) -> Iterator[Statement]:
    """AWS's services encrypt what they send to this service's queues (SQS developer guide, "key management")."""
    queues: dict[str, list[object]] = {}
    # A queue with a key of others has its senders in that key's policy, which its owner writes.
    for sender in (each for each in list_senders(names, service) if not each.queue.key_arn):
        found = queues.setdefault(sender.principal, [])
        arn = make_arn(names, sender.queue)
        if arn not in found:
            found.append(arn)
    for principal, found in queues.items():
        yield Statement(
            Sid=f"Deliver{principal.partition('.')[0].title()}",
            Effect=Allow,
            Principal=Principal("Service", principal),
            Action=[kms.Decrypt, kms.GenerateDataKey],
            Resource=_THIS_KEY,
            Condition=Condition(ArnEquals({"kms:EncryptionContext:aws:sqs:arn": found})),
        )


def _grant_to_services() -> Statement:
    """DynamoDB and Lambda work in the background with grants that they make for themselves, and for nobody else."""
    return Statement(
        Sid="GrantToServices",
        Effect=Allow,
        Principal=Principal("AWS", arns.iam("root")),
        Action=[kms.CreateGrant],
        Resource=_THIS_KEY,
        Condition=Condition([Bool({"kms:GrantIsForAWSResource": "true"}), StringEquals(_through(_GRANTING_SERVICES))]),
    )


def _decrypt_environments(names: Names, service: Model) -> Statement:
    """A cold start decrypts with the function's role; AWS does not document that ``kms:ViaService`` is set then."""
    named = [*map(names.function, _own_functions(service)), *map(names.hook, names.hooks)]
    functions = [arns.regional("lambda", f"function:{name}") for name in named]
    return Statement(
        Sid="DecryptEnvironments",
        Effect=Allow,
        Principal=Principal("AWS", arns.iam("root")),
        Action=[kms.Decrypt],
        Resource=_THIS_KEY,
        Condition=Condition(
            [
                ArnEquals({"kms:EncryptionContext:aws:lambda:FunctionArn": functions}),
                StringEquals({"kms:CallerAccount": _ACCOUNT}),
            ]
        ),
    )


def _own_functions(service: Model) -> Iterator[str]:
    """The functions that this key encrypts: those that name no key of others."""
    return (part.name for part in service.functions if not part.key_arn)


def _through(services: Sequence[str]) -> dict[str, object]:
    hosts = [{"Fn::Sub": f"{service}.${{AWS::Region}}.${{AWS::URLSuffix}}"} for service in services]
    return {"kms:CallerAccount": _ACCOUNT, "kms:ViaService": hosts}


def _encrypt_logs(names: Names, service: Model) -> Statement:
    """CloudWatch Logs uses the key for exactly these log groups.

    The actions are those of the guide's policy, its wildcards written out (Logs user guide, "Encrypt log data").
    """
    functions = map(names.function_log_group, _own_functions(service))
    access = [names.access_log_group] if service.api and not service.api.key_arn else []
    groups = [*functions, *map(names.hook_log_group, names.hooks), *access]
    context = {"kms:EncryptionContext:aws:logs:arn": [arns.regional("logs", f"log-group:{group}") for group in groups]}
    return Statement(
        Sid="EncryptLogs",
        Effect=Allow,
        Principal=Principal("Service", {"Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}"}),
        Action=_USE_IN_CONTEXT,
        Resource=_THIS_KEY,
        Condition=Condition(ArnEquals(context)),
    )


def _publish_alarms(names: Names) -> Statement:
    """CloudWatch publishes to the encrypted topics; the policy of alias/aws/sns would not let it."""
    return Statement(
        Sid="PublishAlarms",
        Effect=Allow,
        Principal=Principal("Service", "cloudwatch.amazonaws.com"),
        Action=[kms.Decrypt, kms.GenerateDataKey],
        Resource=_THIS_KEY,
        Condition=Condition([ArnEquals(_topic_context(names)), StringEquals({"aws:SourceAccount": _ACCOUNT})]),
    )


def _publish_events(names: Names) -> Statement:
    """EventBridge publishes to the encrypted topics.

    Keys about the source are not supported for EventBridge and an encrypted topic: with one, every notification is
    dropped without a word (SNS developer guide, "key management"). The topic in the encryption context is what is left.
    """
    return Statement(
        Sid="PublishEvents",
        Effect=Allow,
        Principal=Principal("Service", "events.amazonaws.com"),
        Action=[kms.Decrypt, kms.GenerateDataKey],
        Resource=_THIS_KEY,
        Condition=Condition(ArnEquals(_topic_context(names))),
    )


def _topic_context(names: Names) -> dict[str, object]:
    topics = [arns.regional("sns", names.topic(severity)) for severity in SEVERITIES]
    return {"kms:EncryptionContext:aws:sns:topicArn": topics}
