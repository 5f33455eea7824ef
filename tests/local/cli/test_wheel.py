"""From the wheel alone: an empty environment, an empty folder, no clone, no git, no AWS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[3]
SOURCES = (
    *("LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "setup.cfg", "setup.py"),
    *("config", "docs", "handlers", "tapgen"),
)

pytestmark = [pytest.mark.network, pytest.mark.local]


@dataclass(frozen=True)
class Installation:
    """An environment with the wheel in it and nothing of this repository."""

    bin: Path

    def run(self, program: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, in CI, with neither git nor AWS settings around."""
        environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "PYTHON", "TAPGEN_", "COVERAGE_", "VIRTUAL_ENV"))
        }
        return subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=folder,
            env=environ | {"CI": "true", "PATH": str(self.bin), "GIT_CEILING_DIRECTORIES": str(folder.parent)},
            capture_output=True,
            text=True,
            check=False,
        )

    def tapgen(self, *arguments: str, folder: Path) -> str:
        """What tapgen prints to standard output; it must do what it is asked."""
        done = self.run("tapgen", *arguments, folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel, built from a copy of the sources and installed with ``tapgen[local]`` and pytest."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        source, target = REPOSITORY / name, folder / "sources" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    uv = [sys.executable, "-m", "uv", "--quiet"]
    build = [*uv, "build", "--wheel", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([*build, "--out-dir", str(folder), str(folder / "sources")], check=True)
    wheel = next(folder.glob("*.whl"))
    shutil.rmtree(folder / "sources")
    # With pip, which builds layers, as `python -m venv` makes one.
    subprocess.run([*uv, "venv", "--seed", "--python", sys.executable, str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    wanted = [f"tapgen[local] @ {wheel.as_uri()}", "pytest"]
    subprocess.run([*uv, "pip", "install", "--python", str(python), *wanted], check=True)
    return Installation(bin=python.parent)


@pytest.fixture
def orders(installation: Installation, tmp_path: Path) -> Iterator[Path]:
    """``tapgen init orders`` in an empty folder."""
    installation.tapgen("init", "orders", folder=tmp_path)
    yield tmp_path / "orders"
    installation.run("tapgen", "local", "stop", folder=tmp_path / "orders")


def test_first_deployment_serves_a_request(installation: Installation, orders: Path) -> None:
    """``tapgen init orders && cd orders && tapgen deploy --env local``, and the API takes an order."""
    installation.tapgen("deploy", "--env", "local", "--yes", folder=orders)

    url = installation.tapgen("outputs", "--env", "local", "--key", "LocalApiUrl", folder=orders).strip()
    request = urllib.request.Request(  # noqa: S310 - the embedded AWS, on this machine
        f"{url}/customers/ada/orders", data=b'{"item": "tea", "quantity": 2}', method="POST"
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
        order = json.load(answer)
    with urllib.request.urlopen(f"{url}/orders?status=open") as answer:  # noqa: S310 - the same
        assert json.load(answer) == {"orders": [order]}
    assert (
        "nothing changed"
        in installation.run("tapgen", "deploy", "--env", "local", "--yes", folder=orders).stderr.lower()
    )
    status = json.loads(installation.tapgen("status", "--env", "local", "--json", folder=orders))
    assert status
    verified = installation.tapgen("verify", "--env", "local", folder=orders)
    assert "failed" not in verified


def test_project_looks_after_itself(installation: Installation, orders: Path) -> None:
    """The project's own tests, doctor and validation pass in it, without git and without a clone."""
    tests = installation.run("python", "-m", "pytest", folder=orders)
    assert tests.returncode == 0, tests.stdout + tests.stderr
    installation.tapgen("doctor", folder=orders)
    installation.tapgen("validate", "--env", "local", "--offline", folder=orders)


@pytest.mark.parametrize("starter", ["worker", "transactions"])
def test_every_starter_is_in_the_wheel(installation: Installation, tmp_path: Path, starter: str) -> None:
    """Each starter can be written and is valid, the reference service among them."""
    installation.tapgen("init", "jobs", "--from", starter, folder=tmp_path)

    assert "local" in installation.tapgen("config", "validate", folder=tmp_path / "jobs")


def test_the_reference_service_serves_a_request(installation: Installation, tmp_path: Path) -> None:
    """``tapgen init pay --from transactions && tapgen deploy --env local``, with the layer that it builds itself."""
    folder = tmp_path / "pay"
    installation.tapgen("init", "pay", "--from", "transactions", folder=tmp_path)
    try:
        installation.tapgen("deploy", "--env", "local", "--yes", folder=folder)
        url = installation.tapgen("outputs", "--env", "local", "--key", "LocalApiUrl", folder=folder).strip()
        body = {"amount": "12.30", "currency": "EUR", "type": "debit", "status": "pending"}
        request = urllib.request.Request(  # noqa: S310 - the embedded AWS, on this machine
            f"{url}/users/ada/transactions",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
            made = json.load(answer)
        with urllib.request.urlopen(f"{url}/users/ada/transactions") as answer:  # noqa: S310 - the same
            assert json.load(answer)["items"] == [made]
    finally:
        installation.run("tapgen", "local", "stop", folder=folder)


def test_pages_that_messages_name_are_in_the_wheel(installation: Installation, tmp_path: Path) -> None:
    """Runbooks and the user guide can be read without a clone, and are those of this version."""
    runbook = installation.tapgen("runbook", "function-errors", folder=tmp_path)
    assert runbook == (REPOSITORY / "docs/runbooks/function-errors.md").read_text(encoding="utf-8")
    guide = installation.tapgen("guide", "docs/reference/parts.md", folder=tmp_path)
    assert guide == (REPOSITORY / "docs/reference/parts.md").read_text(encoding="utf-8")


def test_no_module_comes_from_this_repository(installation: Installation, tmp_path: Path) -> None:
    """What is tried here is the wheel."""
    found = installation.run("python", "-c", "import tapgen; print(tapgen.__file__)", folder=tmp_path)

    assert Path(found.stdout.strip()).is_relative_to(installation.bin.parent)
