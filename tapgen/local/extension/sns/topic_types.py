"""Topics and subscriptions of templates: what MiniStack's handlers drop, and what they accept that SNS refuses.

Source: CloudFormation template reference, AWS::SNS::Topic and AWS::SNS::Subscription; SNS developer guide, "Amazon SNS
FIFO topics" (names end with ``.fifo``), and the default policy of a topic, which is for its owner's account.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import sns

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import already_exists, complete, refuse_create
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]

TOPIC = "AWS::SNS::Topic"
SUBSCRIPTION = "AWS::SNS::Subscription"
_PROVISIONERS = "ministack.services.cloudformation.provisioners"
_CREATE = Seam(
    module=_PROVISIONERS,
    attribute="_sns_create",
    parameters=("logical_id", "props", "stack_name"),
    gap="gives a FIFO topic the name of a standard one, and every attribute but the display name is dropped",
)
_NAME = Seam(
    module=_PROVISIONERS,
    attribute="_physical_name",
    parameters=("stack_name", "logical_id"),
    gap="called only: the name of a resource that the template does not name",
)
_TOPICS = Seam(module="ministack.services.sns", attribute="_topics", parameters=None, gap="added to: attributes")
SEAMS = (_CREATE, _NAME, _TOPICS, cfn.RESOURCE_HANDLERS)

_ATTRIBUTES = (
    *("KmsMasterKeyId", "FifoTopic", "ContentBasedDeduplication", "FifoThroughputScope", "SignatureVersion"),
    *("TracingConfig", "ArchivePolicy", "DataProtectionPolicy", "DeliveryPolicy"),
)
_SUFFIX = ".fifo"
_LONGEST_NAME = 256
_DEFAULT = "__default_policy_ID"


def install(settings: Settings) -> None:
    """Finish the handlers."""
    del settings
    create = _named(original(_CREATE))
    replace(_CREATE, create)
    handlers = original(cfn.RESOURCE_HANDLERS)[TOPIC]
    handlers["create"] = create
    handlers["update"] = _named_update(handlers["update"])
    complete(TOPIC, _complete)
    refuse_create(TOPIC, _topic_fault)
    refuse_create(SUBSCRIPTION, _subscription_fault)


def _is_fifo(props: Properties) -> bool:
    return str(props.get("FifoTopic", "")).lower() == "true"


def _with_name(props: Properties, stack_name: str, logical_id: str) -> Properties:
    """A FIFO topic without a name gets one with the suffix."""
    if not _is_fifo(props) or props.get("TopicName"):
        return props
    name = original(_NAME)(stack_name, logical_id, max_len=_LONGEST_NAME - len(_SUFFIX))
    return {**props, "TopicName": f"{name}{_SUFFIX}"}


def _named(create: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(create)
    def create_named(logical_id: str, props: Properties, stack_name: str) -> Any:
        return create(logical_id, _with_name(props, stack_name, logical_id), stack_name)

    return create_named


def _named_update(update: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(update)
    def update_named(
        physical_id: str, old_props: Properties, new_props: Properties, stack_name: str, logical_id: str | None = None
    ) -> Any:
        named = _with_name(new_props, stack_name, logical_id or physical_id)
        return update(physical_id, old_props, named, stack_name, logical_id)

    return update_named


def _complete(arn: str, props: Properties, _: Properties) -> None:
    topic = original(_TOPICS)[arn]
    attributes = topic["attributes"]
    for name in _ATTRIBUTES:
        attributes.pop(name, None)
        if props.get(name) not in (None, ""):
            attributes[name] = _text(props[name])
    if _is_fifo(props):
        attributes.setdefault("ContentBasedDeduplication", "false")
        topic.setdefault("dedup_cache", {})
        topic.setdefault("fifo_seq", 0)
    policy = json.loads(attributes.get("Policy") or "{}")
    if policy.get("Id") == _DEFAULT:
        policy["Statement"][0]["Condition"] = {"StringEquals": {"AWS:SourceOwner": get_account_id()}}
        attributes["Policy"] = json.dumps(policy)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _topic_fault(props: Properties) -> str:
    name = str(props.get("TopicName") or "")
    if name and name.endswith(_SUFFIX) != _is_fifo(props):
        return "Invalid parameter: Topic Name" if not _is_fifo(props) else "Fifo Topic names must end with .fifo"
    arn = f"arn:aws:sns:{get_region()}:{get_account_id()}:{name}"
    return already_exists(TOPIC, arn) if name and arn in sns._topics else ""  # noqa: SLF001 - a seam


def _subscription_fault(props: Properties) -> str:
    if props.get("TopicArn", "") in sns._topics:  # noqa: SLF001 - a seam
        return ""
    return "Invalid parameter: TopicArn Reason: Topic does not exist"
