"""A bad version under traffic: its guards stop the shift, the old version serves, and the screen says what happened."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.cli.conftest import Project


@pytest.fixture(name="url")
def _url(project: Project) -> str:
    """The API of a first edition, whose next ones are shifted 10 % for ten minutes of scaled time."""
    project.configure_canary("percentage: 10", "interval_min: 10")
    return str(project.run_json("deploy", "--env", "local", "--yes")["outputs"]["LocalApiUrl"])


@pytest.fixture(name="answers")
def _answers(url: str) -> Iterator[Counter[int]]:
    """Statuses of the list route, called all the time."""
    seen: Counter[int] = Counter()
    stop = threading.Event()

    def drive() -> None:
        while not stop.wait(0.02):
            try:
                with urllib.request.urlopen(f"{url}/users/ada/transactions", timeout=30) as answer:  # noqa: S310 - ours
                    seen[answer.status] += 1
            except urllib.error.HTTPError as error:
                seen[error.code] += 1

    thread = threading.Thread(target=drive)
    thread.start()
    yield seen
    stop.set()
    thread.join()


def test_bad_version_is_stopped_and_explained(project: Project, answers: Counter[int]) -> None:
    """A handler that throws ends with exit 4; the shift, its weight and the red alarm are told, and 1 in 10 failed.

    It throws for one user alone: the hook before traffic does not see it.
    """
    operations = project.folder / "handlers" / "api" / "operations.py"
    good = operations.read_text(encoding="utf-8")
    bad = good.replace(
        "def list_by_user(",
        "def list_by_user(request: Request, table: Table) -> Answer:\n"
        '    if request.user_id == "ada":\n        raise RuntimeError("broken")\n'
        "    return _list_by_user(request, table)\n\n\ndef _list_by_user(",
    )
    operations.write_text(bad, encoding="utf-8")

    lines = [
        json.loads(line) for line in project.run("deploy", "--env", "local", "--yes", "--json", expect=4).splitlines()
    ]

    shifts = [line["shift"] for line in lines if line["type"] == "shift-progressed"]
    assert (shifts[0]["current_version"], shifts[0]["target_version"]) == ("1", "2")
    weights = {shift["target_weight"] for shift in shifts}
    assert 0.1 in weights
    assert max(weights) == 0.1
    assert shifts[-1]["status"] == "Stopped"
    result = lines[-1]
    assert result["failure"]["logical_id"] == "ApiLiveAlias"
    assert "alarms have been activated" in result["error"]["why"]
    assert "version 2 was stopped at 10%" in result["error"]["why"]
    assert ">= 1; Threshold Crossed" in result["error"]["why"]
    assert [(shift["outcome"], shift["code"]) for shift in result["shifts"]] == [("rolled-back", "ALARM_ACTIVE")]
    assert result["shifts"][0]["errors"] > 0
    assert answers[200] > 3 * answers[502] > 0
    _check_report(project.run_text_json("report", "--env", "local"))

    _await_calm(project)
    operations.write_text(good.replace("many: newest first", "many, newest first"), encoding="utf-8")
    served = answers[502]
    assert project.run_json("deploy", "--env", "local", "--yes")["status"] == "done"
    assert answers[502] == served


def _check_report(report: dict[str, Any]) -> None:
    """The deploy left what was seen of the stop: the cause, the weights, the red guard, the alias that failed."""
    assert report["record"]["outcome"]["status"] == "rolled-back"
    (story,) = [each for each in report["shifts"] if each["function"].endswith("-api")]
    assert story["outcome"] == "rolled-back"
    assert max(sample["weight"] for sample in story["samples"]) == 0.1
    assert "ALARM" in {alarm["state"] for alarm in story["alarms"]}
    reasons = {bar["logical_id"]: bar["reason"] for bar in report["bars"]}
    assert "alarms have been activated" in reasons["ApiLiveAlias"]
    assert any("handlers/api/operations.py" in detail for _, details in report["changes"]["code"] for detail in details)


def _await_calm(project: Project) -> None:
    """The API's 5xx have no version: their guard must be OK again before the next shift, as it must on AWS.

    It may still turn red for the last answers of the bad version, so it must stay OK for some periods of scaled time.
    """
    cloudwatch = project.client("cloudwatch")
    started = calm_since = time.monotonic()
    while time.monotonic() - calm_since < 3:
        red = cloudwatch.describe_alarms(StateValue="ALARM", AlarmNamePrefix="transactions-local-us-east-1-guard")
        if red["MetricAlarms"]:
            calm_since = time.monotonic()
        assert time.monotonic() - started < 60, "a guard alarm stays red"
        time.sleep(0.2)


def test_running_deploy_is_joined_from_elsewhere(project: Project, url: str) -> None:
    """--detach leaves a shift running, a deploy of something else is refused, attach shows the shift to its end."""
    assert project.run_json("attach", "--env", "local")["status"] == "unchanged"
    project.configure_canary("percentage: 10", "interval_min: 20")
    project.edit_api("another")

    assert project.run_json("deploy", "--env", "local", "--yes", "--detach")["status"] == "started"
    project.edit_api("yet another")
    busy = project.start("deploy", "--env", "local", "--yes")
    assert busy.returncode == 3
    assert "tapgen attach --env local" in busy.stderr
    assert "a deploy of release" in busy.stderr
    lines = [json.loads(line) for line in project.run("attach", "--env", "local", "--json").splitlines()]

    weights = [line["shift"]["target_weight"] for line in lines if line["type"] == "shift-progressed"]
    assert any(shift["samples"] for shift in project.run_text_json("report", "--env", "local")["shifts"])
    assert 0.1 in weights
    assert weights[-1] == 1.0
    assert (lines[-1]["status"], lines[-1]["outputs"]["LocalApiUrl"]) == ("done", url)
    assert [shift["outcome"] for shift in lines[-1]["shifts"]] == ["inconclusive"]


def test_a_version_that_nobody_called_gets_no_traffic(project: Project, url: str) -> None:
    """With the policy to fail, a quiet canary is stopped before all traffic moves: exit 4, and the way out."""
    project.configure_canary("percentage: 10", "interval_min: 10", "inconclusive: fail")
    project.edit_api("a quiet one")

    result = project.run_json("deploy", "--env", "local", "--yes", expect=4)

    assert [(shift["outcome"], shift["code"]) for shift in result["shifts"]] == [("rolled-back", "UNPROVEN")]
    # On a machine too busy to look in time it is taken back right after, and that is what the reason says then.
    why = result["error"]["why"]
    assert "fewer than 20 requests prove nothing" in why or "got all traffic unproven" in why
    assert "shift.probes.rate_per_min" in result["error"]["hint"]


def test_probes_try_a_version_that_nobody_else_calls(project: Project, url: str) -> None:
    """Synthetic callers come through the public API while traffic is split, and leave no transaction behind."""
    probes = "probes: {rate_per_min: 600}"
    project.configure_canary("percentage: 30", "interval_min: 10", "minimum_requests: 5", "inconclusive: fail", probes)
    project.edit_api("a probed one")

    result = project.run_json("deploy", "--env", "local", "--yes")

    (shift,) = result["shifts"]
    assert shift["outcome"] == "passed"
    assert shift["requests"] >= 5
    table = project.client("dynamodb").scan(TableName="transactions-local-us-east-1-transactions")
    assert table["Items"] == []


def test_an_unproven_version_is_watched_on(project: Project, url: str) -> None:
    """With the policy to extend, a quiet version gets all traffic and a longer look, and then a warning."""
    project.configure_canary("percentage: 10", "interval_min: 5", "inconclusive: extend")
    project.edit_api("an edition that nobody calls")

    lines = [json.loads(line) for line in project.run("deploy", "--env", "local", "--yes", "--json").splitlines()]

    assert [line["text"] for line in lines if line.get("step") == "prolong"][-1].endswith("is still unproven")
    assert [shift["outcome"] for shift in lines[-1]["shifts"]] == ["inconclusive"]


def test_a_version_that_fails_when_it_is_watched_on_is_rolled_back(project: Project, url: str) -> None:
    """What a quiet canary could not see turns red under all traffic: the release before it is live again, exit 4."""
    project.configure_canary("percentage: 10", "interval_min: 20", "inconclusive: extend")
    live = project.run_json("deploy", "--env", "local", "--yes")["release_id"]
    operations = project.folder / "handlers" / "api" / "operations.py"
    good = operations.read_text(encoding="utf-8")
    broken = '    if request.path["userId"] == "ada":\n        raise RuntimeError("broken for ada")\n'
    head = '    """GET many'
    before, _, after = good.partition(head)
    first, _, rest = after.partition("\n")
    operations.write_text(f"{before}{head}{first}\n{broken}{rest}", encoding="utf-8")
    stop = threading.Event()

    def status() -> str:
        stacks = project.client("cloudformation").describe_stacks(StackName="transactions-local-us-east-1-service")
        return str(stacks["Stacks"][0]["StackStatus"])

    def call_once_the_stack_is_updated() -> None:
        for ended in (False, True):
            while (status() == "UPDATE_COMPLETE") is not ended and not stop.wait(0.05):
                pass
        while not stop.wait(0.1):
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(f"{url}/users/ada/transactions", timeout=30).close()  # noqa: S310 - ours

    caller = threading.Thread(target=call_once_the_stack_is_updated)
    caller.start()
    try:
        result = project.run_json("deploy", "--env", "local", "--yes", expect=4)
    finally:
        stop.set()
        caller.join()
        operations.write_text(good, encoding="utf-8")

    assert result["error"]["code"] == "taken-back"
    assert "had all traffic when a guard went into ALARM" in result["error"]["why"]
    assert project.run("outputs", "--env", "local", "--key", "ReleaseId").strip() == live
