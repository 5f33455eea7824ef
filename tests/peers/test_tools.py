"""What other people's deploy tools do against the embedded AWS: deploy, shift, fail by an alarm, roll back, destroy.

Beside each, tapgen's own reading operations look at the stack that it did not deploy. ``scripts/peers`` runs all of it;
CI runs the one tool that is quick.
"""

from __future__ import annotations

import itertools
import os
import shutil
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from scripts.tools import REPOSITORY, ensure_tool
from tapgen.aws.session import Aws
from tapgen.aws.shifts import ShiftReader, list_unfinished
from tapgen.aws.target import Target
from tapgen.deploy.drift.detect import detect_drift
from tapgen.deploy.recovery.execute import RecoverRequest, recover
from tapgen.deploy.release.attach import AttachRequest, attach
from tapgen.deploy.state.observed_state import observe
from tapgen.engine.context import Context
from tapgen.engine.deployment import Deployment
from tapgen.local.server import LocalAws
from tapgen.local.urls import api_url
from tapgen.model import ShiftPolicy
from tests.local.deploy.service import REGION
from tests.peers.tools import AwsCli, Cdk, Sam, Serverless

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from tapgen.events import Event
    from tapgen.local.server import LocalStatus
    from tapgen.model import Shift
    from tests.peers.tools import Tool

pytestmark = [pytest.mark.network, pytest.mark.local]
LONG = bool(os.environ.get("TAPGEN_LONG_PEERS"))
_LATER = pytest.mark.skipif(not LONG, reason="takes minutes; scripts/peers")
_NODE = pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="no node")
_ACCOUNT = "000000000000"
_GOOD = "def handle(event, context):\n    return {'statusCode': 200, 'body': '%s'}\n"
_BAD = "def handle(event, context):\n    raise RuntimeError('a bad version')\n"
_LASTS_S = 300.0


@pytest.fixture(name="status")
def _status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalStatus]:
    """An embedded AWS for one tool alone: a minute takes two seconds, so that a shift can be looked at.

    The long run has it in an environment of its own, with the transform that SAM wants.
    """
    if LONG:
        monkeypatch.setenv("TAPGEN_LOCAL_PYTHON", str(ensure_tool("embedded") / "python"))
        monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    aws = LocalAws(tmp_path / "aws", lifetime="parent", minute_s=2.0)
    yield aws.ensure_running()
    aws.stop()


@pytest.fixture(name="aws")
def _aws(status: LocalStatus) -> Aws:
    return Aws(
        Target(
            region=REGION,
            endpoint_url=status.endpoint_url,
            access_key_id=_ACCOUNT,
            secret_access_key="test",  # noqa: S106 - not a secret
        )
    )


def _pointing(status: LocalStatus) -> dict[str, str]:
    """What docs/local.md says."""
    return {
        "AWS_ENDPOINT_URL": str(status.endpoint_url),
        "AWS_ACCESS_KEY_ID": _ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }


@pytest.mark.parametrize(
    "kind",
    [
        AwsCli,
        pytest.param(Sam, marks=_LATER),
        pytest.param(Cdk, marks=[_LATER, _NODE]),
        pytest.param(Serverless, marks=[_LATER, _NODE]),
    ],
)
def test_a_tool_ships_on_the_embedded_aws(kind: type[Tool], status: LocalStatus, aws: Aws, tmp_path: Path) -> None:
    """Its first release answers, its second is shifted, its third is rolled back by the alarm, and its end is one."""
    tool = kind(tmp_path / "project", _pointing(status))
    tool.prepare()
    tool.write(_GOOD % "one")
    _await(tool.deploy())
    url = _find_url(aws, status)
    assert _get(url) == (200, "one")

    tool.write(_GOOD % "two")
    deploy = tool.deploy()
    shift = _await_shift(aws, deploy)
    assert (shift.target_version, shift.window_min) == ("2", 5.0)
    _await(deploy)
    assert _get(url) == (200, "two")
    _look(aws, tool)

    tool.write(_BAD)
    with _traffic(url):
        _await(tool.deploy(), succeeds=False)
    assert any("alarm" in reason for reason in _reasons(aws))
    assert _get(url) == (200, "two")

    _await(tool.destroy())
    assert tool.stack not in _live_stacks(aws)


def _await(process: subprocess.Popen[str], *, succeeds: bool = True) -> str:
    said, _ = process.communicate(timeout=_LASTS_S)
    assert (process.returncode == 0) == succeeds, said
    return said


def _find_url(aws: Aws, status: LocalStatus) -> str:
    (api,) = aws.client("apigatewayv2").get_apis()["Items"]
    return f"{api_url(str(status.endpoint_url), api['ApiId'])}/"


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own server's
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def _await_shift(aws: Aws, deploy: subprocess.Popen[str]) -> Shift:
    """The shift as tapgen reads it, once a tenth of the traffic has moved."""
    deadline = time.monotonic() + _LASTS_S
    while time.monotonic() < deadline:
        for deployment_id in _unfinished(aws):
            shift = ShiftReader(aws, deployment_id, minute_s=2.0).read()
            if shift.target_weight:
                assert shift.target_weight == 0.1
                return shift
        assert deploy.poll() in {None, 0}, deploy.communicate()[0]
        time.sleep(0.1)
    raise AssertionError("no shift was seen")


def _unfinished(aws: Aws) -> Iterator[str]:
    client = aws.client("codedeploy")
    for application in client.list_applications()["applications"]:
        for group in client.list_deployment_groups(applicationName=application)["deploymentGroups"]:
            yield from list_unfinished(aws, application, group)


@contextmanager
def _traffic(url: str) -> Iterator[None]:
    """Calls without end, as a canary needs them."""
    over = threading.Event()

    def call() -> None:
        for _ in itertools.takewhile(lambda _: not over.is_set(), itertools.count()):
            _get(url)
            over.wait(0.02)

    caller = threading.Thread(target=call)
    caller.start()
    try:
        yield
    finally:
        over.set()
        caller.join()


def _look(aws: Aws, tool: Tool) -> None:
    """The reading operations of tapgen on a stack that it did not deploy: they read it, and find nothing to do."""
    events: list[Event] = []
    context = Context(aws=aws, emit=events.append, minute_s=2.0)
    deployment = Deployment(
        name=tool.stack,
        environment="dev",
        suffix=None,
        account_id=_ACCOUNT,
        root_stack=tool.stack,
        artifact_bucket=f"{tool.stack}-nothing-of-tapgen",
    )
    # Where bootstrap would have made one: what was found is kept there.
    aws.client("s3").create_bucket(
        Bucket=deployment.artifact_bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    situation = observe(context, deployment)
    assert situation.survey is not None
    assert situation.survey.root.status == "UPDATE_COMPLETE"
    assert [(alias.drift, alias.state and alias.state.version) for alias in situation.aliases] == [("", "2")]
    assert situation.running == ()
    report = detect_drift(context, deployment)
    assert (report.resources, report.failures) == ((), ())
    assert report.checked > 0
    policy: Any = ShiftPolicy(
        functions=(), minimum_requests=0, inconclusive="warn", probes_per_min=0, authorization="NONE"
    )
    assert (
        attach(context, AttachRequest(deployment=deployment, policy=policy, probes=lambda: None)).status == "unchanged"
    )
    assert recover(context, RecoverRequest(deployment=deployment, confirm=lambda: False)).status == "unchanged"


def _reasons(aws: Aws) -> Iterator[str]:
    """What the events of all stacks give as reasons."""
    client = aws.client("cloudformation")
    for stack in _live_stacks(aws):
        for event in client.describe_stack_events(StackName=stack)["StackEvents"]:
            yield event.get("ResourceStatusReason", "").lower()


def _live_stacks(aws: Aws) -> set[str]:
    pages = aws.client("cloudformation").get_paginator("describe_stacks").paginate()
    return {stack["StackName"] for page in pages for stack in page["Stacks"]}
