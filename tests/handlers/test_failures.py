"""What a function does not catch is in its log as a line of our own, at a level that every log level lets through."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest

from handlers.common.failures import FailureLog
from tapgen.hook_runtime import PREFIX_VARIABLE
from tapgen.packaging.hooks import zip_hooks
from tapgen.parts.function.settings import FunctionSettings
from tapgen.service.load import load_service
from tapgen.service.tried import tried_of
from tests.handlers.conftest import GET, Caller, make_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.handlers.conftest import Handler

_REPOSITORY = Path(__file__).parents[2]
# In the order in which Lambda's filter ranks them (Lambda developer guide, "Log level filtering").
_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


class _Context:
    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


def _fail(message: str, write: Callable[[str], object] | None = None) -> None:
    with FailureLog(_Context(), write=write):
        raise LookupError(message)


def test_failure_is_logged_and_raised_on(capsys: pytest.CaptureFixture[str]) -> None:
    """The line says type, message, invocation and where; Lambda still sees the error."""
    with pytest.raises(LookupError, match="no such thing"):
        _fail("no such thing")

    line = json.loads(capsys.readouterr().out)
    assert line["message"] == "uncaught exception"
    assert (line["errorType"], line["errorMessage"]) == ("LookupError", "no such thing")
    assert line["requestId"] == _Context.aws_request_id
    assert "raise LookupError(message)" in line["stackTrace"][-1]


def test_level_survives_every_log_level_of_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    """Lambda drops what ranks below the function's level; nothing that can be configured ranks above the line's."""
    with pytest.raises(LookupError):
        _fail("x")
    line = json.loads(capsys.readouterr().out)

    configurable = get_type_hints(FunctionSettings)["log_level"].__args__
    assert set(configurable) == set(_LEVELS)
    assert all(_LEVELS.index(line["level"]) >= _LEVELS.index(level) for level in configurable)
    assert line["timestamp"].endswith("Z"), "without a timestamp Lambda takes a line for INFO"


def test_success_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Every request passes here."""
    with FailureLog(_Context()):
        pass

    assert capsys.readouterr().out == ""


def test_line_is_one_line_of_a_bounded_size() -> None:
    """A recursion without end and a message without end fit into one event."""

    def recurse() -> None:
        recurse()

    lines: list[str] = []
    with pytest.raises(RecursionError), FailureLog(write=lines.append):
        recurse()
    with pytest.raises(LookupError):
        _fail("line\n\ud800" + "x" * 1_000_000, lines.append)

    assert len(lines) == 2
    assert all(text.count("\n") == 1 and len(text.encode()) < 200_000 for text in lines)


def test_api_logs_what_it_does_not_catch(app: Handler, capsys: pytest.CaptureFixture[str]) -> None:
    """An event that no HTTP API sends; the caller of the function gets the error."""
    with pytest.raises(KeyError, match="routeKey"):
        app.handler({}, _Context())

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["errorType"] for line in lines if line["level"] == "FATAL"] == ["KeyError"]


def test_a_caught_problem_is_no_failure(app: Handler, capsys: pytest.CaptureFixture[str]) -> None:
    """A 404 is an answer."""
    status, _, _ = Caller(app, make_user()).call(GET, path={"transactionId": "x"})

    assert status == 404
    assert all(json.loads(line)["level"] == "INFO" for line in capsys.readouterr().out.splitlines())


def test_archiver_logs_what_it_does_not_catch() -> None:
    """The function that nobody calls over HTTP, in a process of its own."""
    (line,) = _failures("import handlers.archiver.app as app; app.handler({}, None)", _environment())

    assert line["errorType"] == "KeyError"


@pytest.mark.parametrize("entry", ["before_traffic", "after_traffic"])
def test_hooks_log_what_they_do_not_catch(tmp_path: Path, entry: str) -> None:
    """Their zip, unpacked, called with an event that CodeDeploy does not send."""
    made = zip_hooks(tried_of(load_service(_REPOSITORY / "config")))
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        archive.extractall(tmp_path)
    code = f"import tapgen.hook_runtime.app as app; app.{entry}({{}}, None)"

    (line,) = _failures(code, _environment() | {PREFIX_VARIABLE: "service-", "PYTHONPATH": str(tmp_path)})

    assert line["errorType"] == "KeyError"


@pytest.mark.parametrize("module", ["handlers.api.app", "handlers.archiver.app", "tapgen.hook_runtime.app"])
def test_a_missing_setting_is_logged_at_init(module: str) -> None:
    """What fails before the first request is told in the same way."""
    missing = ("TABLE_NAME", "ARCHIVE_BUCKET", PREFIX_VARIABLE)
    environment = {name: value for name, value in _environment().items() if name not in missing}

    (line,) = _failures(f"import {module}", environment)

    assert line["errorType"] in ("MissingSettingError", "KeyError")


def _failures(code: str, environment: dict[str, str]) -> list[dict[str, Any]]:
    """The lines of what a process did not catch, which ends with an error."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        cwd=_REPOSITORY,
        check=False,
    )
    assert done.returncode == 1
    return [line for line in map(json.loads, done.stdout.splitlines()) if line["level"] == "FATAL"]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(_REPOSITORY)}
