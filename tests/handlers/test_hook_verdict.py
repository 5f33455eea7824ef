"""A hook always answers CodeDeploy, in time and once, and says in its log why."""

from __future__ import annotations

import ast
import importlib
import io
import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tapgen.hook_runtime.trials import Trial
from tapgen.journey import Journey, default_journey, empty_batch, event
from tapgen.packaging.hooks import zip_hooks
from tapgen.service.load import load_service
from tapgen.service.tried import tried_of
from tests.handlers.conftest import CREATE, DELETE, HEALTH, LIST
from tests.handlers.hook_bench import (
    AFTER,
    API,
    ARCHIVER,
    EVENT,
    LIVE,
    NEW,
    OLD,
    REPOSITORY,
    Context,
    HookBench,
    InProcess,
    refusal,
)

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}
ANSWER = "put_lifecycle_event_hook_execution_status"


class Broken:
    """A Lambda client whose calls raise, one after the other; then a right answer of the archiver."""

    def __init__(self, *errors: BaseException) -> None:
        self._errors = list(errors)
        self._then = InProcess(lambda _event, _context: NOTHING_FAILED)

    def invoke(self, **arguments: Any) -> Any:
        if self._errors:
            raise self._errors.pop(0)
        return self._then.invoke(**arguments)


@pytest.mark.parametrize("lifecycle_event", ["BeforeAllowTraffic", AFTER])
def test_archiver_passes_with_an_empty_batch(lifecycle_event: str) -> None:
    """The archiver's real code takes an empty batch; after traffic the live alias must send it to the new version."""
    archiver = importlib.import_module("handlers.archiver.app")
    function = InProcess(archiver.handler)
    bench = HookBench(function, lifecycle_event, function=ARCHIVER)

    bench.judge("Succeeded")

    after = lifecycle_event == AFTER
    assert bench.passed == (["empty batch", "live alias"] if after else ["empty batch"])
    assert [qualifier for qualifier, _ in function.calls] == ([NEW, LIVE] if after else [NEW])


@pytest.mark.parametrize(
    ("answer", "broken", "got"),
    [
        (None, set(), "null instead of an object"),
        ({"batchItemFailures": [{"itemIdentifier": "1"}]}, set(), "batchItemFailures: 1 item instead of 0"),
        (NOTHING_FAILED, {NEW}, "RuntimeError: out of order"),
    ],
)
def test_archiver_that_answers_anything_else_fails(answer: Any, broken: set[str], got: str) -> None:
    """A failure of the function, a reported failure and no answer are all the end of the deployment."""
    bench = HookBench(InProcess(lambda _event, _context: answer, broken=broken), function=ARCHIVER)

    bench.judge("Failed")

    assert bench.outcome["check"] == "empty batch"
    assert got in bench.outcome["got"]


def test_outcome_has_a_stable_shape() -> None:
    """Whoever looks for the failed hook finds check, expected and got, and which deployment it was about."""
    bench = HookBench(InProcess(lambda _event, _context: None), function=ARCHIVER)

    bench.judge("Failed")

    assert bench.outcome.pop("timestamp").endswith("Z")
    assert bench.outcome | {"timestamp": ""} == {
        "timestamp": "",
        "level": "ERROR",
        "message": "hook failed",
        "deployment_id": EVENT["DeploymentId"],
        "lifecycle_event": "BeforeAllowTraffic",
        "function": ARCHIVER,
        "version": NEW,
        "check": "empty batch",
        "expected": '{"batchItemFailures": []}',
        "got": "null instead of an object",
    }


def test_function_that_nobody_can_try_fails() -> None:
    """A deployment of another function is not waved through."""
    bench = HookBench(InProcess(lambda _event, _context: None), function="service-other")

    bench.judge("Failed")

    assert (bench.outcome["check"], bench.outcome["got"]) == ("target", "service-other")
    assert bench.outcome["expected"] == f"{API} or {ARCHIVER}"


def test_busy_function_is_asked_again() -> None:
    """A throttled call ran nothing; all versions of a function share its concurrency."""
    bench = HookBench(Broken(*[refusal("TooManyRequestsException")] * 3), function=ARCHIVER)

    bench.judge("Succeeded")

    assert bench.slept == [0.25, 0.5, 1.0]


@pytest.mark.parametrize(
    ("error", "got"),
    [
        (refusal("AccessDeniedException"), "ClientError: An error occurred (AccessDeniedException)"),
        (refusal("ResourceNotFoundException"), "ResourceNotFoundException"),
        (ReadTimeoutError(endpoint_url="https://lambda"), "ReadTimeoutError"),
    ],
)
def test_call_that_gets_no_answer_fails_its_check_at_once(error: Exception, got: str) -> None:
    """An invocation that came late may have done its work, so it is not repeated."""
    bench = HookBench(Broken(error), function=ARCHIVER)

    bench.judge("Failed")

    assert bench.outcome["check"] == "empty batch"
    assert got in bench.outcome["got"]
    assert bench.slept == []


def test_function_that_stays_busy_fails() -> None:
    """Waiting has an end."""
    bench = HookBench(Broken(*[refusal("TooManyRequestsException")] * 4), function=ARCHIVER)

    bench.judge("Failed")

    assert "TooManyRequestsException" in bench.outcome["got"]


def test_hook_that_breaks_answers_failed() -> None:
    """A fault of the hook itself is told, with its trace, and is no reason to send traffic."""
    bench = HookBench(Broken(ZeroDivisionError("division by zero")), function=ARCHIVER)

    bench.judge("Failed")

    assert bench.outcome["check"] == "hook"
    assert bench.outcome["got"] == "ZeroDivisionError: division by zero"
    assert "Traceback" in bench.outcome["trace"]


@pytest.mark.parametrize("end", [SystemExit(1), KeyboardInterrupt()])
def test_hook_that_is_ended_answers_failed_first(end: BaseException) -> None:
    """Even then nobody waits an hour."""
    bench = HookBench(Broken(end), function=ARCHIVER)
    bench.expect_question()
    bench.expect_answer("Failed")

    with pytest.raises(type(end)):
        bench.run(Context())

    assert bench.outcome["check"] == "hook"


def test_hook_that_cannot_ask_answers_failed() -> None:
    """Without knowing what is on trial there is nothing to say for it."""
    bench = HookBench(Broken(), function=ARCHIVER)
    bench.stubber.add_client_error("list_deployment_targets", "AccessDeniedException")
    bench.expect_answer("Failed")

    bench.run(Context())

    assert "AccessDeniedException" in bench.outcome["got"]


def test_second_answer_is_no_failure() -> None:
    """Lambda may deliver an event twice, and an operator may have stopped the deployment: no retry, no error."""
    bench = HookBench(Broken(), function=ARCHIVER)
    bench.expect_question()
    bench.stubber.add_client_error(ANSWER, "LifecycleEventAlreadyCompletedException")

    bench.run(Context())

    assert bench.lines[-1]["message"] == "nobody waits for this hook any more"


@pytest.mark.parametrize("status", ["Succeeded", "Failed", "Skipped"])
def test_hook_of_a_finished_event_does_nothing(status: str) -> None:
    """A late delivery tries no version, which may have been rolled back by then, and gives no answer."""
    function = InProcess(lambda _event, _context: NOTHING_FAILED)
    bench = HookBench(function, function=ARCHIVER)
    bench.expect_question(statuses=(status, "Pending", "Pending"))

    bench.run(Context())

    assert function.calls == []
    assert [line["message"] for line in bench.lines] == ["nobody waits for this hook any more"]


def test_answer_that_codedeploy_does_not_take_is_an_error() -> None:
    """Lambda then calls the hook again, which is right: the role's permission may not be there yet."""
    bench = HookBench(Broken(), function=ARCHIVER)
    bench.expect_question()
    bench.stubber.add_client_error(ANSWER, "AccessDeniedException")

    with pytest.raises(ClientError, match="AccessDenied"):
        bench.run(Context())


def test_hook_stops_checking_while_there_is_time_to_answer(app: ModuleType) -> None:
    """When its own time runs out it cleans up what it made, and says so."""
    function = InProcess(app.handler)
    bench = HookBench(function)

    bench.judge("Failed", context=Context(clock_s=[60, 60, 24, 23]))

    assert function.calls == [(NEW, HEALTH), (NEW, CREATE), (OLD, DELETE), (OLD, LIST)]
    assert (bench.outcome["check"], bench.outcome["got"]) == ("read", "the hook's own time is used up")


def test_hook_without_time_to_clean_up_still_answers(app: ModuleType) -> None:
    """Answering goes first; another hook deletes what is left."""
    function = InProcess(app.handler)
    bench = HookBench(function)

    bench.judge("Failed", context=Context(clock_s=[60, 60, 60, 15]))

    assert function.calls == [(NEW, HEALTH), (NEW, CREATE)]
    noted = [line["by_version"] for line in bench.lines if line["message"] == "not cleaned up"]
    assert noted == [OLD, NEW, OLD, NEW]
    HookBench(InProcess(app.handler, broken={NEW})).judge("Failed")


def test_event_of_somebody_else_is_refused() -> None:
    """A hook that is invoked by hand has nobody to answer."""
    bench = HookBench(Broken())
    hook = importlib.import_module("tapgen.hook_runtime.deployments")

    with pytest.raises(KeyError):
        hook.Call.of({"who": "a person"})
    assert bench.lines == []


def test_function_that_nobody_describes_passes_and_says_how_little_that_proves() -> None:
    """Nothing is invoked of a function whose every event does its work; the log is no less honest for it."""
    function = InProcess(lambda _event, _context: NOTHING_FAILED)
    nightly = Trial(journey=default_journey(sources=["schedule"]))
    bench = HookBench(function, AFTER, function="service-nightly", trials={"service-nightly": nightly})

    bench.judge("Succeeded")

    assert function.calls == []
    noted = {line["message"]: line["why"] for line in bench.lines if line["level"] == "WARN"}
    assert noted["weak trial"].startswith("nothing was tried")
    assert noted["live alias not tried"] == "the journey has no step that changes nothing"


def test_step_through_a_source_is_left_out_and_told() -> None:
    """A source invokes the live version, which is not on trial."""
    journey = Journey(steps=(event(empty_batch()), event({"a": 1}, name="through its queue", deliver="source")))
    function = InProcess(lambda _event, _context: NOTHING_FAILED)
    bench = HookBench(function, function="service-jobs", trials={"service-jobs": Trial(journey=journey)})

    bench.judge("Succeeded")

    assert bench.passed == ["empty batch"]
    (left_out,) = [line for line in bench.lines if line["message"] == "check left out"]
    assert (left_out["check"], left_out["why"]) == ("through its queue", "its source invokes the live version alone")


_SHOW = """
import json, sys
import tapgen.hook_runtime.app as app
for entry in (app.before_traffic, app.after_traffic):
    try:
        entry({}, None)
    except KeyError:
        pass
events = [hook._lifecycle_event for hook in (app._before, app._after)]
modules = {name for name in sys.modules if name.startswith("tapgen.")}
print(json.dumps([events, sorted(app._before._trials), sorted(modules), app.__file__]))
"""


def test_zip_of_the_hooks_has_two_entry_points_that_know_every_function(tmp_path: Path) -> None:
    """Unpacked where nothing else of tapgen can be imported, each entry point answers for its own lifecycle event."""
    made = zip_hooks(tried_of(load_service(REPOSITORY / "config")))
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        archive.extractall(tmp_path)
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    environ = {"PYTHONPATH": libraries, "AWS_DEFAULT_REGION": "eu-west-1", "FUNCTION_PREFIX": "service-"}

    done = subprocess.run(
        [sys.executable, "-S", "-c", _SHOW], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    events, functions, modules, file = json.loads(done.stdout.splitlines()[-1])
    assert events == ["BeforeAllowTraffic", "AfterAllowTraffic"]
    assert functions == [API, ARCHIVER]
    assert {name.split(".")[1] for name in modules} == {"hook_runtime", "journey"}
    assert file.startswith(str(tmp_path))


def test_hooks_import_nothing_that_lambda_does_not_have() -> None:
    """Standard library and boto3: there is no layer, and every import is a cold start's time."""
    for folder in ("hook_runtime", "journey"):
        for path in (REPOSITORY / "tapgen" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                for name in names:
                    known = name.partition(".")[0] in {*sys.stdlib_module_names, "boto3", "botocore"}
                    assert known or name.startswith(("tapgen.journey", "tapgen.hook_runtime")), f"{path}: {name}"
