"""Whether what was built installs in an empty environment and does its main job: begin a project, deploy, serve."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

_LEFT_OUT = ("AWS_", "PYTHON", "TAPGEN_", "COVERAGE_", "VIRTUAL_ENV")


def try_distribution(distribution: Path) -> None:
    """Install it with the embedded AWS, deploy the starter ``api`` in an empty folder, and ask it for its health.

    Raises:
        subprocess.CalledProcessError: A command failed; stderr says why.
        OSError: The deployed API does not answer with 200.
    """
    with tempfile.TemporaryDirectory(prefix="tapgen-release-") as name:
        folder = Path(name)
        tapgen = _install(distribution, folder / "venv")
        _run(tapgen, "init", "orders", folder=folder)
        project = folder / "orders"
        try:
            _run(tapgen, "deploy", "--env", "local", "--yes", folder=project)
            url = _run(tapgen, "outputs", "--env", "local", "--key", "LocalApiUrl", folder=project).strip()
            urllib.request.urlopen(f"{url}/orders?status=open", timeout=30).close()  # noqa: S310 - the embedded AWS
        finally:
            _run(tapgen, "local", "stop", folder=project)


def _install(distribution: Path, target: Path) -> Path:
    uv = [sys.executable, "-m", "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--python", sys.executable, str(target)], check=True)
    python = target / "bin" / "python"
    wanted = f"tapgen[local] @ {distribution.resolve().as_uri()}"
    subprocess.run([*uv, "pip", "install", "--python", str(python), wanted], check=True)
    return python.with_name("tapgen")


def _run(program: Path, *arguments: str, folder: Path) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    done = subprocess.run(
        [str(program), *arguments],
        cwd=folder,
        env=environ | {"CI": "true", "GIT_CEILING_DIRECTORIES": str(folder.parent)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout
