"""The KMS key's policy: administered by the account, used only through the services that hold the data.

A key policy's resource ``*`` is the key itself (KMS developer guide, "Key policies").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs import kms
from awacs.aws import Allow, ArnLike, Condition, PolicyDocument, Principal, Statement, StringEquals

from tapgen.iam import arns

if TYPE_CHECKING:
    from tapgen.naming import Names

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
_USE = [kms.CreateGrant, kms.Decrypt, kms.DescribeKey, kms.Encrypt, kms.GenerateDataKey]
_SERVICES = ("dynamodb", "lambda", "s3", "sqs")


def build_key_policy(names: Names) -> PolicyDocument:
    """The policy document."""
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[_administer(), _use_through_services(), _encrypt_logs(names), _publish_alarms()],
    )


def _administer() -> Statement:
    return Statement(
        Sid="AdministerByAccount",
        Effect=Allow,
        Principal=Principal("AWS", arns.iam("root")),
        Action=_ADMINISTRATION,
        Resource=_THIS_KEY,
    )


def _use_through_services() -> Statement:
    """IAM policies of this account count, but only for calls that the data's own services make."""
    return Statement(
        Sid="UseThroughServices",
        Effect=Allow,
        Principal=Principal("AWS", arns.iam("root")),
        Action=_USE,
        Resource=_THIS_KEY,
        Condition=Condition(
            StringEquals(
                {
                    "kms:CallerAccount": _ACCOUNT,
                    "kms:ViaService": [
                        {"Fn::Sub": f"{service}.${{AWS::Region}}.${{AWS::URLSuffix}}"} for service in _SERVICES
                    ],
                }
            )
        ),
    )


def _encrypt_logs(names: Names) -> Statement:
    """CloudWatch Logs uses the key for this deployment's log groups (Logs user guide, "Encrypt log data")."""
    groups = [arns.regional("logs", f"log-group:/aws/{kind}/{names.prefix}-*") for kind in ("apigateway", "lambda")]
    return Statement(
        Sid="EncryptLogs",
        Effect=Allow,
        Principal=Principal("Service", {"Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}"}),
        Action=[kms.Decrypt, kms.DescribeKey, kms.Encrypt, kms.GenerateDataKey],
        Resource=_THIS_KEY,
        Condition=Condition(ArnLike({"kms:EncryptionContext:aws:logs:arn": groups})),
    )


def _publish_alarms() -> Statement:
    """CloudWatch and EventBridge publish to the encrypted topics; alias/aws/sns would not let them.

    The rule's and the alarms' account is the condition that both services send (SNS developer guide, "key management").
    """
    return Statement(
        Sid="PublishAlarms",
        Effect=Allow,
        Principal=Principal("Service", ["cloudwatch.amazonaws.com", "events.amazonaws.com"]),
        Action=[kms.Decrypt, kms.GenerateDataKey],
        Resource=_THIS_KEY,
        Condition=Condition(StringEquals({"aws:SourceAccount": _ACCOUNT})),
    )
