"""Each call that tapgen makes of one resource, through the function of ``tapgen.aws`` that makes it.

What deploys whole stacks stands in the tests; here is what looks at one thing, or changes one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tapgen.aws import (
    adoptable,
    alarm_data,
    alarm_states,
    alarms,
    clock,
    contents,
    dashboards,
    data,
    dead_letters,
    drift,
    existence,
    functions,
    limits,
    log_events,
    log_queries,
    logs,
    metrics,
    objects,
    protection,
    resource_types,
    shifts,
    simulation,
    stacks,
    storage,
    streams,
    topics,
    version_metrics,
)
from tapgen.aws.event_sources import SourceSender
from tapgen.aws.roles import InlinePolicies, RolePolicies
from tapgen.aws.session import assume_role
from tapgen.journey.transport import CannotCarryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.aws.session import Aws
    from tests.peers.subject import Subject

_AN_HOUR = timedelta(hours=1)


def _now() -> datetime:
    return datetime.now(UTC)


def _bucket(subject: Subject) -> storage.Bucket:
    return storage.Bucket(name=subject.bucket, account_id=subject.account_id)


def _version(subject: Subject) -> alarms.ShiftedVersion:
    return alarms.ShiftedVersion(function=subject.function, alias="live", version=subject.versions[1])


def _around() -> metrics.Range:
    return metrics.Range(start=_now() - _AN_HOUR, end=_now() + _AN_HOUR)


def _figures(aws: Aws, subject: Subject) -> object:
    found = alarms.find_alarms(aws, [subject.alarm])
    lasts, _ = alarms.read_figures(aws, found, _version(subject), since=_now() - _AN_HOUR)
    return alarms.describe_guards(found, lasts), [alarms.has_data(aws, alarm) for alarm in found]


def _invoked(aws: Aws, subject: Subject) -> object:
    return functions.invoke(aws.client("lambda"), subject.function, {"a": 1}, qualifier="live")


def _deleted(aws: Aws, subject: Subject) -> object:
    """What destroys data, once everything else was asked."""
    functions.delete_version(aws.client("lambda"), function=subject.function, version=subject.versions[1])
    data.delete_table(aws, subject.table)
    data.delete_bucket(aws, subject.bucket)
    data.delete_queue(aws, subject.queue_url)
    data.delete_log_group(aws, subject.log_group)
    data.schedule_key_deletion(aws, subject.key_id)
    return "deleted"


def _query(aws: Aws, subject: Subject) -> object:
    query = log_queries.LogQuery(
        groups=[subject.log_group], text="fields @message", start=_now() - _AN_HOUR, end=_now()
    )
    return log_queries.run_query(aws.client("logs"), query, sleep=lambda _: None)


def _events(aws: Aws, subject: Subject) -> object:
    start_ms = int((_now() - _AN_HOUR).timestamp() * 1000)
    window = log_events.LogWindow(group=subject.log_group, start_ms=start_ms)
    return list(log_events.read_events(aws.client("logs"), window))


def _errors(aws: Aws, subject: Subject) -> object:
    return logs.find_error_lines(aws.client("logs"), subject.log_group, version="2", since=_now() - _AN_HOUR)


def _objects(aws: Aws, subject: Subject) -> object:
    """A key is created once, replaced by its ETag and deleted by it: each refused to whoever comes second."""
    client, bucket = aws.client("s3"), _bucket(subject)
    etag = objects.create_object(client, bucket, "lock", b"first")
    refused = objects.create_object(client, bucket, "lock", b"second")
    newer = objects.replace_object(client, bucket, "lock", b"third", etag=etag or "")
    stale = objects.replace_object(client, bucket, "lock", b"fourth", etag=etag or "")
    objects.put_object(client, bucket, "note", b"{}")
    found = objects.read_object(client, bucket, "lock")
    absent = objects.read_object(client, bucket, "nothing")
    listed = [item.key for item in objects.list_objects(client, bucket, "")]
    kept = objects.delete_object(client, bucket, "lock", etag=etag or "")
    gone = objects.delete_object(client, bucket, "lock", etag=newer or "")
    objects.delete_objects(client, bucket, ["note"])
    exists = storage.object_exists(client, bucket, "note")
    return {
        "created": bool(etag),
        "second refused": refused is None,
        "replaced": bool(newer),
        "stale refused": stale is None,
        "read": found.body if found else None,
        "absent": absent,
        "listed": listed,
        "stale delete refused": not kept,
        "deleted": gone,
        "still there": exists,
    }


def _dead_letters(aws: Aws, subject: Subject) -> object:
    client = aws.client("sqs")
    url = dead_letters.find_queue(client, subject.queue)
    client.send_message(QueueUrl=url, MessageBody="to do")
    taken = dead_letters.take_all(client, url)
    dead_letters.give_back(client, url, taken)
    again = dead_letters.take_all(client, url)
    for message in again:
        dead_letters.send_back(client, url, message)
        dead_letters.delete(client, url, message)
    return len(taken), len(again), protection.count_messages(client, url)


def _source(aws: Aws, subject: Subject) -> object:
    """The function has no source: what is said of that, once its mappings were listed."""
    sender = SourceSender(aws, subject.function, alias="live", timeout_s=0.0, sleep=lambda _: None)
    try:
        sender.send({"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": "{}"}]})
    except CannotCarryError as error:
        return str(error)
    return "sent"


def _policies(aws: Aws, subject: Subject) -> object:
    policies = InlinePolicies(aws)
    inline, attached = policies.read(subject.role), policies.attached(subject.role)
    policies.write(subject.role, "more", next(iter(inline.values()), None))
    policies.write(subject.role, "more", None)
    every, managed = RolePolicies(aws), f"arn:aws:iam::{subject.account_id}:policy/{subject.role}-managed"
    reading = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    for document in (reading, None, reading):
        every.write(subject.role, managed, document)
    return sorted(inline), len(attached), sorted(every.read(subject.role)), len(every.attached(subject.role))


def _simulated(aws: Aws, subject: Subject) -> object:
    principal = simulation.find_principal(aws, f"arn:aws:sts::{subject.account_id}:assumed-role/{subject.role}/session")
    return simulation.find_denied(aws, principal, actions=["s3:GetObject"], resource="*")


_NAMES: Mapping[str, Callable[[Subject], str]] = {
    "AWS::DynamoDB::Table": lambda subject: subject.table,
    "AWS::IAM::Role": lambda subject: subject.role,
    "AWS::Lambda::Function": lambda subject: subject.function,
    "AWS::Logs::LogGroup": lambda subject: subject.log_group,
    "AWS::S3::Bucket": lambda subject: subject.bucket,
    "AWS::SQS::Queue": lambda subject: subject.queue,
}
_CONTENTS: Mapping[str, Callable[[Subject], str]] = {
    "AWS::DynamoDB::Table": lambda subject: subject.table,
    "AWS::KMS::Key": lambda subject: subject.key_id,
    "AWS::Logs::LogGroup": lambda subject: subject.log_group,
    "AWS::S3::Bucket": lambda subject: subject.bucket,
    "AWS::SQS::Queue": lambda subject: subject.queue_url,
}


def _name_look(kind: str, name: Callable[[Subject], str]) -> Callable[[Aws, Subject], object]:
    return lambda aws, subject: existence.look_up_name(aws, kind, name(subject))


def _content_look(kind: str, name: Callable[[Subject], str]) -> Callable[[Aws, Subject], object]:
    return lambda aws, subject: contents.holds_data(aws, kind, name(subject))


CALLS: Mapping[str, Callable[[Aws, Subject], Any]] = {
    "identity": lambda aws, _: aws.account_id(),
    "assumed role": lambda aws, subject: assume_role(aws, subject.role_arn, session_name="peers").target.access_key_id,
    "clock": lambda aws, _: clock.measure_skew_s(aws),
    "objects": _objects,
    "table as it is": lambda aws, subject: adoptable.read_existing(aws, "AWS::DynamoDB::Table", subject.table),
    "key as it is": lambda aws, subject: adoptable.read_existing(aws, "AWS::KMS::Key", subject.key_id),
    "log group as it is": lambda aws, subject: adoptable.read_existing(aws, "AWS::Logs::LogGroup", subject.log_group),
    "bucket as it is": lambda aws, subject: adoptable.read_existing(aws, "AWS::S3::Bucket", subject.bucket),
    "topic as it is": lambda aws, subject: adoptable.read_existing(aws, "AWS::SNS::Topic", subject.topic_arn),
    "queue as it is": lambda aws, subject: adoptable.read_existing(aws, "AWS::SQS::Queue", subject.queue),
    "owner": lambda aws, subject: adoptable.find_owner(aws, subject.queue_url),
    **{f"name of {kind}": _name_look(kind, name) for kind, name in _NAMES.items()},
    **{f"content of {kind}": _content_look(kind, name) for kind, name in _CONTENTS.items()},
    "aliases": lambda aws, subject: functions.list_aliases(aws.client("lambda"), subject.function),
    "alias": lambda aws, subject: functions.read_alias(aws.client("lambda"), subject.function, "live"),
    "versions": lambda aws, subject: functions.list_versions(aws.client("lambda"), subject.function),
    "alias set": lambda aws, subject: functions.set_alias(
        aws.client("lambda"), function=subject.function, alias="live", version=subject.versions[0]
    ),
    "reader": lambda aws, subject: functions.find_reader(aws.client("lambda"), subject.stream_arn),
    "source": _source,
    "unreserved concurrency": lambda aws, _: limits.read_concurrency(aws),
    "roles": lambda aws, _: limits.read_roles(aws),
    "alarms counted": lambda aws, _: limits.count_alarms(aws),
    "APIs counted": lambda aws, _: limits.count_apis(aws),
    "stacks counted": lambda aws, _: limits.count_stacks(aws),
    "quota": lambda aws, _: limits.find_quota(aws, "cloudformation", "stack count"),
    "policies": _policies,
    "simulation": _simulated,
    "table protection": lambda aws, subject: protection.read_table_protection(aws.client("dynamodb"), subject.table),
    "bucket statements": lambda aws, subject: protection.read_bucket_statements(aws.client("s3"), subject.bucket),
    "public access": lambda aws, subject: protection.read_public_access(aws.client("s3"), subject.bucket),
    "bucket policy": lambda aws, subject: drift.read_bucket_policy(aws, subject.bucket, account_id=subject.account_id),
    "dead letters": _dead_letters,
    "stream": lambda aws, subject: streams.read_records(
        aws.client("dynamodbstreams"),
        subject.stream_arn,
        first=subject.sequence_number,
        last=subject.sequence_number,
    ),
    "subscriptions": lambda aws, subject: (
        topics.list_subscriptions(aws, subject.topic_arn),
        drift.list_subscriptions(aws, subject.topic_arn),
    ),
    "log events": _events,
    "log errors": _errors,
    "log retention": lambda aws, subject: log_events.read_retention(aws.client("logs"), subject.log_group),
    "log query": _query,
    "figures": _figures,
    "red alarms": lambda aws, subject: alarms.find_red(aws, prefix=subject.alarm),
    "alarm changes": lambda aws, subject: alarms.read_changes(aws, [subject.alarm], since=_now() - _AN_HOUR),
    "alarm states": lambda aws, subject: alarm_states.list_alarms(aws, prefix=subject.alarm),
    "alarm set": lambda aws, subject: alarm_states.set_state(aws, subject.alarm, state="ALARM", reason="a test"),
    "alarm acts": lambda aws, subject: alarm_states.read_acts(aws, subject.alarm, since=_now() - _AN_HOUR),
    "alarms and their metrics": lambda aws, subject: alarm_data.list_alarms(
        aws.client("cloudwatch"), prefix=subject.alarm
    ),
    "metrics": lambda aws, _: alarm_data.list_metrics(aws.client("cloudwatch"), namespace="AWS/Lambda", name="Errors"),
    "version series": lambda aws, subject: version_metrics.read_version_series(
        aws, [_version(subject)], since=_now() - _AN_HOUR, until=_now()
    ),
    "series": lambda aws, subject: metrics.read_series(
        aws,
        [
            metrics.metric_query(
                "a", "AWS/Lambda", "Errors", {"FunctionName": subject.function}, stat="Sum", period_s=60
            )
        ],
        _around(),
    ),
    "dashboard": lambda aws, subject: dashboards.read_dashboard(aws, subject.dashboard),
    "deployment group": lambda aws, subject: drift.read_deployment_group(aws, subject.application, subject.group),
    "guards": lambda aws, subject: shifts.read_alarm_names(aws, subject.application, subject.group),
    "unfinished": lambda aws, subject: shifts.list_unfinished(aws, subject.application, subject.group),
    "shift": lambda aws, subject: shifts.ShiftReader(aws, subject.deployment_id, minute_s=60.0).read(),
    "target version": lambda aws, subject: shifts.read_target_version(aws, subject.deployment_id),
    "shift stopped": lambda aws, subject: shifts.stop_shift(aws, subject.deployment_id),
    "schema": lambda aws, _: resource_types.read_schema(aws.client("cloudformation"), "AWS::SQS::Queue"),
    "invocation": _invoked,
    "stacks": lambda aws, _: stacks.list_stacks(aws.client("cloudformation")),
    "data deleted": _deleted,
}
"""What is asked → how. Each raises an error of the tree where the control plane does not answer."""
