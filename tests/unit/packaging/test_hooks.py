"""The zip of the hooks: what is in it, and what changes it."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from tapgen.config.tried import Tried, load_tried
from tapgen.errors import ConfigError
from tapgen.journey import Journey, event, request
from tapgen.packaging.hooks import zip_hooks

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = Tried(function="orders", journey=Journey(steps=(request("GET /orders"),)), routes=("GET /orders",))
NIGHTLY = Tried(function="nightly", journey=Journey(steps=(event({}),)))


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


def test_project_without_journeys_has_none(tmp_path: Path) -> None:
    """Nothing is loaded, nothing is written."""
    assert load_tried(tmp_path) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("JOURNEYS = 1\n", "defines no journeys"),
        ("\n1 / 0\n", "line 2: division by zero"),
        ("x = (\n", "line 1"),
        ('from tapgen.journey import request\nrequest("orders")\n', "line 2: request('orders'): write METHOD /path"),
    ],
)
def test_journeys_that_cannot_be_loaded_are_told(tmp_path: Path, text: str, told: str) -> None:
    """With file and line, as an error of the user's own file."""
    file = tmp_path / "config" / "journeys.py"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_tried(tmp_path)

    assert told in caught.value.what
    assert str(file) in caught.value.what
    assert [path.name for path in file.parent.iterdir()] == ["journeys.py"]
