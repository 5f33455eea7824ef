"""A copy of the project with an embedded AWS of its own, and the command line run in it."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import boto3
import pytest

from tapgen.local.record import SAVE_VARIABLE
from tapgen.local.server import LocalAws
from tests.command_line import measured, run_command, user_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own, with an embedded AWS of its own.

    Attributes:
        folder: Its folder.
        save: When its embedded AWS saves its state: ``changes`` for a test that kills it.
    """

    folder: Path
    save: Literal["changes", "stop"] = "stop"

    def start(self, *arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run tapgen as a user without AWS settings, in CI."""
        return run_command(*arguments, folder=self.folder, environ=self.environment() | {**(environ or {})})

    def environment(self) -> dict[str, str]:
        """Of its user, who has no AWS settings, in CI."""
        return user_environment(CI="true") | {SAVE_VARIABLE: self.save}

    def spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start tapgen and leave it running."""
        return self.spawn_to(Path(os.devnull), *arguments)

    def spawn_to(self, path: Path, *arguments: str) -> subprocess.Popen[bytes]:
        """Start tapgen and leave it running; what it prints goes to a file."""
        with path.open("wb") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "tapgen", *arguments],
                cwd=self.folder,
                env=self.environment() | measured(),
                stdout=file,
                stderr=file,
            )

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run tapgen; answers standard output."""
        done = self.start(*arguments)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    def run_json(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """Run tapgen with --json; answers the last line, which is the result."""
        result: dict[str, Any] = json.loads(self.run(*arguments, "--json", expect=expect).splitlines()[-1])
        return result

    def run_text_json(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """Run tapgen with --json where it prints one document."""
        document: dict[str, Any] = json.loads(self.run(*arguments, "--json", expect=expect))
        return document

    def client(self, service: Any) -> Any:
        """A boto3 client of the embedded AWS."""
        return _client(service, LocalAws(self.folder / ".tapgen" / "local").status().endpoint_url)

    def configure_canary(self, *settings: str) -> None:
        """Make the local environment's shift a canary with these settings."""
        file = self.folder / "config" / "environments.yaml"
        before, local, after = file.read_text(encoding="utf-8").partition("  local:\n")
        kept, _, others = after.partition("    shift:\n")
        others = others[others.index("\n  dev:") :]
        shift = "".join(f"      {line}\n" for line in ("type: canary", *settings))
        file.write_text(f"{before}{local}{kept}    shift:\n{shift}{others}", encoding="utf-8")

    def edit_api(self, text: str) -> None:
        """Make another edition of the API function, which does the same."""
        problems = self.folder / "handlers" / "api" / "problems.py"
        problems.write_text(problems.read_text(encoding="utf-8") + f"# {text}\n", encoding="utf-8")

    def turn_alarm(self, name: str, state: Literal["ALARM", "OK"]) -> None:
        """Make an alarm one whose lack of data is bad, or good, and wait for its state."""
        self.client("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/ApiGateway",
            MetricName="5xx",
            Dimensions=[{"Name": "ApiId", "Value": "nobody"}],
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="breaching" if state == "ALARM" else "notBreaching",
        )
        self.await_alarm(name, state)

    def await_alarm(self, name: str, state: str) -> None:
        """Wait until an alarm is in a state."""
        cloudwatch = self.client("cloudwatch")
        deadline = time.monotonic() + 60
        while cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"] != state:
            assert time.monotonic() < deadline, f"{name} does not become {state}"
            time.sleep(0.1)


@functools.cache
def _client(service: Any, endpoint_url: str) -> Any:
    """A client; tests ask for one in loops, and making it costs more than most calls."""
    return boto3.client(
        service,
        endpoint_url=endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="000000000000",
        aws_secret_access_key="test",  # noqa: S106 - the embedded AWS takes any secret
    )


def copy_project(folder: Path) -> Project:
    """A copy of the project in an empty folder."""
    for name in ("config", "handlers"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    # A layer that was built before need not be downloaded again.
    cache = REPOSITORY / ".tapgen" / "cache" / "layers"
    if cache.is_dir():
        shutil.copytree(cache, folder / ".tapgen" / "cache" / "layers")
    return Project(folder)


def copy_deployed(saved: Project, folder: Path) -> Project:
    """A copy of a project whose embedded AWS has stopped, with all of its state and another port, started."""
    shutil.copytree(saved.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("port", "server.log*"))
    copy = replace(saved, folder=folder)
    copy.run("local", "start")
    return copy


@pytest.fixture(name="saved", scope="session")
def _saved(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shipped service after its first deploy, its embedded AWS stopped: what ``deployed`` copies. Never started."""
    project = copy_project(tmp_path_factory.mktemp("saved"))
    project.run("deploy", "--env", "local", "--yes")
    project.run("local", "stop")
    return project


@pytest.fixture(name="deployed", scope="module")
def _deployed(saved: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The project as ``project``, but deployed; a third of what a deploy costs."""
    project = copy_deployed(saved, tmp_path_factory.mktemp("deployed"))
    yield project
    project.run("local", "stop")


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = copy_project(tmp_path_factory.mktemp("project"))
    yield project
    project.run("local", "stop")


@pytest.fixture(name="canary", scope="module")
def _canary(project: Project) -> Project:
    """The project, whose changed versions get 10 % of the traffic for ten minutes of scaled time."""
    file = project.folder / "config" / "environments.yaml"
    before, local, after = file.read_text(encoding="utf-8").partition("  local:\n")
    shift = after.replace("type: all-at-once", "type: canary\n      percentage: 10\n      interval_min: 10", 1)
    file.write_text(before + local + shift, encoding="utf-8")
    return project
