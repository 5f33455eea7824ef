"""Processes of functions: which of them end, and that what nobody can call any more leaves none behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.local.extension.lambda_service.warm_environments import Bounds, Environment, choose
from tapgen.local.extension.settings import Settings
from tapgen.local.server import LocalAws
from tests.local.conftest import Stacks, client_factory
from tests.local.extension.conftest import until
from tests.local.extension.templates import function, ref, role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.server import LocalStatus

BOUNDS = Bounds(named_s=300.0, unnamed_s=20.0, number=3)


def environment(key: str, *, idle_s: float, named: bool = True) -> Environment:
    return Environment(key=key, named=named, idle_s=idle_s, worker=None)


def ended(*waiting: Environment) -> set[str]:
    return {each.key for each in choose(waiting, BOUNDS)}


def test_what_is_in_use_stays() -> None:
    """A version that an alias names for minutes, one that none names for as long as a hook needs it."""
    assert ended(environment("live", idle_s=299), environment("hooked", idle_s=19, named=False)) == set()


def test_what_nobody_calls_ends() -> None:
    """After its time, which is short where no alias leads to it."""
    assert ended(environment("live", idle_s=300), environment("old", idle_s=20, named=False)) == {"live", "old"}


def test_no_more_wait_than_may() -> None:
    """Those that were used last stay; those that end for another reason take nobody's place."""
    waiting = [environment(str(idle_s), idle_s=idle_s) for idle_s in (50, 10, 40, 20)]
    assert ended(*waiting, environment("old", idle_s=30, named=False)) == {"50", "old"}


@pytest.mark.parametrize(("text", "named_s", "unnamed_s"), [("", 300.0, 20.0), ("3", 3.0, 3.0), ("600", 600.0, 20.0)])
def test_the_time_can_be_chosen(text: str, named_s: float, unnamed_s: float) -> None:
    """From the environment; a version without an alias is never kept longer than one with."""
    settings = Settings.from_environment({"TAPGEN_LOCAL_WARM_S": text}, state_dir=Path("state"))
    bounds = Bounds.of(settings)
    assert (bounds.named_s, bounds.unnamed_s) == (named_s, unnamed_s)


@pytest.fixture
def status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalStatus]:
    """An embedded AWS whose functions are forgotten after two seconds."""
    monkeypatch.setenv("TAPGEN_LOCAL_WARM_S", "2")
    aws = LocalAws(tmp_path / ".tapgen" / "local", lifetime="parent")
    yield aws.ensure_running()
    aws.stop()


def processes(status: LocalStatus) -> int:
    """How many processes the embedded AWS has started that still run."""
    children = Path(f"/proc/{status.pid}/task").glob("*/children")
    return sum(len(path.read_text().split()) for path in children)


def test_old_versions_leave_no_process(status: LocalStatus) -> None:
    """Ten versions are called, one after another; a moment later none runs, and the live one still answers."""
    client = client_factory(status)
    stacks = Stacks(client)
    code = "def handler(event, context):\n    return context.function_version\n"
    resources: dict[str, Any] = {"Role": role(), "Function": function("versions", Code={"ZipFile": code})}
    resources["Version"] = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": ref("Function")}}
    assert stacks.create("versions", {"Resources": resources}) == "CREATE_COMPLETE"
    functions = client("lambda")
    functions.create_alias(FunctionName="versions", Name="live", FunctionVersion="1")
    for number in range(2, 12):
        functions.update_function_configuration(FunctionName="versions", Description=f"{number}")
        version = functions.publish_version(FunctionName="versions")["Version"]
        functions.update_alias(FunctionName="versions", Name="live", FunctionVersion=version)
        answer = functions.invoke(FunctionName="versions", Qualifier="live")
        assert json.load(answer["Payload"]) == version
    assert processes(status) > 0

    until(lambda: processes(status) == 0)

    assert json.load(functions.invoke(FunctionName="versions", Qualifier="live")["Payload"]) == "11"
