"""Resource types whose handlers MiniStack has but leaves unfinished: ways to add to a handler without repeating it."""

from __future__ import annotations

import functools
import json
import uuid
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.seams import original

if TYPE_CHECKING:
    from collections.abc import Callable

    Properties = dict[str, Any]
    Complete = Callable[[str, Properties, Properties], None]


def complete(resource_type: str, completion: Complete) -> None:
    """Run ``completion`` after each create and update of a type.

    Args:
        resource_type: The CloudFormation type.
        completion: Takes the physical id, the new properties and those before, which are empty after a create.
    """
    handlers = original(cfn.RESOURCE_HANDLERS)[resource_type]
    handlers["create"] = _completed_create(handlers["create"], completion)
    if "update" in handlers:
        handlers["update"] = _completed_update(handlers["update"], completion)


def refuse_create(resource_type: str, reason: Callable[[Properties], str]) -> None:
    """Refuse a create for the reason that ``reason`` finds in its properties; an empty one lets it pass."""
    handlers = original(cfn.RESOURCE_HANDLERS)[resource_type]
    create = handlers["create"]

    @functools.wraps(create)
    def guarded(logical_id: str, props: Properties, stack_name: str) -> Any:
        _refuse(reason(props))
        return create(logical_id, props, stack_name)

    handlers["create"] = guarded


def refuse_delete(resource_type: str, reason: Callable[[str], str]) -> None:
    """Refuse a delete for the reason that ``reason`` finds for its physical id; an empty one lets it pass."""
    handlers = original(cfn.RESOURCE_HANDLERS)[resource_type]
    delete = handlers["delete"]

    @functools.wraps(delete)
    def guarded(physical_id: str, *rest: Any) -> Any:
        _refuse(reason(physical_id))
        return delete(physical_id, *rest)

    handlers["delete"] = guarded


def already_exists(resource_type: str, identifier: str) -> str:
    """AWS's reason for a create whose name is taken."""
    return (
        f"Resource handler returned message: \"Resource of type '{resource_type}' with identifier '{identifier}' "
        'already exists." (HandlerErrorCode: AlreadyExists)'
    )


def check_answer(answer: tuple[int, Any, Any]) -> None:
    """Raise what a service of MiniStack has refused.

    Raises:
        ValueError: The answer is not a success.
    """
    if answer[0] >= 400:
        body = answer[2]
        raise ValueError(body.decode(errors="replace") if isinstance(body, bytes) else str(body))


def check_request(answer: tuple[int, Any, Any]) -> None:
    """Raise what a service that answers in JSON has refused, in the words of a resource handler of AWS.

    Raises:
        ValueError: The answer is not a success.
    """
    if answer[0] >= 400:
        refused = json.loads(answer[2])
        raise ValueError(invalid_request(str(refused.get("message") or refused.get("Message"))))


def invalid_request(message: str) -> str:
    """AWS's reason for a request of a handler that its service refuses."""
    return (
        f'Resource handler returned message: "Invalid request provided: {message}" '
        f"(RequestToken: {uuid.uuid4()}, HandlerErrorCode: InvalidRequest)"
    )


def _refuse(reason: str) -> None:
    if reason:
        raise ValueError(reason)


def _completed_create(create: Callable[..., Any], completion: Complete) -> Callable[..., Any]:
    @functools.wraps(create)
    def completed(logical_id: str, props: Properties, stack_name: str) -> Any:
        created = create(logical_id, props, stack_name)
        completion(created[0], props, {})
        return created

    return completed


def _completed_update(update: Callable[..., Any], completion: Complete) -> Callable[..., Any]:
    @functools.wraps(update)
    def completed(physical_id: str, old_props: Properties, new_props: Properties, *rest: Any) -> Any:
        updated = update(physical_id, old_props, new_props, *rest)
        completion(updated[0], new_props, old_props)
        return updated

    return completed
