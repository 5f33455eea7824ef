"""tapgen under the oldest, the locked and the newest boto3; the embedded AWS, which pins its botocore, beside each."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from scripts.tools import REPOSITORY, ensure_tool
from tests.local.deploy.service import REGION
from tests.projects.conftest import copy_test_project

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.aws.target import Target

pytestmark = pytest.mark.network
LONG = bool(os.environ.get("TAPGEN_LONG_PEERS"))
_VERSIONS = ("lowest", "newest")


def _environ(**more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COV_"))}
    # The working copy, and no installation of it: the environments hold its dependencies alone.
    return inherited | {"CI": "true", "PYTHONPATH": str(REPOSITORY), **more}


@pytest.mark.parametrize("version", _VERSIONS)
def test_a_deployment_of_either_boto3_on_moto(version: str, moto_target: Target, tmp_path: Path) -> None:
    """The small service is created and updated by a tapgen whose boto3 is that version."""
    python = ensure_tool(version) / "python"
    order: dict[str, Any] = {
        "endpoint": moto_target.endpoint_url,
        "key": moto_target.access_key_id,
        "secret": moto_target.secret_access_key,
        "folder": str(tmp_path),
        "name": f"shop-{uuid.uuid4().hex[:8]}",
        "edition": 1,
    }
    make = (
        "import sys, json, boto3; o = json.loads(sys.argv[1]); "
        "boto3.client('s3', endpoint_url=o['endpoint'], region_name=sys.argv[2], aws_access_key_id=o['key'], "
        "aws_secret_access_key=o['secret']).create_bucket(Bucket=o['name'] + '-artifacts', "
        "CreateBucketConfiguration={'LocationConstraint': sys.argv[2]}); print(boto3.__version__)"
    )
    found = subprocess.run(
        [python, "-c", make, json.dumps(order), REGION], env=_environ(), capture_output=True, text=True, check=True
    ).stdout
    assert found.startswith({"lowest": "1.40.", "newest": "1.44."}[version])

    for edition in (1, 2):
        done = subprocess.run(
            [python, "-m", "tests.local.deploy.driver", json.dumps(order | {"edition": edition})],
            cwd=REPOSITORY,
            env=_environ(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert json.loads(done.stdout or "{}").get("status") == "done", done.stdout + done.stderr


@pytest.mark.local
@pytest.mark.skipif(not LONG, reason="takes minutes; scripts/peers")
@pytest.mark.parametrize("version", _VERSIONS)
def test_a_service_of_either_boto3_on_an_embedded_aws_of_another(version: str, tmp_path: Path) -> None:
    """`TAPGEN_LOCAL_PYTHON` names the environment of MiniStack: neither botocore holds the other back."""
    project = copy_test_project("orders", tmp_path / "orders")
    # tapgen alone: the functions, whose processes inherit the path, have handlers of their own.
    path = tmp_path / "path"
    path.mkdir()
    (path / "tapgen").symlink_to(REPOSITORY / "tapgen")
    environ = _environ(TAPGEN_LOCAL_PYTHON=str(ensure_tool("embedded") / "python"), PYTHONPATH=str(path))
    python = str(ensure_tool(version) / "python")

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [python, "-m", "tapgen", *arguments],
            cwd=project.folder,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    try:
        run("deploy", "--env", "local", "--yes")
        app = project.folder / "handlers" / "api" / "app.py"
        app.write_text(f"{app.read_text(encoding='utf-8')}\n# changed\n", encoding="utf-8")
        run("deploy", "--env", "local", "--yes")
        run("rollback", "--env", "local", "--yes")
        for command in ("status", "releases", "drift", "outputs", "metrics"):
            run(command, "--env", "local")
        run("destroy", "--env", "local", "--yes", "--delete-data")
    finally:
        run("local", "stop")
