"""Copies of the test projects with an embedded AWS of their own, and the command line run in them."""

from __future__ import annotations

import json
import os
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.cli.conftest import Project

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECTS = Path(__file__).parent
LOCAL = ("--env", "local")
long = pytest.mark.skipif(os.environ.get("TAPGEN_LONG_PROJECTS") != "1", reason="takes minutes; TAPGEN_LONG_PROJECTS=1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever deploys needs the embedded AWS."""
    for item in items:
        if "tests/projects" in item.path.as_posix():
            item.add_marker(pytest.mark.local)


def copy_test_project(name: str, folder: Path) -> Project:
    """A copy of a test project in a folder of its own."""
    ignored = shutil.ignore_patterns("__pycache__", ".tapgen", "build")
    shutil.copytree(PROJECTS / name, folder, dirs_exist_ok=True, ignore=ignored)
    return Project(folder)


def call(method: str, url: str, body: Any = None) -> tuple[int, Any]:
    """Send one request to the embedded AWS; its status and its JSON body."""
    request = urllib.request.Request(  # noqa: S310 - the URL is our own server's
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
            raw = answer.read()
            return answer.status, json.loads(raw) if raw else None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def await_true(condition: Callable[[], object], what: str) -> None:
    """Wait until something holds that happens in the background.

    Raises:
        AssertionError: It does not within two minutes.
    """
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.3)
