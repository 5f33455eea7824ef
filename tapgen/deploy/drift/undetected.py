"""Looks at what CloudFormation's detection does not see, and says how it differs from what is expected."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tapgen.aws import drift
from tapgen.aws.log_events import read_retention
from tapgen.deploy.drift.expectation import (
    ExpectedGroup,
    ExpectedPolicy,
    ExpectedRetention,
    ExpectedSubscription,
)
from tapgen.deploy.drift.model import DriftedProperty, DriftedResource
from tapgen.diff.values import find_differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tapgen.aws.session import Aws
    from tapgen.deploy.drift.expectation import Expected, Place
    from tapgen.deploy.state.observed_state import Situation

_PARALLEL_LOOKS = 8
_PENDING = "PendingConfirmation"
_DEPLOY = "the next change of the group in a template sets it; or set it back by hand"
_CONFIRM = "whoever owns the endpoint confirms it; SNS forgets an unconfirmed one after three days"


class UndetectedDriftReader:
    """Looks with clients of the account.

    Args:
        aws: Clients.
        account_id: The account that must own the buckets.
        physical_ids: (stack, logical id) → physical id.
    """

    def __init__(self, aws: Aws, *, account_id: str, physical_ids: Mapping[tuple[str, str], str]) -> None:
        self.aws = aws
        self.account_id = account_id
        self.physical_ids = physical_ids

    def look(self, expected: Sequence[Expected]) -> tuple[DriftedResource, ...]:
        """What differs; the looks are parallel."""
        with ThreadPoolExecutor(_PARALLEL_LOOKS, thread_name_prefix="drift") as pool:
            found = list(pool.map(lambda item: (item, list(_look(item, self))), expected))
        return tuple(
            DriftedResource(
                stack=item.stack,
                logical_id=item.logical_id,
                resource_type=item.resource_type,
                physical_id=self.physical_ids.get((item.stack, item.logical_id), ""),
                status="MODIFIED",
                seen_by="tapgen",
                properties=tuple(properties),
                way_out=_way_out(item),
            )
            for item, properties in found
            if properties
        )


def drifted_aliases(situation: Situation, *, options: str) -> tuple[DriftedResource, ...]:
    """Aliases that do not send all traffic to the version that their stack has; none while a shift runs.

    Args:
        situation: The deployment as it is.
        options: ``--env X [--suffix Y]``, for how to fix it.
    """
    if situation.running:
        return ()
    return tuple(
        DriftedResource(
            stack=alias.path.partition(".")[0],
            logical_id=alias.path.partition(".")[2],
            resource_type="AWS::Lambda::Alias",
            physical_id=f"{alias.state.function}:{alias.state.name}" if alias.state else "",
            status="MODIFIED" if alias.state else "DELETED",
            seen_by="tapgen",
            properties=(
                DriftedProperty(
                    path="FunctionVersion",
                    expected=f"all traffic to version {alias.expected}" if alias.expected else None,
                    actual=alias.drift,
                ),
            ),
            way_out=f"`tapgen recover {options}` sends all traffic to the version that the stack has",
        )
        for alias in situation.aliases
        if alias.drift
    )


def _way_out(expected: Place) -> str:
    if isinstance(expected, ExpectedSubscription):
        return _CONFIRM
    return _DEPLOY if isinstance(expected, ExpectedGroup) else "set it back by hand, or change its template"


def _look(expected: Expected, looker: UndetectedDriftReader) -> Iterator[DriftedProperty]:
    match expected:
        case ExpectedGroup():
            return _look_at_group(expected, looker)
        case ExpectedRetention():
            return _look_at_retention(expected, looker)
        case ExpectedSubscription():
            return _look_at_subscription(expected, looker)
        case ExpectedPolicy():
            return _look_at_policy(expected, looker)


def _look_at_group(expected: ExpectedGroup, looker: UndetectedDriftReader) -> Iterator[DriftedProperty]:
    found = drift.read_deployment_group(looker.aws, expected.application, expected.group)
    if found is None:
        yield DriftedProperty(path="DeploymentGroupName", expected=expected.group, actual=None)
        return
    watched = found.get("alarmConfiguration", {})
    alarms = sorted(item["name"] for item in watched.get("alarms", ()))
    if expected.alarms and not watched.get("enabled"):
        yield DriftedProperty(path="AlarmConfiguration.Enabled", expected=True, actual=False)
    if alarms != list(expected.alarms):
        yield DriftedProperty(path="AlarmConfiguration.Alarms", expected=list(expected.alarms), actual=alarms)
    rollback = found.get("autoRollbackConfiguration", {})
    events = sorted(rollback.get("events", ())) if rollback.get("enabled") else []
    if events != list(expected.rollback_events):
        yield DriftedProperty(
            path="AutoRollbackConfiguration.Events", expected=list(expected.rollback_events), actual=events
        )


def _look_at_retention(expected: ExpectedRetention, looker: UndetectedDriftReader) -> Iterator[DriftedProperty]:
    days = read_retention(looker.aws.client("logs"), expected.log_group) or None
    if days != expected.days:
        yield DriftedProperty(path="RetentionInDays", expected=expected.days, actual=days)


def _look_at_subscription(expected: ExpectedSubscription, looker: UndetectedDriftReader) -> Iterator[DriftedProperty]:
    topic = looker.physical_ids.get((expected.stack, expected.topic))
    state = drift.list_subscriptions(looker.aws, topic).get((expected.protocol, expected.endpoint)) if topic else None
    if state is None:
        yield DriftedProperty(path="Endpoint", expected=expected.endpoint, actual=None)
    elif state == _PENDING:
        yield DriftedProperty(
            path="Endpoint", expected=f"{expected.endpoint}, confirmed", actual="waits for confirmation"
        )


def _look_at_policy(expected: ExpectedPolicy, looker: UndetectedDriftReader) -> Iterator[DriftedProperty]:
    actual = drift.read_bucket_policy(looker.aws, expected.bucket, account_id=looker.account_id)
    for each in find_differences(_normal(expected.document), _normal(actual), "PolicyDocument"):
        yield DriftedProperty(path=each.path, expected=each.before, actual=each.after)


def _normal(value: Any) -> Any:
    """A policy as IAM means it: a list of one is that one, and the order in a list of words is nothing."""
    if isinstance(value, dict):
        return {key: _normal(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [_normal(item) for item in value]
        if all(isinstance(item, str) for item in items):
            return items[0] if len(items) == 1 else sorted(items)
        return items
    return value
