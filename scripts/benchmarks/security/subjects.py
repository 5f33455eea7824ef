"""The templates that are compared, this project's, SAM's and CDK's: each service in a folder, each bootstrap in one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cfn_flip import to_json

from scripts.bootstraps import write_bootstrap
from scripts.tools import REPOSITORY, ensure_tool
from tapgen.build import Builder, BuildRequest

ENVIRONMENT = "prod"
_INPUTS = Path(__file__).with_name("inputs")
_SAM_PIPELINE = "samcli/lib/pipeline/bootstrap/stage_resources.yaml"
_CDK_BOOTSTRAP = "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml"


class NotMeasuredError(Exception):
    """A tool is not there; the text says which."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What one tool makes.

    Attributes:
        name: The tool with its version.
        service: Folder with the templates of the service.
        bootstrap: Folder with the template that an account needs before.
    """

    name: str
    service: Path
    bootstrap: Path

    @staticmethod
    def read(folder: Path) -> list[Any]:
        """The templates in a folder."""
        return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def make_ours(folder: Path) -> Subject:
    """Production as this project renders it."""
    builder = Builder(REPOSITORY)
    builder.build(BuildRequest(environment=ENVIRONMENT), out=folder / "build")
    write_bootstrap(builder.environments.resolve(ENVIRONMENT), folder / "bootstrap")
    name = f"tapgen {version('tapgen')}, {ENVIRONMENT}"
    return Subject(name=name, service=folder / "build" / "templates", bootstrap=folder / "bootstrap")


def make_sam(folder: Path) -> Subject:
    """The service in SAM, transformed as CloudFormation does; the bootstrap is that of ``sam pipeline``."""
    tool = ensure_tool("sam")
    service = folder / "service"
    service.mkdir(parents=True)
    command = [str(tool / "python"), str(_INPUTS / "transform.py"), str(_INPUTS / "sam.yaml")]
    subprocess.run(
        [*command, str(service / "service.json")],
        env=os.environ | {"AWS_DEFAULT_REGION": "eu-west-1"},
        capture_output=True,
        check=True,
    )
    (pipeline,) = (tool.parent / "lib").glob(f"python*/site-packages/{_SAM_PIPELINE}")
    (release,) = (tool.parent / "lib").glob("python*/site-packages/aws_sam_cli-*.dist-info")
    number = release.name.removeprefix("aws_sam_cli-").removesuffix(".dist-info")
    return Subject(name=f"SAM {number}", service=service, bootstrap=_flip(pipeline, folder / "bootstrap"))


def make_cdk(folder: Path) -> Subject:
    """The service in CDK, synthesised by Node; the bootstrap is that of ``cdk bootstrap`` without options.

    Raises:
        NotMeasuredError: There is no Node, or npm cannot install CDK.
    """
    tool = _ensure_cdk()
    out = folder / "cdk.out"
    subprocess.run(
        ["node", str(_INPUTS / "cdk" / "app.js"), str(out)],
        env=os.environ | {"NODE_PATH": str(tool / "node_modules")},
        capture_output=True,
        check=True,
    )
    service = folder / "service"
    service.mkdir()
    shutil.copy(out / "service.template.json", service / "service.json")
    number = json.loads((_INPUTS / "cdk" / "package.json").read_text(encoding="utf-8"))["dependencies"]["aws-cdk-lib"]
    return Subject(name=f"CDK {number}", service=service, bootstrap=_flip(tool / _CDK_BOOTSTRAP, folder / "bootstrap"))


def _flip(template: Path, folder: Path) -> Path:
    """A YAML template as JSON, in a folder that is made."""
    folder.mkdir(parents=True)
    (folder / "bootstrap.json").write_text(to_json(template.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def _ensure_cdk() -> Path:
    """The folder with ``node_modules``, installed from the lock file, which holds a hash of each package."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise NotMeasuredError("no node")
    folder = REPOSITORY / ".tapgen" / "tools" / "cdk"
    lock = (_INPUTS / "cdk" / "package-lock.json").read_bytes()
    mark, digest = folder / ".fingerprint", hashlib.sha256(lock).hexdigest()
    if not mark.exists() or mark.read_text(encoding="ascii") != digest:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_INPUTS / "cdk" / name, folder / name)
        install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(install, cwd=folder, capture_output=True, check=False).returncode:
            raise NotMeasuredError("npm cannot install aws-cdk-lib")
        mark.write_text(digest, encoding="ascii")
    return folder
