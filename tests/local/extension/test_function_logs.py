"""What a function's log group holds: streams that name the version, the runtime's lines, errors with their stack."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.shift_service import function, role

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

CODE = """import os, time
def handler(event, context):
    print("told", event)
    if event == "exit":
        os._exit(1)
    if event == "sleep":
        time.sleep(30)
    if event == "fail":
        broken()
    return [os.getpid(), context.log_stream_name, os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]]

def broken():
    raise RuntimeError("broken")
"""
STREAM = r"\d{4}/\d\d/\d\d/\[%s\][0-9a-f]{32}"
STACK = ['  File "/var/task/index.py", line 9, in handler', '  File "/var/task/index.py", line 13, in broken']


class Logged:
    """A function and its log.

    Args:
        client: Makes the clients.
        name: The function's name.
        group: Its log group.
    """

    def __init__(self, client: ClientFactory, name: str, group: str) -> None:
        self.awslambda = client("lambda")
        self._logs = client("logs")
        self.name = name
        self._group = group

    def invoke(self, event: str, qualifier: str = "$LATEST") -> Any:
        """What the function returned, or the error."""
        answer = self.awslambda.invoke(FunctionName=self.name, Payload=json.dumps(event), Qualifier=qualifier)
        return json.loads(answer["Payload"].read())

    def streams(self) -> list[str]:
        """The names of its log streams."""
        found = self._logs.describe_log_streams(logGroupName=self._group)["logStreams"]
        return [stream["logStreamName"] for stream in found]

    def lines(self, *streams: str) -> list[str]:
        """The messages of some streams, or of all."""
        chosen = {"logStreamNames": list(streams)} if streams else {}
        return [
            event["message"] for event in self._logs.filter_log_events(logGroupName=self._group, **chosen)["events"]
        ]


@pytest.fixture
def text(client: ClientFactory, stacks: Stacks, name: str) -> Logged:
    """A function that logs as functions do by default."""
    resources = {"Role": role("lambda.amazonaws.com"), "Function": function(CODE, FunctionName=name, Timeout=2)}
    assert stacks.create(name, {"Resources": resources}) == "CREATE_COMPLETE"
    return Logged(client, name, f"/aws/lambda/{name}")


def json_function(client: ClientFactory, stacks: Stacks, name: str, **logging: str) -> Logged:
    group = f"/tests/{uuid.uuid4().hex}"
    config = {"LogFormat": "JSON", "LogGroup": group, **logging}
    resources = {
        "Role": role("lambda.amazonaws.com"),
        "Function": function(CODE, FunctionName=name, Timeout=2, LoggingConfig=config),
    }
    assert stacks.create(name, {"Resources": resources}) == "CREATE_COMPLETE"
    return Logged(client, name, group)


def test_an_environment_has_one_stream_that_names_the_version(text: Logged) -> None:
    """Its lines can be found by the version; the function knows the stream by its context and its environment."""
    version = text.awslambda.publish_version(FunctionName=text.name)["Version"]
    _, told, variable = text.invoke("one", version)
    assert told == variable
    assert text.invoke("two", version)[1] == told
    other = text.invoke("three")[1]
    assert re.fullmatch(STREAM % version, told)
    assert re.fullmatch(STREAM % r"\$LATEST", other)
    assert sorted(text.streams()) == sorted([told, other])
    assert [line for line in text.lines(told) if "told" in line] == ["told one", "told two"]


def test_an_invocation_has_a_start_an_end_and_a_report(text: Logged) -> None:
    """With its request id; the start of the environment is reported once, and apart from the duration."""
    text.invoke("one")
    text.invoke("two")
    first, second = text.lines()[:4], text.lines()[4:]
    request_id = first[0].split()[2]
    assert first[0] == f"START RequestId: {request_id} Version: $LATEST"
    assert first[1:3] == ["told one", f"END RequestId: {request_id}"]
    report = (
        rf"REPORT RequestId: {request_id}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t"
    )
    assert re.fullmatch(report, first[3])
    assert second[0].split()[2] != request_id
    assert "Init Duration" not in second[3]


def test_an_error_is_one_event_with_its_stack(text: Logged) -> None:
    """As the Python runtime writes it: in /var/task, from the handler on, indented with no-break spaces."""
    answer = text.invoke("fail")
    (error,) = [line for line in text.lines() if line.startswith("[ERROR]")]
    lines = error.replace("\u00a0", " ").splitlines()
    assert lines[:2] == ["[ERROR] RuntimeError: broken", "Traceback (most recent call last):"]
    assert lines[2:] == [STACK[0], "    broken()", STACK[1], '    raise RuntimeError("broken")']
    assert (answer["errorType"], answer["errorMessage"]) == ("RuntimeError", "broken")
    assert [frame.splitlines()[0] for frame in answer["stackTrace"]] == STACK
    assert f"START RequestId: {answer['requestId']} Version: $LATEST" in text.lines()


def test_an_environment_survives_an_error(text: Logged) -> None:
    """The next invocation finds the same process and the same stream."""
    before = text.invoke("one")
    text.invoke("fail")
    assert text.invoke("two") == before
    assert text.streams() == [before[1]]


@pytest.mark.parametrize(
    ("event", "kind", "told"),
    [
        ("sleep", "Sandbox.Timedout", "Task timed out after 2.00 seconds"),
        ("exit", "Runtime.ExitError", "Runtime exited without providing a reason"),
    ],
)
def test_an_environment_that_ends_is_replaced(text: Logged, event: str, kind: str, told: str) -> None:
    """Out of time, or gone by itself: the log says so, and the next invocation has another environment."""
    before = text.invoke("one")
    answer = text.invoke(event)
    assert answer["errorType"] == kind
    request_id = text.lines()[4].split()[2]
    assert answer["errorMessage"] == f"RequestId: {request_id} Error: {told}"
    assert re.search(rf"^[-\d]+T[:.\d]+Z {request_id} {re.escape(told)}$", "\n".join(text.lines()), re.MULTILINE)
    assert ("Status: timeout" in text.lines()[-1]) == (event == "sleep")
    after = text.invoke("two")
    assert after[:2] != before[:2]
    assert set(text.streams()) == {before[1], after[1]}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import no_such_module\n", ("Runtime.ImportModuleError", "Unable to import module 'index': No module named")),
        ("def handler(:\n", ("Runtime.UserCodeSyntaxError", "Syntax error in module 'index': invalid syntax")),
        ("other = 1\n", ("Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'")),
        ("raise ValueError('bad setting')\n", ("ValueError", "bad setting")),
    ],
)
def test_code_that_does_not_start_says_why(
    client: ClientFactory, stacks: Stacks, name: str, code: str, error: tuple[str, str]
) -> None:
    """The caller and the log are told alike."""
    kind, told = error
    resources = {"Role": role("lambda.amazonaws.com"), "Function": function(code, FunctionName=name)}
    assert stacks.create(name, {"Resources": resources}) == "CREATE_COMPLETE"
    logged = Logged(client, name, f"/aws/lambda/{name}")
    answer = logged.invoke("one")
    assert answer["errorType"] == kind
    assert answer["errorMessage"].startswith(told)
    (line,) = [line for line in logged.lines() if line.startswith("[ERROR]")]
    assert line.startswith(f"[ERROR] {kind}: {told}")


def test_json_is_written_when_the_function_asks_for_it(client: ClientFactory, stacks: Stacks, name: str) -> None:
    """Into the group of its choice: platform events, the function's own lines, and errors with their stack."""
    logged = json_function(client, stacks, name)
    logged.invoke("one")
    answer = logged.invoke("fail")
    start, told, report, *second = logged.lines()
    assert told == "told one"
    begun, ended = json.loads(start), json.loads(report)
    assert (begun["type"], begun["record"]["version"]) == ("platform.start", "$LATEST")
    assert (ended["type"], ended["record"]["status"]) == ("platform.report", "success")
    assert ended["record"]["requestId"] == begun["record"]["requestId"]
    assert set(ended["record"]["metrics"]) == {
        "durationMs",
        "billedDurationMs",
        "memorySizeMB",
        "maxMemoryUsedMB",
        "initDurationMs",
    }
    error = json.loads(second[2])
    assert (error["level"], error["errorType"], error["errorMessage"]) == ("ERROR", "RuntimeError", "broken")
    assert error["requestId"] == answer["requestId"]
    assert [frame.splitlines()[0] for frame in error["stackTrace"]] == STACK
    assert json.loads(second[3])["record"]["status"] == "error"


def test_a_high_system_level_leaves_the_failures(client: ClientFactory, stacks: Stacks, name: str) -> None:
    """SystemLogLevel WARN: nothing of what went well but the function's own lines."""
    logged = json_function(client, stacks, name, SystemLogLevel="WARN")
    logged.invoke("one")
    logged.invoke("fail")
    own, other, error, report = logged.lines()
    assert (own, other) == ("told one", "told fail")
    assert json.loads(error)["errorType"] == "RuntimeError"
    assert json.loads(report)["record"]["status"] == "error"
