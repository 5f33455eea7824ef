"""The orders service from the first deploy to the last destroy, as its user does it: the command line alone."""

from __future__ import annotations

import json
import re
import shlex
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from tapgen.local.firing import fire
from tests.projects.conftest import LOCAL, await_true, call, copy_test_project, long

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.cli.conftest import Project

PREFIX = "orders-local-us-east-1"
_FAILS_ON_TEA = """    failures = []
    if any(json.loads(record["body"]).get("item") == "tea" for record in event["Records"]):
        raise RuntimeError("no tea today")
"""


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = copy_test_project("orders", tmp_path_factory.mktemp("orders"))
    file = project.folder / "config" / "environments.yaml"
    # How fast this machine is, no guard shall judge here.
    settings = "local: {alarms: {latency_p90_baseline_ms: 60000}, "
    file.write_text(file.read_text(encoding="utf-8").replace("local: {", settings, 1), encoding="utf-8")
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

    with Customers(outputs["LocalApiUrl"]):
        second = project.run_json("deploy", *LOCAL, "--yes")
    assert second["status"] == "done"
    # How many requests reach the canary, a busy machine decides: fewer than the minimum warn, and it goes live.
    (shift,) = second["shifts"]
    assert (shift["function"], shift["outcome"] in {"passed", "inconclusive"}) == (f"{PREFIX}-api", True)
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


def test_a_broken_consumer_is_returned_by_its_guard(project: Project, outputs: dict[str, str]) -> None:
    """The hooks' own orders pass; real ones fail in the canary, its guard takes it back, and no order is lost."""
    app = project.folder / "handlers" / "fulfilment" / "app.py"
    good = app.read_text(encoding="utf-8")
    broken = good.replace("    failures = []\n", _FAILS_ON_TEA, 1)
    assert broken != good
    app.write_text(broken, encoding="utf-8")
    with Customers(outputs["LocalApiUrl"]) as customers:
        stopped = project.run_json("deploy", *LOCAL, "--yes", expect=4)
    app.write_text(good, encoding="utf-8")

    (shift,) = [each for each in stopped["shifts"] if each["function"] == f"{PREFIX}-fulfilment"]
    assert (shift["outcome"], shift["code"]) == ("rolled-back", "ALARM_ACTIVE")
    assert f"<{PREFIX}-guard-fulfilment-errors-" in stopped["failure"]["reason"]
    alias = project.client("lambda").get_alias(FunctionName=f"{PREFIX}-fulfilment", Name="live")
    assert alias["FunctionVersion"] == outputs["FulfilmentVersionArn"].rpartition(":")[2]
    assert not alias.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    for order in customers.orders:
        _await_fulfilled(outputs["LocalApiUrl"], order)
    project.run("diff", *LOCAL, "--exit-code")


def test_a_part_with_data_is_not_removed_by_mistake(project: Project, outputs: dict[str, str]) -> None:
    """The part goes from the service, as when its template is changed: the data firewall refuses, naming the switch."""
    service = project.folder / "config" / "service.py"
    good = service.read_text(encoding="utf-8")
    less = good.replace('reports = service.bucket("reports", expire_after_days=400)\n', "", 1)
    less = less.replace(', reports.put("daily/*")', "", 1)
    assert "reports" not in less
    service.write_text(less, encoding="utf-8")

    refused = project.run_json("deploy", *LOCAL, "--yes", expect=3)
    service.write_text(good, encoding="utf-8")

    assert refused["error"]["code"] == "data-loss"
    assert "Data.ReportsBucket (AWS::S3::Bucket)" in refused["error"]["why"]
    assert "--allow-replace Data.ReportsBucket" in refused["error"]["hint"]
    assert outputs["ReportsBucketName"] in [each["Name"] for each in project.client("s3").list_buckets()["Buckets"]]
    project.run("diff", *LOCAL, "--exit-code")


def test_kept_data_comes_back_by_adoption(project: Project, outputs: dict[str, str]) -> None:
    """Destroy keeps the table; the next deploy offers the command that adopts it; the order is there; then all goes."""
    order = _place(outputs["LocalApiUrl"])
    assert project.run_json("destroy", *LOCAL, "--yes")["status"] == "done"
    refused = project.run_json("deploy", *LOCAL, "--yes", expect=2)
    assert refused["error"]["code"] == "names-taken"
    command = shlex.split(refused["error"]["hint"].split("`")[1])[1:]
    project.run(*command, "--yes")
    adoption = project.run_text_json("releases", *LOCAL)["releases"][0]
    assert (adoption["operation"], adoption["status"], adoption["live"]) == ("adopt", "adopted", False)
    assert f"{PREFIX}-orders" in {each["physical_id"] for each in adoption["adopts"]}
    shown = project.run("releases", "show", str(adoption["sequence"]), *LOCAL)
    assert "Data.OrdersTable" in shown

    url = project.run_json("deploy", *LOCAL, "--yes")["outputs"]["LocalApiUrl"]
    assert call("GET", f"{url}/orders/{order['orderId']}?customer=ada")[0] == 200
    assert project.run_json("destroy", *LOCAL, "--yes", "--delete-data")["status"] == "done"
    assert project.client("dynamodb").list_tables()["TableNames"] == []


@long
def test_permissions_are_exact(project: Project) -> None:
    """`iam prove` catches every mutant; what nothing uses would be named as unproven."""
    assert "100 %" in project.run("iam", "prove", *LOCAL)


@long
def test_the_rollout_and_its_failures_are_rehearsed(tmp_path: Path) -> None:
    """Each fault in any function of the service is stopped by its guard or its hook."""
    result = copy_test_project("orders", tmp_path).run_json("rehearse", *LOCAL, "--offline")
    report = json.loads(Path(result["outputs"]["report"]).read_text(encoding="utf-8"))
    assert (len(report["scenarios"]), report["skipped"]) == (7, [])
    assert all(scenario["passed"] for scenario in report["scenarios"])


class Customers:
    """Somebody who orders tea until the end of the block."""

    def __init__(self, url: str) -> None:
        self.orders: list[dict[str, Any]] = []
        self._url = url
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._order)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _order(self) -> None:
        while not self._enough.wait(0.05):
            self.orders.append(_place(self._url))


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
