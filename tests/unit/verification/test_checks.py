"""What checks conclude, where the embedded AWS cannot show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from tapgen.aws.alarm_data import Metric, WatchingAlarm
from tapgen.aws.http_api import ApiAnswer
from tapgen.deploy.probes import ProbeAccess
from tapgen.deploy.state.stack_tree import StackSurvey, Survey
from tapgen.errors import AwsError
from tapgen.findings import Finding, Report
from tapgen.journey.steps import Event, Request
from tapgen.model import StackResource, StackState
from tapgen.parts.function.model import Function
from tapgen.verification.api_checks import check_answers, check_refuses_strangers
from tapgen.verification.data_checks import denies_plain_http, judge_plain_request
from tapgen.verification.deployed import Deployed
from tapgen.verification.verify import run_check
from tapgen.verification.watch_checks import judge_alarm
from tests.unit.templates.variants import VARIANTS

if TYPE_CHECKING:
    from tapgen.config.environment import Environment

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
URL = "https://s3.eu-west-1.amazonaws.com/bucket?X-Amz-Signature=ab"
DENY: dict[str, Any] = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.mark.parametrize(
    ("secure", "plain", "outcome"),
    [(200, 403, "passed"), (200, 200, "failed"), (200, 301, "failed"), (200, 0, "skipped"), (403, 403, "skipped")],
)
def test_plain_http_is_compared_with_tls(secure: int, plain: int, outcome: str) -> None:
    """Only a caller who gets in over TLS can tell that plain HTTP is refused; nobody's answer proves nothing."""
    asked: list[str] = []

    def send(url: str) -> int:
        asked.append(url)
        return secure if url.startswith("https://") else plain

    assert judge_plain_request(Report("plain-http-request"), URL, send, fix="").status == outcome
    assert asked[0] == URL
    assert asked[1:] in ([], [URL.replace("https", "http", 1)])


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::1:root"}},
        {"Action": "s3:GetObject"},
        {"Resource": ["arn:aws:s3:::b/*"]},
        {"Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalOrgID": "o"}}},
        {"Condition": {}},
    ],
)
def test_a_denial_with_a_gap_is_none(changes: dict[str, Any]) -> None:
    """Everybody, everything, the bucket and its objects, and no further condition."""
    assert denies_plain_http(DENY, "b")
    assert not denies_plain_http(DENY | changes, "b")


class _Deployed:
    """What judging an alarm looks at."""

    class names:  # noqa: N801 - stands for an attribute
        metric_namespace = "shop/prod"

    def __init__(self) -> None:
        ids = ("shop-api", "arn:aws:lambda:eu-west-1:1:function:shop-archiver")
        resources = tuple(
            StackResource(logical_id=item, physical_id=item, resource_type="AWS::Lambda::Function", status="")
            for item in ids
        )
        stack = StackSurvey(label="Compute", stack_id="s", status="UPDATE_COMPLETE", resources=resources)
        self.found = Survey(root=StackState(name="shop", stack_id="r", status="UPDATE_COMPLETE"), stacks=(stack,))


def _metric(name: str = "Errors", *, namespace: str = "AWS/Lambda", **dimensions: str) -> Metric:
    return Metric(namespace, name, frozenset((dimensions or {"FunctionName": "shop-api"}).items()))


def _judge(*watched: Metric, listed: set[Metric], age: timedelta = timedelta(days=1)) -> str:
    alarm = WatchingAlarm(name="a", state="OK", reason="", metrics=watched, updated_at=NOON - age, actions_enabled=True)

    def known(namespace: str, name: str) -> frozenset[Metric]:
        return frozenset(metric for metric in listed if (metric.namespace, metric.name) == (namespace, name))

    limit = NOON - timedelta(minutes=15)
    return judge_alarm(Report("alarms-have-data"), alarm, cast("Any", _Deployed()), known, limit).status


def test_an_alarm_on_a_metric_that_never_comes_is_found() -> None:
    """It names a function that is not there, or dimensions that the function's metric does not have."""
    mistyped = _metric(FunctionName="shop-apj")
    unknown = _metric(FunctionName="shop-api", Resource="shop-api:life")
    assert _judge(_metric(), listed={_metric()}) == "passed"
    assert _judge(mistyped, listed={_metric()}) == "failed"
    assert _judge(_metric(), mistyped, listed={_metric()}) == "failed"
    assert _judge(unknown, listed={_metric()}) == "failed"


def test_honest_exceptions_are_skipped_with_their_reason() -> None:
    """New alarms, functions and versions that nobody used, and metrics that exist only once something has happened."""
    mistyped = _metric(FunctionName="shop-apj")
    archiver = _metric(FunctionName="shop-archiver")
    old, new = (_metric(FunctionName="shop-api", ExecutedVersion=version) for version in "12")
    assert _judge(mistyped, listed={_metric()}, age=timedelta(minutes=5)) == "skipped"
    assert _judge(archiver, listed={_metric()}) == "skipped"
    assert _judge(new, listed={old}) == "skipped"
    assert _judge(_metric("ReadThrottleEvents", namespace="AWS/DynamoDB"), listed=set()) == "skipped"
    assert _judge(_metric("TransactionConflicts", namespace="shop/prod"), listed=set()) == "skipped"


def test_a_check_that_may_not_look_has_failed() -> None:
    """Nothing is taken for granted: the refusal is the finding."""

    def check(deployed: Any) -> Any:
        raise AwsError(f"cannot look at the table {deployed}: access denied", hint="allow it")

    (finding,) = run_check("table", check, cast("Any", "t"))

    assert finding == Finding(
        check="table", status="failed", what="cannot look at the table t: access denied", fix="allow it"
    )


class _Refusing:
    """An API that lets nobody in, and counts who comes."""

    requests = 0
    open_paths = frozenset[str]()

    def request(self, method: str, path: str, **_: object) -> ApiAnswer:
        del method
        self.requests += 1
        if path in self.open_paths:
            return ApiAnswer(status=200, body=b'{"status": "ok"}')
        return ApiAnswer(status=403)


@pytest.mark.parametrize(
    ("open_paths", "told"), [(set[str](), "health 403"), ({"/health"}, "health 200, create 403, clean up 403")]
)
def test_an_api_that_refuses_its_caller_says_so_at_once(open_paths: set[str], told: str) -> None:
    """Nothing was written, so nothing is swept: a creation and its deletion are all that is asked for."""
    caller = _Refusing()
    caller.open_paths = frozenset(open_paths)

    (found,) = check_answers(_deployed(VARIANTS["prod"], caller))

    assert found.status == "failed"
    assert found.what.startswith(f"the API refuses its caller: {told}")
    assert caller.requests <= 5


def _deployed(environment: Environment, caller: Any) -> Deployed:
    nowhere = cast("Any", None)
    return Deployed(
        context=nowhere,
        deployment=nowhere,
        environment=environment,
        situation=nowhere,
        found=nowhere,
        stranger=caller,
        access=ProbeAccess(caller=caller),
    )


def _asking_as_somebody() -> Environment:
    """A journey that asks for the public route as its user: nobody has to say that a route needs no credentials."""
    environment = VARIANTS["prod"]
    parts = []
    for part in environment.service.parts:
        if isinstance(part, Function) and part.journey:
            steps = tuple(_as_somebody(step) for step in part.journey.steps)
            part = replace(part, journey=replace(part.journey, steps=steps))  # noqa: PLW2901 - the same part
        parts.append(part)
    return replace(environment, service=replace(environment.service, parts=tuple(parts)))


def _as_somebody(step: Request | Event) -> Request | Event:
    return replace(step, as_user=None) if isinstance(step, Request) and step.path == "/health" else step


def test_a_route_is_open_because_the_service_says_so() -> None:
    """The answer of a public route is no sign that the API lets its caller in, nor that it lets a stranger in."""
    caller = _Refusing()
    caller.open_paths = frozenset({"/health"})
    deployed = _deployed(_asking_as_somebody(), caller)
    (answers,), (strangers,) = check_answers(deployed), check_refuses_strangers(deployed)

    assert answers.what.startswith("the API refuses its caller: health 200, create 403")
    assert (strangers.status, strangers.what) == ("passed", "a caller without JWT authorization gets 403")
