"""Drift detection for what carries events: policies of queues and topics, subscriptions, rules, schedules, mappings.

MiniStack only looks whether they are there. Properties are compared that the template sets.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import drift_readers
from tapgen.local.extension.seams import Seam, original

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.settings import Settings

    Properties = dict[str, Any]
    Reader = Callable[[str, Properties], Properties | None]


def _store(module: str, attribute: str, parameters: tuple[str, ...] | None = None) -> Seam:
    gap = "Used: what there is now."
    return Seam(module=f"ministack.services.{module}", attribute=attribute, parameters=parameters, gap=gap)


_QUEUES = _store("sqs", "_queues")
_TOPICS = _store("sns", "_topics")
_TOPIC_OF = _store("sns", "_sub_arn_to_topic")
_RULES = _store("eventbridge", "_rules")
_TARGETS = _store("eventbridge", "_targets")
_RULE_KEY = _store("eventbridge", "_rule_key", ("rule_name", "bus_name"))
_SCHEDULES = _store("scheduler", "_schedules")
_SECRETS = _store("secretsmanager", "_secrets")
_MAPPINGS = _store("lambda_svc", "_esms")
_FUNCTIONS = _store("lambda_svc", "_functions")
SEAMS: tuple[Seam, ...] = (
    *drift_readers.SEAMS,
    *(_QUEUES, _TOPICS, _TOPIC_OF, _RULES, _TARGETS, _RULE_KEY, _SCHEDULES, _SECRETS, _MAPPINGS, _FUNCTIONS),
)

_SUBSCRIPTION = ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy")
_RULE = ("Description", "EventPattern", "ScheduleExpression", "State", "Targets")
_SCHEDULE = (
    *("Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "ScheduleExpression"),
    *("ScheduleExpressionTimezone", "StartDate", "State", "Target"),
)
_MAPPING = ("FilterCriteria", "FunctionResponseTypes", "ScalingConfig")
_ASYNCHRONOUS = ("DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts")


def install(settings: Settings) -> None:
    """Add the readers, and widen those that are there."""
    del settings
    readers: dict[str, tuple[Reader, frozenset[str]]] = original(drift_readers.READERS)
    readers["AWS::SQS::QueuePolicy"] = (_policy_of("Queues", _QUEUES), frozenset({"PolicyDocument"}))
    readers["AWS::SNS::TopicPolicy"] = (_policy_of("Topics", _TOPICS), frozenset({"PolicyDocument"}))
    readers["AWS::SNS::Subscription"] = (_read_subscription, frozenset(_SUBSCRIPTION))
    readers["AWS::Events::Rule"] = (_read_rule, frozenset(_RULE))
    readers["AWS::Scheduler::Schedule"] = (_read_schedule, frozenset(_SCHEDULE))
    readers["AWS::Lambda::EventInvokeConfig"] = (_read_asynchronous, frozenset(_ASYNCHRONOUS))
    drift_readers.widen(readers, "AWS::Lambda::EventSourceMapping", _read_mapping, *_MAPPING)
    read_secret, known = readers["AWS::SecretsManager::Secret"]
    readers["AWS::SecretsManager::Secret"] = (_by_arn(read_secret), known)


def _policy_of(members: str, store: Seam) -> Reader:
    def read(physical_id: str, props: Properties) -> Properties | None:  # noqa: ARG001 - a reader's signature
        """The first policy that is not the template's; what is gone counts as one."""
        found = [(original(store).get(each) or {}).get("attributes", {}).get("Policy") for each in props[members]]
        policies = [json.loads(each) if each else None for each in found]
        changed = [each for each in policies if each != props.get("PolicyDocument")]
        document = changed[0] if changed else props.get("PolicyDocument")
        return None if document is None else {"PolicyDocument": document}

    return read


def _read_subscription(physical_id: str, props: Properties) -> Properties | None:
    topic = original(_TOPICS).get(original(_TOPIC_OF).get(physical_id, "")) or {}
    found = next((each for each in topic.get("subscriptions", ()) if each["arn"] == physical_id), None)
    return None if found is None else _as_written(props, found.get("attributes") or {}, _SUBSCRIPTION)


def _read_rule(physical_id: str, props: Properties) -> Properties | None:
    bus = str(props.get("EventBusName") or "default").rpartition("/")[2]
    key = original(_RULE_KEY)(physical_id, bus)
    rule = original(_RULES).get(key)
    if rule is None:
        return None
    return _as_written(props, {**rule, "Targets": original(_TARGETS).get(key, [])}, _RULE)


def _read_schedule(physical_id: str, props: Properties) -> Properties | None:
    schedule = original(_SCHEDULES).get(f"{props.get('GroupName') or 'default'}/{physical_id}")
    return None if schedule is None else _as_written(props, schedule, _SCHEDULE)


def _read_mapping(physical_id: str, props: Properties) -> Properties | None:
    return _as_written(props, original(_MAPPINGS)[physical_id], _MAPPING)


def _read_asynchronous(physical_id: str, props: Properties) -> Properties | None:
    name, _, qualifier = physical_id.partition(":")
    function = original(_FUNCTIONS).get(name) or {}
    found = (function.get("event_invoke_configs") or {}).get(qualifier)
    return None if found is None else _as_written(props, found, _ASYNCHRONOUS)


def _by_arn(read: Reader) -> Reader:
    """A secret is known by its ARN here, and by its name to MiniStack."""

    def read_by_arn(physical_id: str, props: Properties) -> Properties | None:
        secrets = original(_SECRETS).items()
        name = next((name for name, each in secrets if each["ARN"] == physical_id), physical_id)
        return read(name, props)

    return read_by_arn


def _as_written(props: Properties, found: Mapping[str, Any], names: tuple[str, ...]) -> Properties:
    """The properties as the template writes them: a policy that is kept as text, a boolean as a word, a number."""
    return {name: _like(props.get(name), found[name]) for name in names if found.get(name) not in (None, "")}


def _like(expected: Any, value: Any) -> Any:
    if isinstance(value, str) and isinstance(expected, dict | list):
        try:
            return json.loads(value)
        except ValueError:
            return value
    same = str(value).lower() == str(expected).lower()
    return expected if same and not isinstance(value, dict | list) else value
