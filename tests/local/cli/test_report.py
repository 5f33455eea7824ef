"""The report of a release: written by the deploy, read and drawn by `tapgen report`, rebuilt where there is none."""

from __future__ import annotations

import json
import os
import re
import threading
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.local.api.browser import PROGRAM, opened_page

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from tests.local.cli.conftest import Project

BUCKET = "transactions-local-us-east-1-artifacts-000000000000"
PREFIX = "reports/transactions-local/"


@pytest.fixture(name="released", scope="module")
def _released(project: Project) -> Project:
    """A first edition all at once, and a second one that is shifted under traffic."""
    project.configure_canary("percentage: 20", "interval_min: 3")
    url = project.run_json("deploy", "--env", "local", "--yes")["outputs"]["LocalApiUrl"]
    project.edit_api("another edition")
    config = project.folder / "config" / "environments.yaml"
    before, local, after = config.read_text(encoding="utf-8").partition("  local:\n")
    memory = after.replace("log_retention_days: 7\n", "log_retention_days: 7\n      memory_mb: 768\n", 1)
    config.write_text(before + local + memory, encoding="utf-8")
    stop = threading.Event()

    def call() -> None:
        while not stop.wait(0.03):
            with suppress(OSError):
                urllib.request.urlopen(f"{url}/users/ada/transactions", timeout=30).close()  # noqa: S310 - ours

    thread = threading.Thread(target=call)
    thread.start()
    try:
        assert project.run_json("deploy", "--env", "local", "--yes")["status"] == "done"
    finally:
        stop.set()
        thread.join()
    return project


def _report(project: Project, *options: str) -> dict[str, Any]:
    return project.run_text_json("report", "--env", "local", *options)


def test_deploy_leaves_what_was_seen(released: Project) -> None:
    """The report of a canary has the change, the code, the stacks, the weight over time, both versions, the verdict."""
    keys = [item["Key"] for item in released.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=PREFIX)["Contents"]]
    assert keys == [f"{PREFIX}{sequence:08d}.{suffix}" for sequence in (1, 2) for suffix in ("html", "json")]
    report = _report(released)

    assert report["missing"] == []
    assert report["record"]["outcome"]["status"] == "succeeded"
    changed = {each["place"]: each["details"] for each in report["changes"]["resources"]}
    assert "MemorySize: 512 → 768" in changed["compute.ApiFunction"]
    (code,) = [details for text, details in report["changes"]["code"] if text.startswith("api:")]
    assert any("handlers/api/problems.py" in detail for detail in code)
    assert {"Compute", "transactions-local-us-east-1-service"} <= {bar["logical_id"] for bar in report["bars"]}
    api = next(shift for shift in report["shifts"] if shift["function"].endswith("-api"))
    weights = [sample["weight"] for sample in api["samples"]]
    assert 0.2 in weights
    assert weights == sorted(weights)
    assert api["outcome"] in {"passed", "inconclusive"}
    assert {alarm["state"] for alarm in api["alarms"]} <= {"OK", "INSUFFICIENT_DATA"}
    served = {series["version"]: sum(value for _, value in series["points"]) for series in api["series"][::4]}
    assert served["1"] > 0
    assert report["costs"]["items"] == []


def test_first_release_is_compared_with_nothing(released: Project) -> None:
    """A first deploy added everything, and what that costs whatever the traffic."""
    report = _report(released, "--release", "1")

    assert {each["action"] for each in report["changes"]["resources"]} == {"add"}
    # The embedded AWS was bootstrapped by this very command: that is another stack's story.
    assert not [bar for bar in report["bars"] if "bootstrap" in bar["logical_id"]]
    assert report["costs"]["usd"] > 0


def test_page_stands_alone(released: Project, tmp_path: Path) -> None:
    """The page fetches nothing and runs nothing; the stored one is the same; --open hands it to the browser."""
    file, opened = tmp_path / "page.html", tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n', encoding="utf-8")
    browser.chmod(0o755)
    done = released.start(
        "report", "--env", "local", "-o", str(file), "--open", environ={"BROWSER": f"{browser} %s", "PATH": os.defpath}
    )
    page = file.read_text(encoding="utf-8")

    assert done.stdout.strip() == str(file)
    assert opened.read_text(encoding="utf-8").strip() == file.as_uri()
    assert not re.search(r"<script|<link|<img|@import|src=|url\(", page)
    stored = released.client("s3").get_object(Bucket=BUCKET, Key=f"{PREFIX}00000002.html")["Body"].read().decode()
    assert stored == page


def test_report_is_rebuilt_where_none_was_kept(released: Project) -> None:
    """Without a stored report changes, stacks, the versions' figures and the verdict are found; the rest is named."""
    kept = _report(released)
    s3 = released.client("s3")
    stored = s3.get_object(Bucket=BUCKET, Key=f"{PREFIX}00000002.json")["Body"].read()
    s3.delete_object(Bucket=BUCKET, Key=f"{PREFIX}00000002.json")
    try:
        rebuilt = _report(released)
    finally:
        s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}00000002.json", Body=stored)

    assert rebuilt["changes"] == kept["changes"]
    assert [bar["logical_id"] for bar in rebuilt["bars"]] == [bar["logical_id"] for bar in kept["bars"]]
    assert [shift["outcome"] for shift in rebuilt["shifts"]] == [shift["outcome"] for shift in kept["shifts"]]
    assert any("nobody was watching" in text for text in rebuilt["missing"])
    assert json.loads(stored)["missing"] == []


@pytest.mark.skipif(PROGRAM is None, reason="no Chromium on PATH (Debian: apt-get install chromium)")
def test_page_fits_desk_and_phone_light_and_dark(released: Project, tmp_path: Path) -> None:
    """At 1280 and 390 pixels nothing is wider than the window, light and dark differ, and nothing is fetched."""
    file = tmp_path / "page.html"
    released.run("report", "--env", "local", "-o", str(file))
    grounds = set()
    with opened_page(tmp_path / "profile") as page:
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                page.call(
                    "Emulation.setDeviceMetricsOverride",
                    width=width,
                    height=900,
                    deviceScaleFactor=1,
                    mobile=width < 600,
                )
                page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
                page.call("Page.navigate", url=file.as_uri())
                page.wait_for("document.readyState === 'complete' && document.querySelectorAll('figure').length > 3")
                page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                grounds.add((scheme, page.evaluate("getComputedStyle(document.body).backgroundColor")))
        assert {url for url in page.requested if not url.startswith("file:")} == set()
        assert page.complaints == []
    assert len(grounds) == 2
    assert len({ground for _, ground in grounds}) == 2


def test_rollback_leaves_a_report_and_no_change_leaves_none(released: Project) -> None:
    """A rollback is a release with a report of its own; a deploy of what is live reports nothing."""
    assert released.run_json("deploy", "--env", "local", "--yes")["status"] == "unchanged"
    assert released.run_json("rollback", "--env", "local", "--yes")["status"] == "done"
    keys = [item["Key"] for item in released.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=PREFIX)["Contents"]]
    report = _report(released)

    assert keys[-2:] == [f"{PREFIX}00000003.{suffix}" for suffix in ("html", "json")]
    assert report["missing"] == []
    assert report["record"]["intent"]["restores"]["sequence"] == 1
    changed = {each["place"]: each["details"] for each in report["changes"]["resources"]}
    assert "MemorySize: 768 → 512" in changed["compute.ApiFunction"]
