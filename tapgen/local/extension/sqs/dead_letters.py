"""Which queues may send their dead letters to a queue: its RedriveAllowPolicy, which MiniStack stores and never asks.

Source: SQS API reference, SetQueueAttributes: ``allowAll`` (the default), ``denyAll``, ``byQueue`` with at most ten
``sourceQueueArns``; the last exist with ``byQueue`` alone. The texts of the refusals are [inferred].
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import sqs

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.resource_types import already_exists
from tapgen.local.extension.seams import Seam, original
from tapgen.local.extension.sqs import one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.settings import Settings

_SQS = "ministack.services.sqs"
_QUEUE_NAME = Seam(
    module="ministack.services.cloudformation.provisioners",
    attribute="_sqs_queue_name",
    parameters=("props", "stack_name", "logical_id"),
    gap="called only: the name that a queue of a template gets",
)
SEAMS = (
    one_at_a_time.HANDLERS,
    Seam(module=_SQS, attribute="_queue_by_arn", parameters=("arn",), gap="read only: a queue by its ARN"),
    Seam(module=_SQS, attribute="_get_q", parameters=("url", "action"), gap="read only: a queue by its URL"),
    Seam(module=_SQS, attribute="_Err", parameters=None, gap="raised: what SQS refuses with"),
    cfn.RESOURCE_HANDLERS,
    _QUEUE_NAME,
)

QUEUE = "AWS::SQS::Queue"
_PERMISSIONS = ("allowAll", "denyAll", "byQueue")
_MOST_SOURCES = 10


def install(settings: Settings) -> None:
    """Ask the policy where a queue names another one for its dead letters, by a request or by a template."""
    del settings
    handlers = original(one_at_a_time.HANDLERS)
    handlers["CreateQueue"] = _checked(handlers["CreateQueue"], _name_of_created)
    handlers["SetQueueAttributes"] = _checked(handlers["SetQueueAttributes"], _name_of_changed)
    provisioner = original(cfn.RESOURCE_HANDLERS)[QUEUE]
    provisioner["create"] = _checked_create(provisioner["create"])
    provisioner["update"] = _checked_update(provisioner["update"])


def fault(source_arn: str, attributes: Mapping[str, Any]) -> str:
    """Why a queue cannot have these attributes as far as dead letters go; empty when it can.

    Args:
        source_arn: The queue.
        attributes: Its attributes, policies as text or as documents.
    """
    allow = _document(attributes.get("RedriveAllowPolicy"))
    if attributes.get("RedriveAllowPolicy") and not _makes_sense(allow):
        return f"Value {json.dumps(allow)} for parameter RedriveAllowPolicy is invalid."
    target = str(_document(attributes.get("RedrivePolicy")).get("deadLetterTargetArn", ""))
    queue = sqs._queue_by_arn(target) if target else None  # noqa: SLF001 - a seam
    if queue is None or accepts(queue, source_arn):
        return ""
    return (
        f"Value {json.dumps(_document(attributes.get('RedrivePolicy')))} for parameter RedrivePolicy is invalid. "
        f"Reason: The redrive allow policy of {target} does not permit {source_arn} as a source queue."
    )


def accepts(queue: Mapping[str, Any], source_arn: str) -> bool:
    """Whether a queue takes the dead letters of another."""
    policy = _document(queue["attributes"].get("RedriveAllowPolicy"))
    permission = policy.get("redrivePermission", "allowAll")
    return permission == "allowAll" or (permission == "byQueue" and source_arn in policy.get("sourceQueueArns", ()))


def _makes_sense(policy: Mapping[str, Any]) -> bool:
    sources = policy.get("sourceQueueArns") or []
    permission = policy.get("redrivePermission")
    if permission not in _PERMISSIONS or not isinstance(sources, list):
        return False
    return 0 < len(sources) <= _MOST_SOURCES if permission == "byQueue" else not sources


def _document(policy: Any) -> dict[str, Any]:
    if isinstance(policy, str):
        try:
            policy = json.loads(policy or "{}")
        except ValueError:
            return {}
    return policy if isinstance(policy, dict) else {}


def _checked(handle: Callable[..., Any], name: Callable[[dict[str, Any], str], str]) -> Callable[..., Any]:
    @functools.wraps(handle)
    def check_and_handle(data: dict[str, Any], url: str) -> Any:
        reason = fault(_arn(name(data, url)), data.get("Attributes") or {})
        if reason:
            raise sqs._Err("InvalidParameterValue", reason)  # noqa: SLF001 - a seam
        return handle(data, url)

    return check_and_handle


def _checked_create(create: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(create)
    def check_and_create(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        name, _ = original(_QUEUE_NAME)(props, stack_name, logical_id)
        if sqs._queue_by_arn(_arn(name)) is not None:  # noqa: SLF001 - a seam
            raise ValueError(already_exists(QUEUE, name))
        _refuse(name, props)
        return create(logical_id, props, stack_name)

    return check_and_create


def _checked_update(update: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(update)
    def check_and_update(physical_id: str, old_props: dict[str, Any], new_props: dict[str, Any], *rest: Any) -> Any:
        _refuse(physical_id.rpartition("/")[2], new_props)
        return update(physical_id, old_props, new_props, *rest)

    return check_and_update


def _refuse(name: str, props: dict[str, Any]) -> None:
    reason = fault(_arn(name), props)
    if reason:
        raise ValueError(f'Resource handler returned message: "{reason}" (HandlerErrorCode: InvalidRequest)')


def _name_of_created(data: dict[str, Any], url: str) -> str:
    del url
    return str(data.get("QueueName", ""))


def _name_of_changed(data: dict[str, Any], url: str) -> str:
    return str(sqs._get_q(data.get("QueueUrl", url))["name"])  # noqa: SLF001 - a seam


def _arn(name: str) -> str:
    return f"arn:aws:sqs:{get_region()}:{get_account_id()}:{name}"
