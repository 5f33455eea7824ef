"""Each alarm goes off by the trouble that it is for, and is over with it; people hear of both.

What drives an alarm is in the test's docstring: real requests and records of the deployed service, or recorded
datapoints where the embedded AWS has no such trouble.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.local.cli.alarmed_service import PREFIX, Pager, Service, now, pager, prepare, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.cli.conftest import Project

BURNS = ("burn-6m", "burn-6m-long", "burn-6m-short", "burn-12m", "burn-12m-long", "burn-12m-short")

# What each trouble must set off; together they are every alarm of the deployment.
FAILING = (
    "api-errors", "api-errors-lasts", "api-5xx", "api-5xx-lasts", "api-error-rate", "api-5xx-rate",
    "guarded-warnings", "escalation", *(f"availability-{name}" for name in BURNS),
)  # fmt: skip
SLOW = ("api-latency", "api-latency-lasts", *(f"latency-{name}" for name in BURNS))
THROTTLED = ("api-throttles", "api-throttles-lasts")
STALLED = ("archiver-lag", "archiver-lag-lasts")
POISONED = ("dead-letters",)
CRASHING = ("archiver-errors", "archiver-errors-lasts", "guarded-warnings")
ARCHIVER_THROTTLED = ("archiver-throttles", "archiver-throttles-lasts")
TABLE_THROTTLED = (
    "transactions-read-throttles",
    "transactions-read-throttles-lasts",
    "transactions-write-throttles",
    "transactions-write-throttles-lasts",
    "escalation",
)
SHIFTING = ("shift-running",)


@pytest.fixture(name="service", scope="module")
def _service(project: Project) -> Service:
    """Deployed once, with quick alarms and troubles on demand."""
    prepare(project)
    outputs = project.run_json("deploy", "--env", "local", "--yes")["outputs"]
    return Service(project, outputs["LocalApiUrl"])


@pytest.fixture(name="oncall", scope="module")
def _oncall(service: Service) -> Iterator[Pager]:
    """A pager that is subscribed to both topics and has confirmed."""
    sns = service.project.client("sns")
    with pager() as found:
        topics = [topic["TopicArn"] for topic in sns.list_topics()["Topics"] if ":" + PREFIX in topic["TopicArn"]]
        assert len(topics) == 2
        for topic in topics:
            sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=found.url)
        until(
            lambda: [
                topic
                for topic in topics
                for item in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
                if not item["SubscriptionArn"].startswith("arn:")
            ],
            what="confirmed",
        )
        yield found


def _await_told(oncall: Pager, state: str, *alarms: str) -> None:
    until(lambda: sorted(set(alarms) - oncall.alarms(state)), what=f"told to be {state}")


def test_every_alarm_has_its_trouble(service: Service) -> None:
    """No alarm of the deployment is left out below but the guards, which the tests of shifts drive."""
    deployed = {name for name in service.states() if not name.startswith("guard-")}

    assert deployed == {
        *FAILING, *SLOW, *THROTTLED, *STALLED, *POISONED, *CRASHING, *ARCHIVER_THROTTLED, *TABLE_THROTTLED, *SHIFTING
    }  # fmt: skip


def test_failing_requests(service: Service, oncall: Pager) -> None:
    """Real requests fail: counts, shares, burn rates; the warnings last and escalate; all is over with good traffic."""
    since = now()
    with service.traffic("boom"):
        service.await_alarms(*FAILING, since=since)
    critical = ("api-error-rate", "api-5xx-rate", "escalation", "availability-burn-6m")
    _await_told(oncall, "ALARM", "guarded-warnings", "availability-burn-12m", *critical)
    # What a composite alarm tells is not told twice.
    assert not {"api-errors", "api-5xx", "api-errors-lasts", "availability-burn-6m-long"} & oncall.alarms("ALARM")
    with service.traffic("ada"):
        service.await_quiet()
    _await_told(oncall, "OK", "guarded-warnings", *critical)


def test_slow_requests(service: Service, oncall: Pager) -> None:
    """Real requests are slow: the p90 over the baseline, and the budget of the latency objective."""
    since = now()
    with service.traffic("slow", callers=6):
        service.await_alarms(*SLOW, since=since)
    _await_told(oncall, "ALARM", "latency-burn-6m", "latency-burn-12m")
    with service.traffic("ada"):
        service.await_quiet()


def test_throttled_requests(service: Service, oncall: Pager) -> None:
    """Real requests find no concurrency left."""
    since, functions = now(), service.project.client("lambda")
    functions.put_function_concurrency(FunctionName=f"{PREFIX}api", ReservedConcurrentExecutions=0)
    with service.traffic("ada"):
        service.await_alarms(*THROTTLED, since=since)
    functions.delete_function_concurrency(FunctionName=f"{PREFIX}api")
    _await_told(oncall, "ALARM", "api-throttles")
    with service.traffic("ada"):
        service.await_quiet()
    _await_told(oncall, "OK", "api-throttles")


def _mapping(service: Service) -> str:
    found = service.project.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    return str(found[0]["UUID"])


def test_a_stalled_archive(service: Service, oncall: Pager) -> None:
    """Real records come faster than the archiver, slowed down and one at a time, can archive them."""
    since, functions, mapping = now(), service.project.client("lambda"), _mapping(service)
    size = functions.get_event_source_mapping(UUID=mapping)["BatchSize"]
    functions.update_event_source_mapping(UUID=mapping, BatchSize=1)
    try:
        with service.changes("stall"):
            service.await_alarms(*STALLED, since=since)
    finally:
        functions.update_event_source_mapping(UUID=mapping, BatchSize=size)
    _await_told(oncall, "ALARM", "archiver-lag")
    service.await_quiet()
    _await_told(oncall, "OK", "archiver-lag")


def test_poison_and_crashes_of_the_archiver(service: Service, oncall: Pager) -> None:
    """A real record that is no transaction becomes a dead letter; one that breaks the archiver is an error."""
    since = now()
    item = {"userId": {"S": "mallory"}, "transactionId": {"S": "no-transaction"}}
    service.project.client("dynamodb").put_item(TableName=f"{PREFIX}transactions", Item=item)
    service.await_alarms(*POISONED, since=since)
    with service.changes("crash"):
        service.await_alarms(*CRASHING, since=since)
    _await_told(oncall, "ALARM", "dead-letters", "guarded-warnings")
    service.await_quiet_without_letters()
    _await_told(oncall, "OK", "dead-letters")


def test_a_throttled_archiver(service: Service, oncall: Pager) -> None:
    """The poller finds no concurrency left for real records."""
    since, functions = now(), service.project.client("lambda")
    functions.put_function_concurrency(FunctionName=f"{PREFIX}archiver", ReservedConcurrentExecutions=0)
    with service.changes("ada"):
        service.await_alarms(*ARCHIVER_THROTTLED, since=since)
    functions.delete_function_concurrency(FunctionName=f"{PREFIX}archiver")
    _await_told(oncall, "ALARM", "archiver-throttles")
    service.await_quiet_without_letters()


def test_a_throttled_table_and_two_warnings_at_once(service: Service, oncall: Pager) -> None:
    """Recorded datapoints: the embedded table has no capacity to run out of. Two areas at once escalate."""
    since = now()

    def record() -> None:
        for kind in ("Read", "Write"):
            datum = {
                "MetricName": f"{kind}ThrottleEvents",
                "Value": 3.0,
                "Dimensions": [{"Name": "TableName", "Value": f"{PREFIX}transactions"}],
            }
            service.cloudwatch.put_metric_data(Namespace="AWS/DynamoDB", MetricData=[datum])

    functions = service.project.client("lambda")
    functions.put_function_concurrency(FunctionName=f"{PREFIX}api", ReservedConcurrentExecutions=0)
    oncall.told.clear()
    with service.traffic("ada"):

        def missing() -> list[str]:
            record()
            return sorted({"api-throttles", *TABLE_THROTTLED} - service.went_off(since))

        until(missing, what="in ALARM")
    functions.delete_function_concurrency(FunctionName=f"{PREFIX}api")
    _await_told(oncall, "ALARM", "transactions-read-throttles", "transactions-write-throttles", "escalation")
    with service.traffic("ada"):
        service.await_quiet()
    _await_told(oncall, "OK", "transactions-read-throttles", "escalation")


def test_a_trial_reaches_the_pager(service: Service, oncall: Pager) -> None:
    """`tapgen test-alarm` tells who hears of an alarm, and they do; somebody else's slip is told."""
    oncall.told.clear()
    found = service.project.run_text_json("test-alarm", "--env", "local", "escalation")

    assert [(act["outcome"], act["target"].rpartition(":")[2]) for act in found["acts"]] == [
        ("executed", f"{PREFIX}alarms-critical")
    ]
    (subscription,) = found["topics"][0]["subscriptions"]
    assert (subscription["endpoint"], subscription["confirmed"]) == (oncall.url, True)
    assert found["warnings"] == []
    _await_told(oncall, "ALARM", "escalation")
    _await_told(oncall, "OK", "escalation")
    assert service.states()["escalation"] == "OK"
    service.project.run("test-alarm", "--env", "local", "escalatoin", expect=2)


def test_a_shift_keeps_quiet_what_its_guards_tell(service: Service, oncall: Pager) -> None:
    """Real requests fail while a real shift runs: its guards stop it and that is told, the warnings wait meanwhile."""
    service.project.edit_api("another edition")
    oncall.told.clear()
    since = now()
    shift = service.project.spawn("deploy", "--env", "local", "--yes")
    try:
        service.await_alarms(*SHIFTING, since=since)
        with service.traffic("boom"):
            until(
                lambda: [] if service.described("guarded-warnings").get("ActionsSuppressedBy") == "Alarm" else ["it"],
                what="suppressed",
            )
            assert "guarded-warnings" not in oncall.alarms("ALARM")
            until(
                lambda: [] if {"FAILURE", "STOP"} & {_shift_state(message) for message in oncall.told} else ["it"],
                what="told that the shift was stopped",
            )
    finally:
        assert shift.wait(timeout=60) == 4


def _shift_state(message: dict[str, object]) -> str:
    detail = message.get("detail")
    return str(detail.get("state")) if isinstance(detail, dict) else ""
