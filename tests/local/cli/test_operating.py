"""Daily operation on one deployment: its logs, and whether it works and is protected.

The deployment is broken by hand, one property at a time, and ``verify`` has to name it.
"""

from __future__ import annotations

import json
import re
import signal
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local.cli.conftest import Project

LOCAL = ("--env", "local")


@pytest.fixture(name="project", scope="module")
def _project(deployed: Project) -> Project:
    return deployed


@pytest.fixture(name="outputs", scope="module")
def _outputs(project: Project) -> dict[str, str]:
    outputs: dict[str, str] = project.run_text_json("outputs", *LOCAL)
    return outputs


def _call(outputs: dict[str, str], path: str) -> str:
    """GET; the id that API Gateway gave the request."""
    request = urllib.request.Request(outputs["LocalApiUrl"] + path)  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
            return str(answer.headers["apigw-requestid"])
    except urllib.error.HTTPError as error:
        return str(error.headers["apigw-requestid"])


def _lines(project: Project, *arguments: str) -> list[dict[str, Any]]:
    """What ``tapgen logs --json`` prints."""
    return [json.loads(line) for line in project.run("logs", *LOCAL, "--json", *arguments).splitlines()]


def test_one_stream_of_all_logs(project: Project, outputs: dict[str, str]) -> None:
    """A request is in the access log, the handler's and the platform's lines, by time; without colour."""
    request = _call(outputs, "/health")

    lines = _lines(project)
    assert lines == sorted(lines, key=lambda line: line["time"])
    assert {("access", "access"), ("api", "handler"), ("api", "platform")} <= {
        (line["source"], line["kind"]) for line in lines
    }
    text = project.run("logs", *LOCAL, "--function", "access")
    assert "GET /health → 200" in text
    assert f"req={request}" in text
    assert "\x1b[" not in text


def test_a_request_is_found_by_each_of_its_ids(project: Project, outputs: dict[str, str]) -> None:
    """API Gateway's id and Lambda's lead to the same lines; those of other requests stay out."""
    _call(outputs, "/health")
    request = _call(outputs, "/nothing")

    by_request = _lines(project, "--request", request)
    (invocation,) = {line["invocation_id"] for line in by_request if line["invocation_id"]}
    by_invocation = _lines(project, "--request", invocation)

    assert by_request == by_invocation
    assert {line["request_id"] for line in by_request if line["request_id"]} == {request}
    assert {(line["source"], line["kind"]) for line in by_request} == {
        ("access", "access"),
        ("api", "handler"),
        ("api", "platform"),
    }


def test_nothing_found_says_where_it_looked(project: Project, outputs: dict[str, str]) -> None:
    """An empty answer names what was searched, and is no failure; what cannot be meant is refused."""
    done = project.start("logs", *LOCAL, "--filter", "no such words", "--function", "api")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no line with 'no such words' in the last 10m" in done.stderr
    assert outputs["ApiLogGroupName"] in done.stderr

    assert "there is no new version" in project.start("logs", *LOCAL, "--version", "new").stderr
    assert project.start("logs", *LOCAL, "--version", "newest").returncode == 2
    assert "have versions" in project.start("logs", *LOCAL, "--version", "1", "--function", "access").stderr
    other = project.start("logs", *LOCAL, "--suffix", "none")
    assert other.returncode == 2
    assert "has no log group" in other.stderr


def test_following_tells_what_comes_and_ends_with_ctrl_c(project: Project, outputs: dict[str, str]) -> None:
    """Lines that are written later come, each once; Ctrl-C ends it with 130 and without a word."""
    path = project.folder / "followed.txt"
    process = project.spawn_to(path, "logs", *LOCAL, "-f", "--function", "access", "--since", "1s")
    seen: list[str] = []
    deadline = time.monotonic() + 60
    while not any(request in path.read_text() for request in seen):
        assert time.monotonic() < deadline, "nothing is followed"
        seen.append(_call(outputs, "/health"))
        time.sleep(0.5)
    process.send_signal(signal.SIGINT)

    assert process.wait(30) == 130
    text = path.read_text()
    assert all(text.count(request) <= 1 for request in seen)
    assert "interrupted" not in text


def test_tune_reads_the_reports_of_the_functions(project: Project, outputs: dict[str, str]) -> None:
    """Every invocation is counted at its size; few are no ground for advice; the line is named."""
    _call(outputs, "/health")

    document = project.run_text_json("tune", *LOCAL, "--function", "api")

    (api,) = document["functions"]
    (size,) = api["sizes"]
    reports = [line for line in _lines(project, "--function", "api") if line["message"].startswith("report ")]
    assert size["memory_mb"] == 512
    assert size["invocations"] == len(reports)
    assert 0 < size["p50_ms"] <= size["p90_ms"] <= size["p99_ms"]
    assert api["advice"]["action"] == "unknown"
    assert api["setting"]["now"] == "defaults.function.memory_mb: 512"
    assert "keep functions.api.memory_mb: 512" in project.run("tune", *LOCAL, "--function", "api")


def test_verify_finds_nothing_and_leaves_nothing(project: Project, outputs: dict[str, str]) -> None:
    """A fresh deployment passes; the smoke test's transaction is gone."""
    document = project.run_text_json("verify", *LOCAL)

    assert document["counts"]["failed"] == 0
    by_check = {finding["check"]: finding for finding in document["findings"]}
    told = "health 200, create 201, read 200, list 200, replace 200, read replaced 200, refuse stale 412, delete 204"
    assert by_check["api-answers"]["what"].startswith(f"{told}, read deleted 404 in ")
    assert by_check["events-answer"]["status"] == "passed"
    assert by_check["events-answer"]["what"].startswith("archiver: ")
    assert by_check["alarms-have-data"]["status"] != "failed"
    assert by_check["drift"]["status"] == "passed"
    items = project.client("dynamodb").scan(TableName=outputs["TransactionsTableName"])["Items"]
    assert not [item for item in items if item.get("userId", {}).get("S") == "synthetic:probe"]


def _await_verified(project: Project) -> None:
    """Wait until everything is well again."""
    deadline = time.monotonic() + 90
    while (again := project.start("verify", *LOCAL)).returncode:
        assert time.monotonic() < deadline, again.stderr


def _breaks(project: Project, outputs: dict[str, str]) -> dict[str, tuple[Callable[[], Any], Callable[[], Any], str]]:
    """Check → (what breaks it, what mends it, words of the finding)."""
    logs, s3, table = project.client("logs"), project.client("s3"), project.client("dynamodb")
    sqs, cloudwatch, functions = project.client("sqs"), project.client("cloudwatch"), project.client("lambda")
    bucket, queue = outputs["ArchiveBucketName"], outputs["DeadLetterQueueUrl"]
    group, name = outputs["ApiLogGroupName"], outputs["TransactionsTableName"]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    dashboard = f"{name.removesuffix('-transactions')}-service"
    body = cloudwatch.get_dashboard(DashboardName=dashboard)["DashboardBody"]
    alarm = f"{name.removesuffix('-transactions')}-api-5xx"

    formation, root = project.client("cloudformation"), dashboard
    kept = formation.get_stack_policy(StackName=root)["StackPolicyBody"]
    everything = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}]}'

    def recovery(*, on: bool) -> None:
        table.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on}
        )

    def alias(version: str) -> None:
        functions.update_alias(FunctionName=outputs["ApiFunctionName"], Name="live", FunctionVersion=version)

    return {
        "log-retention": (
            lambda: logs.delete_retention_policy(logGroupName=group),
            lambda: logs.put_retention_policy(logGroupName=group, retentionInDays=7),
            f"{group} keeps its events for ever; configured are 7 days",
        ),
        "buckets-refuse-plain-http": (
            lambda: s3.delete_bucket_policy(Bucket=bucket),
            lambda: s3.put_bucket_policy(Bucket=bucket, Policy=policy),
            f"no statement of the policy of {bucket} denies plain HTTP",
        ),
        "public-access-blocked": (
            lambda: s3.put_public_access_block(
                Bucket=bucket, PublicAccessBlockConfiguration=block | {"BlockPublicPolicy": False}
            ),
            lambda: s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block),
            f"{bucket}: BlockPublicPolicy off",
        ),
        "table-recovery": (
            lambda: recovery(on=False),
            lambda: recovery(on=True),
            f"point-in-time recovery of {name} is off; configured is on",
        ),
        "dead-letters-empty": (
            lambda: sqs.send_message(QueueUrl=queue, MessageBody="poison"),
            lambda: sqs.purge_queue(QueueUrl=queue),
            "holds 1 message",
        ),
        "drift": (
            lambda: sqs.set_queue_attributes(QueueUrl=queue, Attributes={"MessageRetentionPeriod": "60"}),
            lambda: sqs.set_queue_attributes(QueueUrl=queue, Attributes={"MessageRetentionPeriod": "1209600"}),
            "Data.DeadLetterQueue has drifted: MessageRetentionPeriod is 60 instead of 1209600",
        ),
        "dashboards-exist": (
            lambda: cloudwatch.delete_dashboards(DashboardNames=[dashboard]),
            lambda: cloudwatch.put_dashboard(DashboardName=dashboard, DashboardBody=body),
            f"there is no dashboard {dashboard}",
        ),
        "stack-policies": (
            lambda: formation.set_stack_policy(StackName=root, StackPolicyBody=everything),
            lambda: formation.set_stack_policy(StackName=root, StackPolicyBody=kept),
            "the policy of the stack root is not the one",
        ),
        "alias-whole": (
            lambda: alias("$LATEST"),
            lambda: alias("1"),
            "points at version $LATEST, the stack has 1",
        ),
        "alarms-calm": (
            lambda: cloudwatch.disable_alarm_actions(AlarmNames=[alarm]),
            lambda: cloudwatch.enable_alarm_actions(AlarmNames=[alarm]),
            f"the actions of {alarm} are disabled",
        ),
    }


def test_verify_names_what_was_broken(project: Project, outputs: dict[str, str]) -> None:
    """Everything is broken by hand at once: exit 4, findings name thing and value; mended, it passes."""
    breaks = _breaks(project, outputs)
    for change, _, _ in breaks.values():
        change()

    done = project.start("verify", *LOCAL, "--json")

    for _, mend, _ in breaks.values():
        mend()
    assert done.returncode == 4, done.stderr
    failed = [finding for finding in json.loads(done.stdout)["findings"] if finding["status"] == "failed"]
    assert {finding["check"] for finding in failed} == set(breaks)
    assert all(finding["fix"] for finding in failed)
    for check, (_, _, words) in breaks.items():
        assert any(words in finding["what"] for finding in failed if finding["check"] == check)
    drifted = [finding["what"] for finding in failed if finding["check"] == "drift"]
    assert [what for what in drifted if "ApiLogGroup has drifted: RetentionInDays" in what]
    # The dead letter has called its alarm, which goes back when it sees the empty queue.
    _await_verified(project)


def test_verify_of_an_api_that_answers_wrongly(project: Project, outputs: dict[str, str]) -> None:
    """Without its permissions the API fails: the smoke test tells which request failed how, and where to look."""
    iam, role = project.client("iam"), outputs["ApiFunctionName"]
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policies = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}
    for name in policies:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    try:
        done = project.start("verify", *LOCAL)
    finally:
        for name, policy in policies.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))

    assert done.returncode == 4
    assert re.search(r"!! api-answers +health 200, create 502, clean up 502 \(3 times\)", done.stdout)
    assert "tapgen logs --env local" in done.stdout


def test_verify_wants_something_deployed(project: Project, outputs: dict[str, str]) -> None:
    """Nothing there is no verdict."""
    assert outputs
    done = project.start("verify", *LOCAL, "--suffix", "none")

    assert done.returncode == 2
    assert "is not deployed" in done.stderr


def test_a_shift_is_followed_by_its_new_version_alone(project: Project, outputs: dict[str, str]) -> None:
    """While a canary runs, ``new`` is the version that traffic moves to, and ``live`` the one it moves from."""
    _await_verified(project)
    project.configure_canary("percentage: 50", "interval_min: 60")
    project.edit_api("another edition")
    process = project.spawn("deploy", *LOCAL, "--yes")
    seen: set[str] = set()
    deadline = time.monotonic() + 120
    while not seen:
        assert time.monotonic() < deadline, "nothing of the new version is seen"
        assert process.poll() is None, "the deploy has ended"
        _call(outputs, "/health")
        done = project.start("logs", *LOCAL, "--version", "new", "--function", "api", "--json")
        seen = {json.loads(line)["version"] for line in done.stdout.splitlines()}
    live = {line["version"] for line in _lines(project, "--version", "live", "--function", "api")}
    process.kill()
    process.wait()

    assert (seen, live) == ({"2"}, {"1"})
