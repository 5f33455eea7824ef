"""A deployment of an earlier tapgen, upgraded by this one: nobody's data is touched, and nobody waits for an answer."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from tests.local.api.conftest import Service, valid
from tests.local.cli.conftest import copy_project
from tests.local.cli.earlier_release import restore_release
from tests.local.cli.kept_data import read_kept_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.cli.conftest import Project
    from tests.local.cli.earlier_release import EarlierRelease

BEFORE_SERVICE_MODEL = Path(__file__).with_name("before-service-model.zip")
"""The last release before services came from ``config/service.py``: commit 9d3c1c5."""
LOCAL = ("--env", "local")
_PAUSE_S = 0.1


@dataclass
class Callers:
    """Some who create transactions and read them, one request after the other, until they are told to stop."""

    service: Service
    statuses: list[int] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    """Paths of the transactions."""
    _enough: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._call, args=(f"caller-{number}",)) for number in range(2)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def await_answers(self, count: int) -> None:
        """Wait for as many answers more."""
        wanted, deadline = len(self.statuses) + count, time.monotonic() + 60
        while len(self.statuses) < wanted:
            assert time.monotonic() < deadline, f"{len(self.statuses)} answers, {wanted} wanted"
            time.sleep(_PAUSE_S)

    def _call(self, user: str) -> None:
        path = f"/users/{user}/transactions"
        while not self._enough.wait(_PAUSE_S):
            # Whatever goes wrong is an answer that was lost.
            try:
                made = self.service.call("POST", path, valid())
                one = f"{path}/{made.document['transactionId']}" if made.status == 201 else path
                read = self.service.call("GET", one)
            except OSError:
                self.statuses.append(0)
                continue
            self.statuses += [made.status, read.status]
            self.created += [one]


@dataclass(frozen=True)
class Deployed:
    """The earlier release, and who calls it."""

    project: Project
    release: EarlierRelease
    service: Service


@pytest.fixture(name="deployed", scope="module", params=["aws-owned", "customer-managed"])
def _deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    project = copy_project(tmp_path_factory.mktemp(request.param))
    file = project.folder / "config" / "environments.yaml"
    text = file.read_text(encoding="utf-8")
    # How fast this machine is, no guard shall judge here.
    lines = f"    encryption: {request.param}\n    alarms: {{latency_p90_baseline_ms: 60000}}\n"
    file.write_text(text.replace("  local:\n", f"  local:\n{lines}", 1), encoding="utf-8")
    project.run("local", "start")
    # What the present configuration packages; the earlier release's layer was made of the same requirements.
    folder = Path(project.run_text_json("render", *LOCAL)["folder"])
    (layer,) = folder.rglob("layer*.zip")
    release = restore_release(project, BEFORE_SERVICE_MODEL, request.param, layer=layer)
    (stack,) = project.client("cloudformation").describe_stacks(StackName=release.root)["Stacks"]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    endpoint = json.loads(project.run("local", "status", "--json"))["endpoint_url"]
    yield Deployed(project, release, Service(project, f"{endpoint}/apis/{outputs['ApiId']}", outputs))
    project.run("local", "stop")


def test_an_upgrade_touches_no_data_and_loses_no_request(deployed: Deployed) -> None:
    """Bootstrap, deploy, nothing allowed by name: what holds data is the same and as safe, every request answered."""
    project, service = deployed.project, deployed.service
    before = read_kept_data(project, deployed.release.root)
    with Callers(service) as callers:
        callers.await_answers(20)
        project.run("bootstrap", *LOCAL)
        result = project.run_json("deploy", *LOCAL, "--yes")
        callers.await_answers(20)

    assert result["status"] == "done"
    assert result["outputs"]["ApiId"] == service.outputs["ApiId"]
    assert set(callers.statuses) == {200, 201}
    assert {service.call("GET", path).status for path in callers.created} == {200}
    after = read_kept_data(project, deployed.release.root)
    assert {path: after.get(path) for path in before} == before
    assert {found["type"] for found in before.values()} >= {
        *("AWS::DynamoDB::Table", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SQS::Queue"),
        *(["AWS::KMS::Key"] if "Security.Key" in before else []),
    }


def test_the_upgraded_deployment_is_whole(deployed: Deployed) -> None:
    """The record goes on from the earlier one, nothing differs any more, and every check passes."""
    project = deployed.project
    releases = project.run_text_json("releases", *LOCAL)
    assert [each["sequence"] for each in releases["releases"]] == [2, 1]
    project.run("diff", *LOCAL, "--exit-code")
    assert project.run_text_json("verify", *LOCAL)["counts"]["failed"] == 0
