"""Schedules of templates: when they are due, whom they call with which role, and where the rest ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError

from tapgen.errors import LocalError
from tapgen.local.firing import fire
from tests.local.extension.conftest import until
from tests.local.extension.deliveries import Reader, allow, arn, permission, receive, ref, resource, role, texts

if TYPE_CHECKING:
    from tapgen.local.server import LocalStatus
    from tests.local.conftest import ClientFactory, Stacks

SCHEDULE = "AWS::Scheduler::Schedule"
NIGHTLY: dict[str, Any] = {
    "ScheduleExpression": "cron(0 2 * * ? *)",
    "ScheduleExpressionTimezone": "Europe/Berlin",
    "FlexibleTimeWindow": {"Mode": "OFF"},
}


def template(reader: Reader, *statements: dict[str, Any], service: str = "scheduler", **changes: Any) -> dict[str, Any]:
    """A schedule in a group that calls the alias; ``statements`` are what its role may do."""
    target = {"Arn": ref("Live"), "RoleArn": arn("ScheduleRole"), **changes.pop("target", {})}
    allowed = statements or (allow("lambda:InvokeFunction", ref("Live")),)
    return {
        "Resources": {
            **reader.resources(),
            "Dead": resource("AWS::SQS::Queue"),
            "ScheduleRole": role(service, *allowed),
            "Group": resource("AWS::Scheduler::ScheduleGroup"),
            "Schedule": resource(SCHEDULE, **NIGHTLY | {"GroupName": ref("Group"), "Target": target} | changes),
        },
        "Outputs": {"Arn": {"Value": arn("Schedule")}},
    }


def test_a_schedule_is_fired_by_hand(stacks: Stacks, local_aws: LocalStatus, name: str, reader: Reader) -> None:
    """The alias gets the event that Scheduler sends where there is no input."""
    assert stacks.create(name, template(reader)) == "CREATE_COMPLETE"
    schedule = stacks.outputs(name)["Arn"]
    fire(local_aws.endpoint_url, schedule)
    until(reader.entries)
    (entry,) = reader.entries()
    assert entry["arn"] == stacks.resources(name)["Live"]
    event = entry["event"]
    assert (event["source"], event["detail-type"], event["resources"]) == (
        "aws.scheduler",
        "Scheduled Event",
        [schedule],
    )


def test_the_input_has_its_attributes(stacks: Stacks, local_aws: LocalStatus, name: str, reader: Reader) -> None:
    """Placeholders become the schedule, the time, the execution and the attempt."""
    text = '{"of": "<aws.scheduler.schedule-arn>", "at": "<aws.scheduler.scheduled-time>", "job": "nightly"}'
    stacks.create(name, template(reader, target={"Input": text}))
    schedule = stacks.outputs(name)["Arn"]
    fire(local_aws.endpoint_url, schedule)
    until(reader.entries)
    (event,) = reader.events()
    assert (event["of"], event["job"]) == (schedule, "nightly")
    assert datetime.fromisoformat(event["at"]).tzinfo is not None


def test_it_runs_when_its_time_has_come(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """Once, in its time zone, and it is deleted afterwards where it says so; one that is disabled rests.

    Templates cannot say so: AWS::Scheduler::Schedule has no ActionAfterCompletion.
    """
    soon = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tokyo")) + timedelta(seconds=3)
    once = {"ScheduleExpression": f"at({soon:%Y-%m-%dT%H:%M:%S})", "ScheduleExpressionTimezone": "Asia/Tokyo"}
    made = template(reader)
    nightly = made["Resources"]["Schedule"]["Properties"]
    rests = {**nightly, **once, "State": "DISABLED", "Target": {**nightly["Target"], "Input": '"crash"'}}
    made["Resources"]["Rests"] = resource(SCHEDULE, **rests)
    assert stacks.create(name, made) == "CREATE_COMPLETE"
    resources = stacks.resources(name)
    scheduler, place = client("scheduler"), {"GroupName": resources["Group"]}
    target = scheduler.get_schedule(Name=resources["Schedule"], **place)["Target"]
    window = {"Mode": "OFF"}
    scheduler.create_schedule(
        Name="once", Target=target, FlexibleTimeWindow=window, ActionAfterCompletion="DELETE", **place, **once
    )
    until(reader.entries)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        scheduler.get_schedule(Name="once", **place)
    assert "crash" not in json.dumps(reader.events())


@pytest.mark.parametrize("case", ["no-permission", "function-alone"])
def test_the_role_must_be_allowed_to_invoke_the_alias(
    stacks: Stacks,
    client: ClientFactory,
    local_aws: LocalStatus,
    name: str,
    reader: Reader,
    *,
    case: str,
) -> None:
    """Without it, or with one for the function alone, the call ends with the dead letters at once."""
    dead = allow("sqs:SendMessage", arn("Dead"))
    other = allow("lambda:InvokeFunction", arn("Reader"))
    target = {"DeadLetterConfig": {"Arn": arn("Dead")}, "Input": '{"job": 1}'}
    stacks.create(name, template(reader, *((dead,) if case == "no-permission" else (dead, other)), target=target))
    with pytest.raises(LocalError, match="could not be fired"):
        fire(local_aws.endpoint_url, stacks.outputs(name)["Arn"])
    (letter,) = receive(client("sqs"), stacks.resources(name)["Dead"])
    assert json.loads(letter["Body"]) == {"job": 1}
    assert texts(letter)["ERROR_CODE"] == "NO_PERMISSIONS"
    assert texts(letter)["SCHEDULE_ARN"] == stacks.outputs(name)["Arn"]
    assert not reader.entries()


def test_a_permission_of_the_function_does_not_replace_the_role(
    stacks: Stacks, local_aws: LocalStatus, name: str, reader: Reader
) -> None:
    """Scheduler always uses a role; what the function allows the service does not count."""
    made = template(reader, allow("sqs:SendMessage", arn("Dead")))
    made["Resources"]["Permission"] = permission("scheduler", arn("Schedule"))
    stacks.create(name, made)
    with pytest.raises(LocalError):
        fire(local_aws.endpoint_url, stacks.outputs(name)["Arn"])
    assert not reader.entries()


def test_the_dead_letters_need_the_roles_permission(
    stacks: Stacks, client: ClientFactory, local_aws: LocalStatus, name: str, reader: Reader
) -> None:
    """A role that may not send loses the call."""
    target = {"DeadLetterConfig": {"Arn": arn("Dead")}}
    stacks.create(name, template(reader, allow("sqs:ListQueues", "*"), target=target))
    with pytest.raises(LocalError):
        fire(local_aws.endpoint_url, stacks.outputs(name)["Arn"])
    assert not receive(client("sqs"), stacks.resources(name)["Dead"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"service": "lambda"}, "must allow AWS EventBridge Scheduler to assume the role"),
        ({"ScheduleExpression": "cron(0 2 * * *)"}, "Invalid Schedule Expression"),
        ({"ScheduleExpression": "rate(5 fortnights)"}, "Invalid Schedule Expression"),
        ({"ScheduleExpressionTimezone": "Europe/Atlantis"}, "timezone Europe/Atlantis is not valid"),
    ],
    ids=["trust", "cron", "rate", "zone"],
)
def test_what_scheduler_refuses_is_refused(
    stacks: Stacks, name: str, reader: Reader, *, changes: dict[str, Any], reason: str
) -> None:
    """The stack fails with the reason."""
    assert stacks.create(name, template(reader, **changes)) == "ROLLBACK_COMPLETE"
    assert reason in " ".join(text for _, _, text in stacks.events(name))


def test_a_queue_is_a_target(stacks: Stacks, client: ClientFactory, local_aws: LocalStatus, name: str) -> None:
    """With the group that a FIFO queue needs."""
    resources = {
        "Queue": resource("AWS::SQS::Queue", FifoQueue=True, ContentBasedDeduplication=True),
        "Role": role("scheduler", allow("sqs:SendMessage", arn("Queue"))),
        "Schedule": resource(
            SCHEDULE,
            **NIGHTLY,
            Target={
                "Arn": arn("Queue"),
                "RoleArn": arn("Role"),
                "Input": "tick",
                "SqsParameters": {"MessageGroupId": "clock"},
            },
        ),
    }
    stacks.create(name, {"Resources": resources, "Outputs": {"Arn": {"Value": arn("Schedule")}}})
    fire(local_aws.endpoint_url, stacks.outputs(name)["Arn"])
    (message,) = receive(client("sqs"), stacks.resources(name)["Queue"])
    assert (message["Body"], message["Attributes"]["MessageGroupId"]) == ("tick", "clock")


def test_an_update_changes_it_in_place_and_a_name_replaces(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """Everything that a template says is what GetSchedule answers; what it drops goes back to its default."""
    retry = {"RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 600}}
    stacks.create(name, template(reader, Name=name, Description="first", State="DISABLED", target=retry))
    group = stacks.resources(name)["Group"]
    found = client("scheduler").get_schedule(Name=name, GroupName=group)
    assert (found["ScheduleExpressionTimezone"], found["State"], found["Description"]) == (
        "Europe/Berlin",
        "DISABLED",
        "first",
    )
    assert found["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 3

    assert stacks.update(name, template(reader, Name=name, ScheduleExpression="rate(5 minutes)")) == "UPDATE_COMPLETE"
    found = client("scheduler").get_schedule(Name=name, GroupName=group)
    assert (found["ScheduleExpression"], found["State"], found["Description"]) == ("rate(5 minutes)", "ENABLED", "")

    renamed = template(reader, Name=f"{name}-2")
    change_set = client("cloudformation").create_change_set(
        StackName=name, ChangeSetName="rename", TemplateBody=json.dumps(renamed), Capabilities=["CAPABILITY_IAM"]
    )
    changes = client("cloudformation").describe_change_set(ChangeSetName=change_set["Id"])["Changes"]
    (change,) = [
        each["ResourceChange"] for each in changes if each["ResourceChange"]["LogicalResourceId"] == "Schedule"
    ]
    assert change["Replacement"] == "True"
    assert stacks.update(name, renamed) == "UPDATE_COMPLETE"
    names = [each["Name"] for each in client("scheduler").list_schedules(GroupName=group)["Schedules"]]
    assert names == [f"{name}-2"]


def test_a_rule_is_fired_by_hand(stacks: Stacks, local_aws: LocalStatus, name: str, reader: Reader) -> None:
    """A rule with a schedule, too, to all of its targets."""
    resources = {
        **reader.resources(),
        "Rule": resource(
            "AWS::Events::Rule", ScheduleExpression="rate(1 day)", Targets=[{"Id": "alias", "Arn": ref("Live")}]
        ),
        "Permission": permission("events", arn("Rule")),
    }
    stacks.create(name, {"Resources": resources, "Outputs": {"Arn": {"Value": arn("Rule")}}})
    fire(local_aws.endpoint_url, stacks.outputs(name)["Arn"])
    until(reader.entries)
    assert reader.events()[0]["detail-type"] == "Scheduled Event"


@pytest.mark.parametrize("kind", ["schedule/default/missing", "rule/missing", "queue/missing"])
def test_only_what_is_there_is_fired(local_aws: LocalStatus, kind: str) -> None:
    """The refusal says what was asked for."""
    service = "scheduler" if kind.startswith("schedule") else "events"
    with pytest.raises(LocalError, match="missing"):
        fire(local_aws.endpoint_url, f"arn:aws:{service}:eu-central-1:000000000000:{kind}")


def test_reading_a_schedule_is_authorised_in_its_group(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """The ARN has the group's name, which the request carries apart."""
    stacks.create(name, template(reader))
    made = stacks.resources(name)
    iam = client("iam")
    iam.create_user(UserName=name)
    statement = allow("scheduler:GetSchedule", stacks.outputs(name)["Arn"])
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="get", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    scheduler = client("scheduler", credentials=(key["AccessKeyId"], key["SecretAccessKey"]))
    assert scheduler.get_schedule(Name=made["Schedule"], GroupName=made["Group"])["Name"] == made["Schedule"]
    with pytest.raises(ClientError, match="AccessDenied"):
        scheduler.get_schedule(Name=made["Schedule"])
