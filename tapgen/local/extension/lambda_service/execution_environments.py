"""Execution environments of Lambda functions: a log stream each, and a life beyond the function's errors.

An environment here is one of MiniStack's worker processes. Lambda Developer Guide, "Understanding the Lambda execution
environment lifecycle", "Python function errors"; types and texts of errors are those of the open source runtime
interface client for Python.
"""

from __future__ import annotations

import contextvars
import functools
import json
import re
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, SeamError, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.settings import Settings

    Response = dict[str, Any]

_RUNTIME = "ministack.core.lambda_runtime"
_SPAWN = Seam(
    module=_RUNTIME,
    attribute="Worker._spawn",
    parameters=("self",),
    gap="The log stream that a process is told is none, and why it did not start is told without a type.",
)
_INVOKE = Seam(
    module=_RUNTIME,
    attribute="Worker.invoke",
    parameters=("self", "event", "request_id"),
    gap="The process is ended by every error of the function, which it survives in AWS.",
)
_SCRIPT = Seam(
    module=_RUNTIME,
    attribute="_PYTHON_WORKER_SCRIPT",
    parameters=None,
    gap="Reports an error without its type, with the stack of the worker itself; counts it as the end of the process.",
)
_RESERVED = Seam(
    module=_RUNTIME,
    attribute="_RESERVED_RUNTIME_ENV_VARS",
    parameters=None,
    gap="Keeps the name of the log stream, too, from being passed to a worker.",
)
_EXECUTE_WARM = Seam(
    module="ministack.services.lambda_svc",
    attribute="_execute_function_warm",
    parameters=("func", "event", "request_id"),
    gap="Answers every error with the type Runtime.HandlerError, and without requestId and stackTrace.",
)
SEAMS: tuple[Seam, ...] = (_SPAWN, _INVOKE, _SCRIPT, _RESERVED, _EXECUTE_WARM)

INIT_MS = "tapgen_init_ms"
"""In a result: the milliseconds that its environment took to start; 0 when it was there already."""

_STREAM_VARIABLE = "AWS_LAMBDA_LOG_STREAM_NAME"
_INIT_FAILED = "Worker init failed: "
_DIED = "Worker process died"

_IN_SCRIPT = {
    # During an invocation: an answer like any other for the worker, which goes on.
    '{"status": "error", "error": str(e), "trace": traceback.format_exc()}': "_tapgen_failure(e)",
    '{"status": "error", "error": str(e)}': "_tapgen_init_failure(e, module_name, handler_name)",
}
_FAILURES = '''
def _tapgen_failure(error):
    """An error of the function, with the stack from its handler on: the first frame is that of the call below."""
    frames = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
    failure = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": frames}
    return {"status": "ok", "result": None, "failure": failure}


def _tapgen_init_failure(error, module, handler):
    """An error before the first invocation, in the words of the Python runtime."""
    failure = _tapgen_failure(error)["failure"]
    if isinstance(error, ImportError):
        message = "Unable to import module '%s': %s" % (module, error)
        failure = {"errorMessage": message, "errorType": "Runtime.ImportModuleError", "stackTrace": []}
    elif isinstance(error, SyntaxError):
        frame = '  File "%s" Line %s\\n    %s' % (error.filename, error.lineno, error.text)
        message = "Syntax error in module '%s': %s" % (module, error)
        failure = {"errorMessage": message, "errorType": "Runtime.UserCodeSyntaxError", "stackTrace": [frame]}
    elif isinstance(error, AttributeError) and len(traceback.extract_tb(error.__traceback__)) == 1:
        message = "Handler '%s' missing on module '%s'" % (handler, module)
        failure = {"errorMessage": message, "errorType": "Runtime.HandlerNotFound", "stackTrace": []}
    return {"status": "error", "error": json.dumps(failure)}


'''


@dataclass(frozen=True, kw_only=True)
class Execution:
    """What is known of an invocation besides its result.

    Attributes:
        stream: The log stream of its environment.
        printed: What the function wrote, without its last line break.
        init_ms: How long the environment took to start; None when it was there already.
        failure: ``errorMessage``, ``errorType`` and ``stackTrace``; None when the function has returned.
    """

    stream: str
    printed: str
    init_ms: float | None
    failure: Mapping[str, Any] | None


current: contextvars.ContextVar[Execution | None] = contextvars.ContextVar("tapgen_execution", default=None)
"""The invocation that has just ended in this thread."""


class InitError(RuntimeError):
    """An environment did not start.

    Attributes:
        failure: The same as of an ``Execution``.
    """

    def __init__(self, failure: dict[str, Any]) -> None:
        super().__init__(f"{failure['errorType']}: {failure['errorMessage']}")
        self.failure = failure


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Teach the workers."""
    replace(_SPAWN, _telling_stream(original(_SPAWN)))
    replace(_INVOKE, _noting(original(_INVOKE)))
    original(_RESERVED).discard(_STREAM_VARIABLE)
    replace(_SCRIPT, _script(original(_SCRIPT)))
    replace(_EXECUTE_WARM, _with_errors(original(_EXECUTE_WARM)))


def new_stream(version: str) -> str:
    """A name for a log stream: ``2026/11/24/[7]`` and 32 hexadecimal digits."""
    return f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{uuid.uuid4().hex}"


def _script(source: str) -> str:
    for old, new in _IN_SCRIPT.items():
        if source.count(old) != 1:
            raise SeamError(f"{_SCRIPT.name}: does not contain {old} exactly once")
        source = source.replace(old, new)
    head, found, tail = source.partition("\ndef run():")
    if not found:
        raise SeamError(f"{_SCRIPT.name}: has no function run")
    return f"{head}\n{_FAILURES}{found}{tail}"


def _telling_stream(spawn: Callable[[Any], None]) -> Callable[[Any], None]:
    """A process is a new environment with a log stream of its own."""

    @functools.wraps(spawn)
    def spawn_with_stream(worker: Any) -> None:
        config = worker.config
        worker.log_stream = new_stream(config.get("Version", "$LATEST"))
        variables = {**config.get("Environment", {}).get("Variables", {}), _STREAM_VARIABLE: worker.log_stream}
        worker.config = {**config, "Environment": {"Variables": variables}}
        started = time.monotonic()
        try:
            spawn(worker)
        except RuntimeError as error:
            raise _init_error(worker, str(error)) from error
        finally:
            worker.config = config
            worker.init_ms = (time.monotonic() - started) * 1000

    return spawn_with_stream


def _init_error(worker: Any, message: str) -> RuntimeError:
    if not message.startswith(_INIT_FAILED):
        return RuntimeError(message)
    try:
        failure = json.loads(message.removeprefix(_INIT_FAILED))
    except ValueError:
        return RuntimeError(message)
    return InitError(_with_aws_paths(worker, failure))


def _noting(invoke: Callable[..., Response]) -> Callable[..., Response]:
    """Keep what a result does not carry, and tell errors as the caller expects them."""

    @functools.wraps(invoke)
    def noting(worker: Any, event: Any, request_id: str, **options: Any) -> Response:
        worker.init_ms = None
        try:
            response = invoke(worker, event, request_id, **options)
        except InitError as error:
            response = {"status": "error", "failure": error.failure, "log": worker._drain_stderr()}  # noqa: SLF001 - a seam
        failure = response.pop("failure", None)
        if failure is not None:
            failure = _with_aws_paths(worker, failure)
            response |= {"status": "error", "error": failure["errorMessage"]}
        elif response.get("status") == "error":
            failure = _death(str(response.get("error")), request_id)
        execution = Execution(
            stream=worker.log_stream, printed=response.get("log", ""), init_ms=worker.init_ms, failure=failure
        )
        current.set(execution)
        return response

    return noting


def _death(message: str, request_id: str) -> dict[str, Any]:
    """An environment that has ended instead of answering: out of time, or by itself."""
    if message == _DIED:
        text = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
        return {"errorMessage": text, "errorType": "Runtime.ExitError"}
    if message.startswith("Task timed out"):
        return {"errorMessage": f"RequestId: {request_id} Error: {message}", "errorType": "Sandbox.Timedout"}
    return {"errorMessage": message, "errorType": "Runtime.Unknown"}


def _with_aws_paths(worker: Any, failure: dict[str, Any]) -> dict[str, Any]:
    """Stack frames name files where they lie in AWS: code in /var/task, layers in /opt."""
    folder = re.escape(str(worker._tmpdir))  # noqa: SLF001 - a seam
    places = ((rf"{folder}/code/", "/var/task/"), (rf"{folder}/layer_\d+/", "/opt/"))
    kind = "trace" if "trace" in failure else "stackTrace"
    frames = failure.get(kind, [])
    for here, there in places:
        frames = [re.sub(here, there, frame) for frame in frames]
    return {**failure, kind: frames}


def _with_errors(execute: Callable[..., Response]) -> Callable[..., Response]:
    """An error is answered with its type, its request and its stack."""

    @functools.wraps(execute)
    def with_errors(func: dict[str, Any], event: Any, request_id: str) -> Response:
        current.set(None)
        result = execute(func, event, request_id)
        execution = current.get()
        if execution is None:
            return result
        result[INIT_MS] = execution.init_ms or 0.0
        if execution.failure is None:
            return result
        failure = execution.failure
        body = {"errorMessage": failure["errorMessage"], "errorType": failure["errorType"]}
        if "stackTrace" in failure:
            body |= {"requestId": request_id, "stackTrace": failure["stackTrace"]}
        elif "trace" in failure:
            body["trace"] = failure["trace"]
        return {**result, "body": body, "error": True}

    return with_errors
