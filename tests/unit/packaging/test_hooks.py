"""The zip of the hooks: what is in it, and what changes it."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import ConfigError
from tapgen.journey import Journey, event, request
from tapgen.packaging.hooks import zip_hooks
from tapgen.service.load import load_service
from tapgen.service.tried import Tried, tried_of

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = Tried(function="orders", journey=Journey(steps=(request("GET /orders"),)), routes=("GET /orders",))
NIGHTLY = Tried(function="nightly", journey=Journey(steps=(event({}),)))

SERVICE = """\
from tapgen.journey import Journey, request
from tapgen.service import Service

service = Service("orders")
jobs = service.queue("jobs")
api = service.function("api")
api.route("GET /health", public=True)
api.route("POST /orders")
service.function("fulfilment", on=jobs.messages(batch=10))
service.function("written").tried_by(Journey(steps=(request('GET /mine'),)))
"""


def test_zip_holds_the_runtime_the_journey_and_the_journeys() -> None:
    """And nothing else of tapgen; its own package is an empty one."""
    with zipfile.ZipFile(io.BytesIO(zip_hooks([ORDERS]).data)) as archive:
        names = archive.namelist()
        journeys = json.loads(archive.read("journeys.json"))

    assert {name.split("/")[1] for name in names if "/" in name} == {"__init__.py", "hook_runtime", "journey"}
    assert "tapgen/hook_runtime/app.py" in names
    assert all(name.endswith((".py", ".json")) for name in names)
    assert journeys["orders"]["routes"] == ["GET /orders"]


def test_zip_changes_with_the_journeys_alone() -> None:
    """The order of the functions is nobody's business; a step is."""
    both = zip_hooks([ORDERS, NIGHTLY])

    assert both.data == zip_hooks([NIGHTLY, ORDERS]).data
    assert both.digest != zip_hooks([ORDERS]).digest


def test_function_without_a_journey_is_tried_as_far_as_that_goes(tmp_path: Path) -> None:
    """By its health route, a route that may be asked, or an empty batch; and it is told how little that proves."""
    (tmp_path / "service.py").write_text(SERVICE, encoding="utf-8")

    tried = {each.function: each for each in tried_of(load_service(tmp_path))}

    assert [step.name for step in tried["api"].journey.steps] == ["GET /health"]
    assert tried["api"].routes == ("GET /health", "POST /orders")
    assert [step.name for step in tried["fulfilment"].journey.steps] == ["empty batch"]
    assert [step.name for step in tried["written"].journey.steps] == ["GET /mine"]
    assert [bool(each.journey.weak) for each in tried.values()] == [True, True, False]


def test_journey_that_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    """As every other fault of the file."""
    (tmp_path / "service.py").write_text(SERVICE.replace("Journey(steps=(request('GET /mine'),))", "'mine'"), "utf-8")

    with pytest.raises(ConfigError) as caught:
        load_service(tmp_path)

    assert "service.py:10" in caught.value.why
    assert "tried_by('mine'): not a Journey" in caught.value.why
