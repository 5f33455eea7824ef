"""Hooks as a user meets them: a version that answers wrongly gets no traffic, and a good one passes without a trace.

The hooks run as functions with their own roles and CodeDeploy with its service role, all of them enforced: what passes
here has the permissions that the templates give, and no others.
"""

from __future__ import annotations

import json
import threading
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.hook_runtime.trials import USER
from tapgen.local.record import MINUTE_VARIABLE
from tapgen.naming import HOOKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.cli.conftest import Project

WRONG_AMOUNT = """
    if event["routeKey"].startswith("PUT") and answer["statusCode"] == 200:
        answer["body"] = json.dumps(json.loads(answer["body"]) | {"amount": "98.76"})
"""
SICK_WHEN_LIVE = """
    if context.invoked_function_arn.endswith(":live") and event["routeKey"] == "GET /health":
        answer["statusCode"] = 503
"""


@pytest.fixture(name="outputs", scope="module")
def _outputs(project: Project) -> dict[str, str]:
    """Of the first edition, which no hook has judged: it had nothing to be shifted from."""
    first = project.run_json("deploy", "--env", "local", "--yes")
    outputs: dict[str, str] = first["outputs"]
    assert _hook_lines(project, outputs["BeforeHookLogGroupName"]) == []
    return outputs


@pytest.fixture(name="editions")
def _editions(outputs: dict[str, str]) -> Iterator[list[str]]:
    """What callers of the API see all the time: the edition of the version that answers them."""
    seen: list[str] = []
    stop = threading.Event()

    def call() -> None:
        while not stop.wait(0.02):
            with urllib.request.urlopen(f"{outputs['LocalApiUrl']}/health", timeout=30) as answer:  # noqa: S310 - ours
                seen.append(json.loads(answer.read()).get("edition", "first"))

    thread = threading.Thread(target=call)
    thread.start()
    yield seen
    stop.set()
    thread.join()


def _write_edition(project: Project, name: str, change: str = "") -> None:
    """The API's code with a health answer that names the edition, and another change of its answers."""
    app = project.folder / "handlers" / "api" / "app.py"
    original = app.read_text(encoding="utf-8").partition("\n\n_first = handler\n")[0]
    app.write_text(
        f"{original}\n\n_first = handler\n\n\ndef handler(event, context):\n    import json\n\n"
        "    answer = _first(event, context)\n"
        '    if event["routeKey"] == "GET /health":\n'
        f'        answer["body"] = json.dumps(json.loads(answer["body"]) | {{"edition": "{name}"}})\n'
        f"{change}\n    return answer\n",
        encoding="utf-8",
    )


def _hook_lines(project: Project, group: str) -> list[dict[str, Any]]:
    """The outcomes in a hook's log, the oldest first."""
    events = project.client("logs").filter_log_events(logGroupName=group)["events"]
    lines = [json.loads(event["message"]) for event in events if event["message"].startswith("{")]
    return [line for line in lines if str(line.get("message", "")).startswith("hook ")]


def _last_outcome(project: Project, outputs: dict[str, str], event: str) -> dict[str, Any]:
    """How a hook judged the newest version of the API."""
    lines = _hook_lines(project, outputs[f"{event}HookLogGroupName"])
    judged = [line for line in lines if line["function"] == outputs["ApiFunctionName"]]
    return max(judged, key=lambda line: int(line["version"]))


def _served(project: Project, function: str, *, version: str) -> float:
    """How many calls through the live alias a version has answered."""
    now = datetime.now(UTC)
    dimensions = {"FunctionName": function, "Resource": f"{function}:live", "ExecutedVersion": version}
    found = project.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Invocations",
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=60,
        Statistics=["Sum"],
    )
    return sum(float(point["Sum"]) for point in found["Datapoints"])


def _live_version(project: Project, role: str = "api") -> str:
    name = f"transactions-local-us-east-1-{role}"
    return str(project.client("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"])


def _synthetic_rows(project: Project, outputs: dict[str, str]) -> int:
    found = project.client("dynamodb").query(
        TableName=outputs["TransactionsTableName"],
        KeyConditionExpression="userId = :user",
        ExpressionAttributeValues={":user": {"S": USER}},
    )
    return int(found["Count"])


def test_version_that_answers_wrongly_gets_no_traffic(
    project: Project, outputs: dict[str, str], editions: list[str]
) -> None:
    """Nothing is raised and every status is right; the hook sees the wrong amount, and no caller ever does."""
    _write_edition(project, "wrong", WRONG_AMOUNT)

    result = project.run_json("deploy", "--env", "local", "--yes", expect=4)

    assert result["failure"]["logical_id"] == "ApiLiveAlias"
    assert "lifecycle event validation functions failed" in result["error"]["why"]
    assert _live_version(project) == "1"
    assert set(editions) == {"first"}
    assert _served(project, outputs["ApiFunctionName"], version="1") > 0
    assert _served(project, outputs["ApiFunctionName"], version="2") == 0
    assert _synthetic_rows(project, outputs) == 0
    outcome = _last_outcome(project, outputs, "Before")
    assert (outcome["message"], outcome["check"], outcome["version"]) == ("hook failed", "replace", "2")
    assert outcome["got"] == "status 200, another amount"


def test_archiver_that_does_not_start_gets_no_traffic(project: Project, outputs: dict[str, str]) -> None:
    """Its alias stays on the old version, and with it that of the API, whose own version is fine."""
    _write_edition(project, "fine")
    app = project.folder / "handlers" / "archiver" / "app.py"
    good = app.read_text(encoding="utf-8")
    app.write_text(
        good.replace("\nwith FailureLog", '\nraise ImportError("no such module")\nwith FailureLog', 1), encoding="utf-8"
    )

    try:
        result = project.run_json("deploy", "--env", "local", "--yes", expect=4)
    finally:
        app.write_text(good, encoding="utf-8")

    assert result["failure"]["logical_id"] == "ArchiverLiveAlias"
    assert (_live_version(project), _live_version(project, "archiver")) == ("1", "1")
    outcomes = _hook_lines(project, outputs["BeforeHookLogGroupName"])
    (failed,) = [line for line in outcomes if line["function"] == outputs["ArchiverFunctionName"]]
    assert (failed["message"], failed["check"]) == ("hook failed", "empty batch")
    assert "no such module" in failed["got"]


def test_version_that_fails_only_when_it_is_live_is_rolled_back(project: Project, outputs: dict[str, str]) -> None:
    """The hook after traffic calls the live alias too; the alias goes back."""
    _write_edition(project, "sick", SICK_WHEN_LIVE)

    result = project.run_json("deploy", "--env", "local", "--yes", expect=4)

    assert result["failure"]["logical_id"] == "ApiLiveAlias"
    assert _live_version(project) == "1"
    assert _synthetic_rows(project, outputs) == 0
    assert _last_outcome(project, outputs, "Before")["message"] == "hook passed"
    outcome = _last_outcome(project, outputs, "After")
    assert (outcome["message"], outcome["check"]) == ("hook failed", "live alias")
    assert outcome["got"].startswith("status 503")


def test_good_version_passes_and_leaves_nothing(project: Project, outputs: dict[str, str]) -> None:
    """Both hooks pass; what a crashed one left long ago is gone, too."""
    left = {"userId": USER, "transactionId": "01a20d87-4e0c-7ee7-9150-45696a453732", "amount": "1.00"}
    left |= {"currency": "EUR", "type": "debit", "status": "posted", "description": ""}
    left |= {"createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z"}
    item: dict[str, Any] = {name: {"S": value} for name, value in left.items()}
    item |= {"version": {"N": "1"}, "metadata": {"M": {}}}
    project.client("dynamodb").put_item(TableName=outputs["TransactionsTableName"], Item=item)
    _write_edition(project, "good")

    assert project.run_json("deploy", "--env", "local", "--yes")["status"] == "done"

    assert _live_version(project) != "1"
    assert _synthetic_rows(project, outputs) == 0
    for event in ("Before", "After"):
        assert _last_outcome(project, outputs, event)["message"] == "hook passed"
    with urllib.request.urlopen(f"{outputs['LocalApiUrl']}/health", timeout=30) as answer:  # noqa: S310 - ours
        assert json.loads(answer.read())["edition"] == "good"


def test_silent_hook_ends_the_deployment_after_an_hour(project: Project, outputs: dict[str, str]) -> None:
    """A hook that cannot even be imported says nothing; the hour is a short one here."""
    live = _live_version(project)
    project.run("local", "stop")
    assert project.start("local", "start", environ={MINUTE_VARIABLE: "0.03"}).returncode == 0
    # Without its one setting the hooks' module raises as it is imported.
    for event in HOOKS:
        name = f"CodeDeployHook_transactions-local-us-east-1-{event}"
        project.client("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": {}})
    _write_edition(project, "unjudged")

    result = project.run_json("deploy", "--env", "local", "--yes", expect=4)

    assert "timed out" in result["error"]["why"]
    assert _live_version(project) == live
