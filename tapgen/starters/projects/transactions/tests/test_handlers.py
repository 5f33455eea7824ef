"""The functions import without AWS, with what handlers/requirements.in brings."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

APPS = sorted(Path("handlers").glob("*/app.py"))


@pytest.mark.parametrize("app", APPS, ids=lambda path: path.parent.name)
def test_function_is_found(app: Path) -> None:
    """Each folder with an app.py is a function that can be found by its dotted name."""
    assert importlib.util.find_spec(f"handlers.{app.parent.name}.app")
