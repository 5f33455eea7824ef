"""``tapgen watch``: from a save to serving, for as long as it is left running."""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from subprocess import Popen

    from tests.local.cli.conftest import Project

pytestmark = pytest.mark.local

_BROKEN = '\n\nraise RuntimeError("saved too early")\n'


@pytest.fixture(name="watching")
def _watching(project: Project) -> Iterator[Popen[bytes]]:
    """``tapgen watch``, which has deployed the project as it was."""
    process = project.spawn("watch", "--env", "local")
    _await_release(project, other_than="")
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()


def test_a_save_is_served_and_a_broken_one_is_survived(project: Project, watching: Popen[bytes]) -> None:
    """Each save is deployed; one that cannot serve is rolled back and the next save tries again; Ctrl-C ends well."""
    app = project.folder / "handlers" / "api" / "problems.py"
    original = app.read_text(encoding="utf-8")
    first = _await_release(project, other_than="")

    app.write_text(original + "# second\n", encoding="utf-8")
    second = _await_release(project, other_than=first)
    app.write_text(original + _BROKEN, encoding="utf-8")
    _await_failure(project)
    app.write_text(original + "# third\n", encoding="utf-8")
    third = _await_release(project, other_than=second)

    assert third not in {first, second}
    url = project.run_text_json("outputs", "--env", "local")["LocalApiUrl"]
    with urllib.request.urlopen(f"{url}/health", timeout=30) as answer:  # noqa: S310 - ours
        assert answer.status == 200
    watching.send_signal(signal.SIGINT)
    assert watching.wait(timeout=60) == 0


def test_production_is_not_watched(project: Project) -> None:
    """Production is refused before anything is read or sent."""
    done = project.start("watch", "--env", "prod")

    assert done.returncode == 3
    assert "prod is production" in done.stderr


def _await_release(project: Project, *, other_than: str) -> str:
    """The live release, once it is another than the one that is named."""

    def find() -> str:
        release = _releases(project)
        live = next((item for item in release if item["live"]), None)
        return str(live["release_id"]) if live and live["status"] == "succeeded" else ""

    return _await(lambda: found if (found := find()) != other_than else "")


def _await_failure(project: Project) -> None:
    """Until the newest release is one that was rolled back."""
    _await(lambda: "it is" if _releases(project)[0]["status"] in {"failed", "rolled-back"} else "")


def _await(find: Callable[[], str]) -> str:
    deadline = time.monotonic() + 120
    while not (found := find()):
        assert time.monotonic() < deadline, "watch does not get there"
        time.sleep(0.3)
    return found


def _releases(project: Project) -> list[dict[str, object]]:
    done = project.start("releases", "--env", "local", "--json")
    document = json.loads(done.stdout) if done.returncode == 0 else {"releases": []}
    releases: list[dict[str, object]] = document["releases"]
    return releases
