"""The orders service from the first deploy to the last destroy, as its user does it: the command line alone."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.local.firing import fire
from tests.projects.conftest import LOCAL, await_true, call, copy_test_project, long

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.cli.conftest import Project

PREFIX = "orders-local-us-east-1"


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = copy_test_project("orders", tmp_path_factory.mktemp("orders"))
    yield project
    project.run("local", "stop")


@pytest.fixture(name="outputs", scope="module")
def _outputs(project: Project) -> dict[str, str]:
    outputs: dict[str, str] = project.run_json("deploy", *LOCAL, "--yes")["outputs"]
    return outputs


def test_orders_are_taken_fulfilled_and_reported(project: Project, outputs: dict[str, str]) -> None:
    """A request is stored and queued, the consumer fulfils it, and the schedule, fired by hand, writes the report."""
    url = outputs["LocalApiUrl"]
    order = _place(url)
    _await_fulfilled(url, order)

    endpoint = json.loads(project.run("local", "status", "--json"))["endpoint_url"]
    fire(endpoint, f"arn:aws:scheduler:us-east-1:000000000000:schedule/default/{PREFIX}-nightly")
    await_true(lambda: _reports(project, outputs), "the schedule has written no report")
    (report,) = _reports(project, outputs)
    assert order["orderId"] in report
    assert project.run("outputs", *LOCAL, "--key", "LocalApiUrl").strip() == url


def test_changed_code_is_judged_shifted_and_taken_back(project: Project, outputs: dict[str, str]) -> None:
    """The difference is shown, hooks pass, one version is shifted; verify and drift are quiet; rollback restores."""
    app = project.folder / "handlers" / "api" / "app.py"
    good = app.read_text(encoding="utf-8")
    app.write_text(good.replace('{"status": "ok"}', '{"status": "ok", "edition": "two"}', 1), encoding="utf-8")
    assert "ApiFunction" in project.run("diff", *LOCAL, "--exit-code", expect=10)

    second = project.run_json("deploy", *LOCAL, "--yes")
    assert second["status"] == "done"
    assert [shift["outcome"] for shift in second["shifts"]] == ["passed"]
    assert second["outputs"]["FulfilmentVersionArn"] == outputs["FulfilmentVersionArn"]
    assert call("GET", f"{outputs['LocalApiUrl']}/health")[1]["edition"] == "two"
    assert project.run_text_json("verify", *LOCAL)["counts"]["failed"] == 0
    project.run("drift", *LOCAL, "--exit-code")
    project.run("diff", *LOCAL, "--exit-code")

    assert project.run_json("rollback", *LOCAL, "--to", "-1", "--yes")["status"] == "done"
    assert "edition" not in call("GET", f"{outputs['LocalApiUrl']}/health")[1]
    app.write_text(good, encoding="utf-8")


def test_a_broken_consumer_is_stopped_and_returned(project: Project, outputs: dict[str, str]) -> None:
    """A hook refuses the version; the queue is consumed by the one before, and nothing of the release stays."""
    app = project.folder / "handlers" / "fulfilment" / "app.py"
    good = app.read_text(encoding="utf-8")
    broken, count = re.subn(r"(    failures = \[\]\n)", r'\1    raise RuntimeError("broken")\n', good)
    assert count == 1
    app.write_text(broken, encoding="utf-8")

    stopped = project.run_json("deploy", *LOCAL, "--yes", expect=4)
    assert stopped["failure"]["logical_id"] == "FulfilmentLiveAlias"
    alias = project.client("lambda").get_alias(FunctionName=f"{PREFIX}-fulfilment", Name="live")
    assert alias["FunctionVersion"] == outputs["FulfilmentVersionArn"].rpartition(":")[2]

    url = outputs["LocalApiUrl"]
    _await_fulfilled(url, _place(url))
    app.write_text(good, encoding="utf-8")
    project.run("diff", *LOCAL, "--exit-code")


def test_kept_data_comes_back_by_adoption(project: Project, outputs: dict[str, str]) -> None:
    """Destroy keeps the table; the next deploy offers the command that adopts it; the order is there; then all goes."""
    order = _place(outputs["LocalApiUrl"])
    assert project.run_json("destroy", *LOCAL, "--yes")["status"] == "done"
    refused = project.run_json("deploy", *LOCAL, "--yes", expect=2)
    assert refused["error"]["code"] == "names-taken"
    command = shlex.split(refused["error"]["hint"].split("`")[1])[1:]
    project.run(*command, "--yes")

    url = project.run_json("deploy", *LOCAL, "--yes")["outputs"]["LocalApiUrl"]
    assert call("GET", f"{url}/orders/{order['orderId']}?customer=ada")[0] == 200
    assert project.run_json("destroy", *LOCAL, "--yes", "--delete-data")["status"] == "done"
    assert project.client("dynamodb").list_tables()["TableNames"] == []


@long
def test_permissions_are_exact(project: Project) -> None:
    """`iam prove` catches every mutant; what nothing uses would be named as unproven."""
    assert "100 %" in project.run("iam", "prove", *LOCAL)


@long
def test_the_rollout_and_its_failures_are_rehearsed(project: Project) -> None:
    """Each fault in any function of the service is stopped by its guard or its hook."""
    project.run("rehearse", *LOCAL, "--offline")


def _place(url: str) -> dict[str, Any]:
    status, order = call("POST", f"{url}/orders", {"customer": "ada", "item": "tea"})
    assert status == 201, order
    return dict(order)


def _await_fulfilled(url: str, order: dict[str, Any]) -> None:
    one = f"{url}/orders/{order['orderId']}?customer=ada"
    await_true(lambda: call("GET", one)[1]["status"] == "fulfilled", f"{order} is not fulfilled")


def _reports(project: Project, outputs: dict[str, str]) -> list[str]:
    s3, bucket = project.client("s3"), outputs["ReportsBucketName"]
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="daily/").get("Contents", ())]
    return [s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys]
