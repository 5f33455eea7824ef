"""Several shifts in one stack update: side by side, in the order of dependencies, and ended together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.conftest import until
from tests.local.extension.shift_observed import Observed, begin_update, reasons
from tests.local.extension.shift_service import AT_ONCE, CANARY, HELD, Guarded, alarm, nested, roles

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

ORDERS = ("First, Second", "Second, First")


@pytest.fixture
def pair(name: str) -> tuple[Guarded, Guarded]:
    """Two functions that know nothing of each other."""
    return Guarded(f"{name}-1", prefix="First"), Guarded(f"{name}-2", prefix="Second")


def both(pair: tuple[Guarded, Guarded], **more: Any) -> dict[str, Any]:
    first, second = pair
    return {"Resources": {**roles(), **first.resources(), **second.resources(), **more}}


def overlap(client: ClientFactory, pair: tuple[Guarded, Guarded]) -> bool:
    """Whether each of two functions began its only deployment before the other one's had ended."""
    (first,), (second,) = (Observed(client, service.name).deployments() for service in pair)
    return bool(second["startTime"] < first["completeTime"] and first["startTime"] < second["completeTime"])


def split(client: ClientFactory, pair: tuple[Guarded, Guarded]) -> bool:
    """Whether both aliases are in the middle of their shifts."""
    return all(Observed(client, service.name).alias()[1] for service in pair)


def aliases(client: ClientFactory, pair: tuple[Guarded, Guarded]) -> list[tuple[str, dict[str, float]]]:
    return [Observed(client, service.name).alias() for service in pair]


def children(stacks: Stacks, pair: tuple[Guarded, Guarded], **more: Any) -> dict[str, Any]:
    """A root with a nested stack for each function."""
    resources = {service.prefix: nested(stacks, service.template())["Resources"]["Child"] for service in pair}
    return {"Resources": {**resources, **more}}


def release(pair: tuple[Guarded, Guarded], config: str) -> None:
    for service in pair:
        service.release, service.config = 2, config


def test_independent_aliases_shift_at_the_same_time(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str, pair: tuple[Guarded, Guarded]
) -> None:
    """The second does not wait for the first, and both are reported as in progress meanwhile."""
    assert shift_stacks.create(name, both(pair)) == "CREATE_COMPLETE"
    release(pair, CANARY)
    begin_update(shift_stacks, name, both(pair))
    until(lambda: split(shift_client, pair))
    found = shift_stacks.cfn.describe_stack_resources(StackName=name)["StackResources"]
    under_way = {each["LogicalResourceId"] for each in found if each["ResourceStatus"] == "UPDATE_IN_PROGRESS"}
    assert under_way == {"FirstAlias", "SecondAlias"}
    assert shift_stacks.describe(name)["StackStatus"] == "UPDATE_IN_PROGRESS"
    assert shift_stacks.settled(name) == "UPDATE_COMPLETE"

    assert overlap(shift_client, pair)
    assert aliases(shift_client, pair) == [("2", {}), ("2", {})]
    for service in pair:
        (deployment,) = Observed(shift_client, service.name).deployments()
        told = reasons(shift_stacks, name, f"{service.prefix}Alias")
        assert told[-3:] == [
            ("UPDATE_IN_PROGRESS", ""),
            ("UPDATE_IN_PROGRESS", f"CodeDeploy deployment started: {deployment['deploymentId']}"),
            ("UPDATE_COMPLETE", ""),
        ]


@pytest.mark.parametrize("place", ["one", "two"])
def test_aliases_in_nested_stacks_shift_at_the_same_time(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str, pair: tuple[Guarded, Guarded], place: str
) -> None:
    """Whether they are in one nested stack or in two that know nothing of each other."""

    def template() -> dict[str, Any]:
        return nested(shift_stacks, both(pair)) if place == "one" else children(shift_stacks, pair)

    assert shift_stacks.create(name, template()) == "CREATE_COMPLETE"
    release(pair, CANARY)
    assert shift_stacks.update(name, template()) == "UPDATE_COMPLETE"
    assert overlap(shift_client, pair)
    assert aliases(shift_client, pair) == [("2", {}), ("2", {})]


def test_what_waits_for_one_alias_does_not_wait_for_the_other(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str, pair: tuple[Guarded, Guarded]
) -> None:
    """An alias that is moved at once completes, and what depends on it follows, while the other one is shifting."""
    assert shift_stacks.create(name, both(pair)) == "CREATE_COMPLETE"
    release(pair, CANARY)
    pair[1].config = AT_ONCE
    topic = {"Type": "AWS::SNS::Topic", "DependsOn": "SecondAlias"}
    assert shift_stacks.update(name, both(pair, Topic=topic)) == "UPDATE_COMPLETE"
    order = [event[:2] for event in shift_stacks.events(name)]
    ends = [("SecondAlias", "UPDATE_COMPLETE"), ("Topic", "CREATE_COMPLETE"), ("FirstAlias", "UPDATE_COMPLETE")]
    assert sorted(ends, key=order.index) == ends


def test_an_alias_that_waits_for_the_other_shifts_after_it(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str, pair: tuple[Guarded, Guarded]
) -> None:
    """The order of dependencies is kept."""

    def template() -> dict[str, Any]:
        found = both(pair)
        found["Resources"]["SecondAlias"]["DependsOn"] = "FirstAlias"
        return found

    assert shift_stacks.create(name, template()) == "CREATE_COMPLETE"
    release(pair, AT_ONCE)
    assert shift_stacks.update(name, template()) == "UPDATE_COMPLETE"
    (first,), (second,) = (Observed(shift_client, service.name).deployments() for service in pair)
    assert first["completeTime"] <= second["createTime"]


@pytest.mark.parametrize("failing", [0, 1])
def test_one_failed_shift_cancels_the_other(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str, pair: tuple[Guarded, Guarded], failing: int
) -> None:
    """Both aliases go back; only the guilty one carries the reason, the other one's deployment is stopped."""
    pair[failing].alarms = [name]
    assert shift_stacks.create(name, both(pair, Alarm=alarm(name))) == "CREATE_COMPLETE"
    release(pair, HELD)
    begin_update(shift_stacks, name, both(pair, Alarm=alarm(name)))
    until(lambda: split(shift_client, pair))
    shift_client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"

    assert aliases(shift_client, pair) == [("1", {}), ("1", {})]
    told = [reasons(shift_stacks, name, f"{service.prefix}Alias") for service in pair]
    failures = [reason for events in told for status, reason in events if status == "UPDATE_FAILED"]
    assert failures[1 - failing] == "Resource update cancelled"
    assert "One or more alarms have been activated" in failures[failing]
    assert [events[-1] for events in told] == [("UPDATE_COMPLETE", "")] * 2
    stopped, rollback = Observed(shift_client, pair[1 - failing].name).deployments()
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    assert rollback["status"] == "Succeeded"
    assert ("UPDATE_IN_PROGRESS", f"CodeDeploy rollback deployment started: {rollback['deploymentId']}") in told[
        1 - failing
    ]


def test_a_failed_shift_cancels_one_in_another_nested_stack(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str, pair: tuple[Guarded, Guarded]
) -> None:
    """The parent names both; the stack that was cancelled goes back although nothing in it had failed."""
    pair[0].alarms = [name]
    guard = {"Alarm": alarm(name)}
    assert shift_stacks.create(name, children(shift_stacks, pair, **guard)) == "CREATE_COMPLETE"
    ids = shift_stacks.resources(name)
    release(pair, HELD)
    begin_update(shift_stacks, name, children(shift_stacks, pair, **guard))
    until(lambda: split(shift_client, pair))
    shift_client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"

    assert aliases(shift_client, pair) == [("1", {}), ("1", {})]
    assert ("UPDATE_FAILED", "Resource update cancelled") in reasons(shift_stacks, name, "Second")
    for child in ("First", "Second"):
        assert shift_stacks.settled(ids[child]) == "UPDATE_ROLLBACK_COMPLETE"
    assert ("UPDATE_FAILED", "Resource update cancelled") in reasons(shift_stacks, ids["Second"], "SecondAlias")
    told = reasons(shift_stacks, name, name)
    (summary,) = [reason for status, reason in told if status == "UPDATE_ROLLBACK_IN_PROGRESS"]
    assert summary in {f"The following resource(s) failed to update: [{names}]." for names in ORDERS}


def test_a_failure_elsewhere_ends_a_shift(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str, pair: tuple[Guarded, Guarded]
) -> None:
    """What depends on the first alias fails while the second is shifting: the second goes back before the rest."""
    assert shift_stacks.create(name, both(pair)) == "CREATE_COMPLETE"
    release(pair, HELD)
    pair[0].config = AT_ONCE
    broken = {
        "Type": "AWS::CodeDeploy::Application",
        "DependsOn": "FirstAlias",
        "Properties": {"ApplicationName": pair[0].name, "ComputePlatform": "Lambda"},
    }
    assert shift_stacks.update(name, both(pair, Broken=broken)) == "UPDATE_ROLLBACK_COMPLETE"

    assert aliases(shift_client, pair) == [("1", {}), ("1", {})]
    assert ("UPDATE_FAILED", "Resource update cancelled") in reasons(shift_stacks, name, "SecondAlias")
    order = [event[:2] for event in shift_stacks.events(name)]
    assert order.index(("SecondAlias", "UPDATE_FAILED")) < order.index((name, "UPDATE_ROLLBACK_IN_PROGRESS"))


def test_cancelling_the_update_ends_all_shifts(
    shift_client: ClientFactory, shift_stacks: Stacks, name: str, pair: tuple[Guarded, Guarded]
) -> None:
    """Every deployment under way is stopped and rolled back."""
    assert shift_stacks.create(name, both(pair)) == "CREATE_COMPLETE"
    release(pair, HELD)
    begin_update(shift_stacks, name, both(pair))
    until(lambda: split(shift_client, pair))
    shift_stacks.cfn.cancel_update_stack(StackName=name)
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert aliases(shift_client, pair) == [("1", {}), ("1", {})]
    for service in pair:
        statuses = [each["status"] for each in Observed(shift_client, service.name).deployments()]
        assert statuses == ["Stopped", "Succeeded"]
        cancelled = ("UPDATE_FAILED", "Resource update cancelled")
        assert cancelled in reasons(shift_stacks, name, f"{service.prefix}Alias")
    assert ("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated") in reasons(shift_stacks, name, name)
