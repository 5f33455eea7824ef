"""Tables and buckets: the properties that MiniStack's handlers drop, and the protections that they ignore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, tostring

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import (
    already_exists,
    check_answer,
    complete,
    refuse_create,
    refuse_delete,
)
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]

TABLE = "AWS::DynamoDB::Table"
BUCKET = "AWS::S3::Bucket"

_DYNAMODB = "ministack.services.dynamodb"
_S3 = "ministack.services.s3"

_TABLES = Seam(
    module=_DYNAMODB,
    attribute="_tables",
    parameters=None,
    gap="A table's deletion protection is ignored, and a create replaces a table of the same name; AWS refuses both.",
)
_UPDATE_BACKUPS = Seam(
    module=_DYNAMODB,
    attribute="_update_continuous_backups",
    parameters=("data",),
    gap="PointInTimeRecoverySpecification is dropped.",
)
_SSE_DESCRIPTION = Seam(
    module=_DYNAMODB,
    attribute="_sse_description_from_spec",
    parameters=("spec",),
    gap="SSESpecification is dropped.",
)
_BUCKETS = Seam(module=_S3, attribute="_buckets", parameters=None, gap="A bucket with objects is deleted; AWS refuses.")
_OBJECT_VERSIONS = Seam(
    module=_S3,
    attribute="_object_versions",
    parameters=None,
    gap="Used: old versions keep a bucket from being deleted.",
)
_TAG_PROPERTIES = Seam(
    module="ministack.services.cloudformation.provisioners",
    attribute="_STACK_TAG_PROPERTY",
    parameters=None,
    gap="The tags of a stack do not reach its buckets.",
)


def _bucket_seam(attribute: str, properties: str) -> Seam:
    return Seam(module=_S3, attribute=attribute, parameters=("name", "body"), gap=f"{properties} is dropped.")


_PUT_ENCRYPTION = _bucket_seam("_put_bucket_encryption", "BucketEncryption")
_PUT_LIFECYCLE = _bucket_seam("_put_bucket_lifecycle", "LifecycleConfiguration")
_PUT_LOGGING = _bucket_seam("_put_bucket_logging", "LoggingConfiguration")
_PUT_TAGGING = _bucket_seam("_put_bucket_tagging", "Tags")

SEAMS: tuple[Seam, ...] = (
    cfn.RESOURCE_HANDLERS,
    _TABLES,
    _UPDATE_BACKUPS,
    _SSE_DESCRIPTION,
    _BUCKETS,
    _OBJECT_VERSIONS,
    _TAG_PROPERTIES,
    _PUT_ENCRYPTION,
    _PUT_LIFECYCLE,
    _PUT_LOGGING,
    _PUT_TAGGING,
)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Finish the handlers of tables and buckets."""
    complete(TABLE, _complete_table)
    refuse_create(TABLE, _taken_table)
    refuse_delete(TABLE, _protected_table)
    original(_TAG_PROPERTIES)[BUCKET] = ("Tags", "list")
    complete(BUCKET, _complete_bucket)
    refuse_delete(BUCKET, _filled_bucket)


def _complete_table(name: str, props: Properties, old: Properties) -> None:  # noqa: ARG001 - a completion's
    backups = _booleans(props.get("PointInTimeRecoverySpecification") or {"PointInTimeRecoveryEnabled": False})
    check_answer(original(_UPDATE_BACKUPS)({"TableName": name, "PointInTimeRecoverySpecification": backups}))
    encryption = _booleans(props.get("SSESpecification") or {})
    request = {
        "Enabled": encryption.get("SSEEnabled", False),
        "SSEType": encryption.get("SSEType", "KMS"),
        "KMSMasterKeyId": encryption.get("KMSMasterKeyId"),
    }
    table = original(_TABLES)[name]
    table["SSEDescription"] = original(_SSE_DESCRIPTION)(request) if request["Enabled"] else None


def _taken_table(props: Properties) -> str:
    name = props.get("TableName", "")
    return already_exists(TABLE, name) if name in original(_TABLES) else ""


def _protected_table(name: str) -> str:
    table = original(_TABLES).get(name) or {}
    if str(table.get("DeletionProtectionEnabled")).lower() != "true":
        return ""
    return (
        'Resource handler returned message: "Resource cannot be deleted as it is currently protected against deletion. '
        'Disable deletion protection first. (Service: DynamoDb, Status Code: 400)" '
        "(HandlerErrorCode: GeneralServiceException)"
    )


def _complete_bucket(name: str, props: Properties, old: Properties) -> None:
    for key, seam, document in (
        ("BucketEncryption", _PUT_ENCRYPTION, _encryption),
        ("LifecycleConfiguration", _PUT_LIFECYCLE, _lifecycle),
        ("LoggingConfiguration", _PUT_LOGGING, _logging),
        ("Tags", _PUT_TAGGING, _tagging),
    ):
        if props.get(key) != old.get(key):
            check_answer(original(seam)(name, tostring(document(props.get(key) or {}))))


def _filled_bucket(name: str) -> str:
    bucket = original(_BUCKETS).get(name) or {}
    if not bucket.get("objects") and not any(key[0] == name for key in original(_OBJECT_VERSIONS)):
        return ""
    return (
        'Resource handler returned message: "The bucket you tried to delete is not empty. You must delete all versions '
        'in the bucket. (Service: S3, Status Code: 409)" (HandlerErrorCode: GeneralServiceException)'
    )


def _encryption(configuration: Properties) -> Element:
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault", {}),
            "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
        }
        for rule in configuration.get("ServerSideEncryptionConfiguration", [])
    ]
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    return _element("ServerSideEncryptionConfiguration", {"Rule": rules or [default]})


def _logging(configuration: Properties) -> Element:
    if not configuration:
        return Element("BucketLoggingStatus")
    target = {
        "TargetBucket": configuration.get("DestinationBucketName", ""),
        "TargetPrefix": configuration.get("LogFilePrefix", ""),
    }
    return _element("BucketLoggingStatus", {"LoggingEnabled": target})


def _tagging(tags: Any) -> Element:
    return _element("Tagging", {"TagSet": {"Tag": list(tags)}})


def _lifecycle(configuration: Properties) -> Element:
    return _element(
        "LifecycleConfiguration", {"Rule": [_lifecycle_rule(rule) for rule in configuration.get("Rules", [])]}
    )


def _lifecycle_rule(rule: Properties) -> Properties:
    """A rule of a template in the words of PutBucketLifecycleConfiguration."""
    expiration = {
        "Days": rule.get("ExpirationInDays"),
        "Date": rule.get("ExpirationDate"),
        "ExpiredObjectDeleteMarker": rule.get("ExpiredObjectDeleteMarker"),
    }
    return {
        "ID": rule.get("Id"),
        "Status": rule.get("Status", "Enabled"),
        "Filter": {"Prefix": rule.get("Prefix", "")},
        "Expiration": {key: value for key, value in expiration.items() if value is not None} or None,
        "Transition": [
            {
                "Days": move.get("TransitionInDays"),
                "Date": move.get("TransitionDate"),
                "StorageClass": move["StorageClass"],
            }
            for move in rule.get("Transitions", [])
        ],
        "NoncurrentVersionExpiration": rule.get("NoncurrentVersionExpiration"),
        "NoncurrentVersionTransition": [
            {"NoncurrentDays": move.get("TransitionInDays"), "StorageClass": move["StorageClass"]}
            for move in rule.get("NoncurrentVersionTransitions", [])
        ],
        "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
    }


def _element(tag: str, content: Any) -> Element:
    element = Element(tag)
    _fill(element, content)
    return element


def _fill(element: Element, content: Any) -> None:
    """Write nested dictionaries as elements, lists as repeated ones; None leaves its element out."""
    if not isinstance(content, dict):
        element.text = str(content).lower() if isinstance(content, bool) else str(content)
        return
    for tag, value in content.items():
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                _fill(SubElement(element, tag), item)


def _booleans(value: Properties) -> Properties:
    """The properties with the booleans that a template may carry as text."""
    words = {"true": True, "false": False}
    return {key: words.get(str(item).lower(), item) for key, item in value.items()}
