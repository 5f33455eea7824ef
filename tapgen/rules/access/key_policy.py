"""The key is administered by the account, and used only through the services that hold the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.elements.policy_documents import actions_of, as_text, in_document
from tapgen.elements.rule import Found, Rule, differences, listed, mapping, show
from tapgen.iam import arns
from tapgen.iam.resource_actions import find_calls
from tapgen.parts.deliveries import list_senders
from tapgen.parts.names import make_arn
from tapgen.parts.topic.model import Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.elements.policy_documents import Statement
    from tapgen.elements.templates import Resource, Templates

_HOSTS = {
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::Lambda::Function": "lambda",
    "AWS::S3::Bucket": "s3",
    "AWS::SNS::Topic": "sns",
    "AWS::SQS::Queue": "sqs",
    "AWS::SecretsManager::Secret": "secretsmanager",
}
_ACCOUNT = {"Ref": "AWS::AccountId"}
# What the data's services ask for on a caller's behalf; DynamoDB's list is the longest (DynamoDB developer guide,
# "usage notes" of encryption at rest). CloudWatch Logs asks for the same (Logs user guide, "Encrypt log data").
_USE = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
_PUBLISH = {"kms:Decrypt", "kms:GenerateDataKey"}
# What a deploy does not call, and whoever looks after the key does: stops its deletion, takes back a grant.
_BY_HAND = {
    "kms:CancelKeyDeletion",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:RevokeGrant",
}


def _find(templates: Templates) -> Found:
    for key in templates.generated("AWS::KMS::Key"):
        yield from differences(key, {"EnableKeyRotation": True, "KeySpec": None, "Enabled": None})
        if not 7 <= int(key.get("PendingWindowInDays") or 0) <= 30:
            yield (
                key,
                f"is deleted {show(key.get('PendingWindowInDays'))} days after it was asked for; 7 to 30 are allowed",
            )
        yield from _judge_policy(templates, key)
    for alias in templates.generated("AWS::KMS::Alias"):
        yield from differences(alias, {"AliasName": f"alias/{templates.names.prefix}"})
        target = templates.trace(alias.stack, alias.get("TargetKeyId"))
        if target is None or target.resource.type != "AWS::KMS::Key":
            yield alias, "names no key of this deployment"


def _judge_policy(templates: Templates, key: Resource) -> Found:
    statements = list(in_document(key.get("KeyPolicy")))
    for statement in statements:
        if statement.get("Effect") != "Allow" or statement.get("Resource") not in ("*", ["*"]):
            yield key, f"{statement.get('Sid')} neither allows nor speaks of the key"
        conditional = bool(statement.get("Condition"))
        actions = set(actions_of(statement))
        if not conditional and actions & (_USE | {"kms:CreateGrant"}):
            yield key, f"{statement.get('Sid')} lets the key be used by whoever IAM allows, for anything"
        if "*" in as_text(statement.get("Principal")):
            yield key, f"{statement.get('Sid')} speaks of everybody"
    for wanted in _wanted(templates):
        if not any(wanted.is_met_by(statement) for statement in statements):
            text = f"does not let {wanted.principal} {', '.join(sorted(wanted.actions))} for {wanted.purpose}"
            yield key, text


@dataclass(frozen=True, kw_only=True)
class _Use:
    """A use that the key's policy has to allow."""

    purpose: str
    principal: Any
    actions: frozenset[str]
    condition: Mapping[str, Mapping[str, Any]]
    """Operator → key → value; one of the values where the policy lists several."""

    def is_met_by(self, statement: Statement) -> bool:
        found = mapping(statement.get("Condition"))
        if found.keys() != self.condition.keys() or statement.get("Principal") != self.principal:
            return False
        for operator, values in self.condition.items():
            if mapping(found[operator]).keys() != values.keys():
                return False
            if any(value not in listed(found[operator][key]) for key, value in values.items()):
                return False
        return self.actions <= set(actions_of(statement))


def _wanted(templates: Templates) -> Iterator[_Use]:
    account = {"AWS": arns.iam("root")}
    calls = [find_calls(name) for name in ("AWS::KMS::Key", "AWS::KMS::Alias")]
    managed = {action for found in calls if found for _, action, _ in found.actions()} | _BY_HAND
    administration = frozenset(
        action for action in managed if action.startswith("kms:") and action not in _NOT_OF_A_KEY
    )
    yield _Use(purpose="administration", principal=account, actions=administration, condition={})
    yield from _through_services(templates, account)
    yield from _through_logs_and_topics(templates)
    yield from _through_senders(templates)


# CreateKey has no key yet, and a deploy lists keys and replicas of the account.
_NOT_OF_A_KEY = {"kms:CreateKey", "kms:ListKeys", "kms:ReplicateKey", "kms:UpdatePrimaryRegion"}


def _through_services(templates: Templates, account: Any) -> Iterator[_Use]:
    used = frozenset({*_USE, "kms:DescribeKey"})
    for kind, service in _HOSTS.items():
        # The topics of alarms are published to by services alone, which have statements of their own.
        needed = templates.environment.service.of(Topic) if service == "sns" else [*templates.generated(kind)]
        if not needed:
            continue
        host = {"Fn::Sub": f"{service}.${{AWS::Region}}.${{AWS::URLSuffix}}"}
        through = {"kms:CallerAccount": _ACCOUNT, "kms:ViaService": host}
        yield _Use(purpose=service, principal=account, actions=used, condition={"StringEquals": through})
        if service in ("dynamodb", "lambda"):
            granting: dict[str, dict[str, Any]] = {
                "Bool": {"kms:GrantIsForAWSResource": "true"},
                "StringEquals": through,
            }
            actions = frozenset({"kms:CreateGrant"})
            yield _Use(purpose=f"grants to {service}", principal=account, actions=actions, condition=granting)
    for function in _encrypted(templates, "AWS::Lambda::Function", "KmsKeyArn"):
        arn = arns.regional("lambda", f"function:{function.get('FunctionName')}")
        condition: dict[str, dict[str, Any]] = {
            "ArnEquals": {"kms:EncryptionContext:aws:lambda:FunctionArn": arn},
            "StringEquals": {"kms:CallerAccount": _ACCOUNT},
        }
        decrypt = frozenset({"kms:Decrypt"})
        purpose = f"variables of {function.get('FunctionName')}"
        yield _Use(purpose=purpose, principal=account, actions=decrypt, condition=condition)


def _encrypted(templates: Templates, resource_type: str, key_property: str) -> Iterator[Resource]:
    """What this key encrypts; another part may name a key that others own."""
    return (item for item in templates.generated(resource_type) if item.get(key_property) == {"Ref": "KeyArn"})


def _through_logs_and_topics(templates: Templates) -> Iterator[_Use]:
    logs = {"Service": {"Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}"}}
    for group in _encrypted(templates, "AWS::Logs::LogGroup", "KmsKeyId"):
        name = group.get("LogGroupName")
        condition = {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": arns.regional("logs", f"log-group:{name}")}}
        yield _Use(purpose=str(name), principal=logs, actions=frozenset(_USE), condition=condition)
    for severity in ("warning", "critical"):
        topic = templates.names.topic(severity)
        context: dict[str, dict[str, Any]] = {
            "ArnEquals": {"kms:EncryptionContext:aws:sns:topicArn": arns.regional("sns", topic)}
        }
        source: dict[str, dict[str, Any]] = {"StringEquals": {"aws:SourceAccount": _ACCOUNT}}
        # Keys about the source are not supported for EventBridge and an encrypted topic (SNS developer guide, "key
        # management").
        for principal, condition in (("cloudwatch", context | source), ("events", context)):
            wanted = {"Service": f"{principal}.amazonaws.com"}
            yield _Use(purpose=topic, principal=wanted, actions=frozenset(_PUBLISH), condition=condition)


def _through_senders(templates: Templates) -> Iterator[_Use]:
    senders = list_senders(templates.names, templates.environment.service)
    for sender in (item for item in senders if not item.queue.key_arn):
        arn = make_arn(templates.names, sender.queue)
        yield _Use(
            purpose=as_text(arn),
            principal={"Service": sender.principal},
            actions=frozenset(_PUBLISH),
            condition={"ArnEquals": {"kms:EncryptionContext:aws:sqs:arn": arn}},
        )


RULE = Rule(
    id="key-policy",
    holds="The deployment's key is rotated, administered by the account, and used only through the services that "
    "hold the deployment's data, for exactly its functions, log groups, topics and queues.",
    why="A use without its condition opens the data to whoever IAM allows; one that is left out stops logs, alarms "
    "or deliveries without a word.",
    source='KMS developer guide, "Key policies in AWS KMS"; CloudWatch Logs user guide, "Encrypt log data"; SNS '
    'developer guide, "Key management"',
    find=_find,
)
