"""What an earlier tapgen deploys of the shipped service, kept as a zip, so that a test can deploy over it.

The earlier commit's tapgen runs itself, on the embedded AWS of its own time: nothing in the zip is made up. A checkout
in CI has no history, and the zip is a fraction of what the commit would take. The dependency layer is left out: its key
says which one it was, and the test brings the present one.

The zip has ``manifest.json``: the commit, and for each variant of the environment its stacks in the order in which they
are made (name, template or key of it, parameters, tags, role) and the stack policies by logical id; ``templates/`` and
``artifacts/`` by their keys in the artifact bucket; ``<variant>/…`` for what differs, the ledger among it.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import boto3

REPOSITORY = Path(__file__).parents[1]
ENVIRONMENT, PREFIX = "local", "transactions-local-us-east-1"
VARIANTS = {"aws-owned": "", "customer-managed": "    encryption: customer-managed\n"}
"""Name → what it adds to the environment's configuration."""
_SECTION = f"  {ENVIRONMENT}:\n"
_NESTED_STACK = "AWS::CloudFormation::Stack"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SHARED = ("artifacts/", "templates/")
_KEPT = (*_SHARED, "releases/")


def main(commit: str, file: Path) -> None:
    """Deploy each variant with the commit's tapgen, and write what has come of it."""
    with tempfile.TemporaryDirectory(prefix="earlier-release-") as folder:
        project = Path(folder)
        _extract(commit, project)
        contents: dict[str, bytes] = {}
        variants = {name: _deploy(project, name, lines, contents) for name, lines in VARIANTS.items()}
    manifest = {"commit": commit, "variants": variants}
    contents["manifest.json"] = json.dumps(manifest, indent=1, sort_keys=True).encode()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(contents.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    print(f"{file}: {file.stat().st_size:,} B, {len(contents)} files")


def _extract(commit: str, folder: Path) -> None:
    """The commit's tree, without what neither tapgen nor the service needs."""
    command = ["git", "-C", str(REPOSITORY), "archive", commit, "tapgen", "config", "handlers"]
    tree = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=io.BytesIO(tree)) as archive:
        archive.extractall(folder, filter="data")


def _deploy(project: Path, variant: str, lines: str, contents: dict[str, bytes]) -> dict[str, Any]:
    file = project / "config" / "environments.yaml"
    plain = file.read_text(encoding="utf-8")
    before, section, after = plain.partition(_SECTION)
    file.write_text(f"{before}{section}{lines}{after}", encoding="utf-8")
    try:
        _run(project, "deploy", "--env", ENVIRONMENT, "--yes")
        return _collect(variant, json.loads(_run(project, "local", "status", "--json"))["endpoint_url"], contents)
    finally:
        _run(project, "local", "reset", "--yes")
        _run(project, "local", "stop")
        file.write_text(plain, encoding="utf-8")


def _run(project: Path, *arguments: str) -> str:
    """The earlier tapgen, in the environment of the present one."""
    environ = {**os.environ, "PYTHONPATH": str(project), "CI": "true"}
    command = [sys.executable, "-m", "tapgen", *arguments]
    return subprocess.run(command, cwd=project, env=environ, check=True, stdout=subprocess.PIPE, text=True).stdout


def _collect(variant: str, endpoint_url: str, contents: dict[str, bytes]) -> dict[str, Any]:
    def client(service: Any) -> Any:
        return boto3.client(
            service,
            endpoint_url=endpoint_url,
            region_name="us-east-1",
            aws_access_key_id="000000000000",
            aws_secret_access_key="test",  # noqa: S106 - the embedded AWS takes any secret
        )

    s3, cfn = client("s3"), client("cloudformation")
    bucket = f"{PREFIX}-artifacts-000000000000"
    layer = ""
    for item in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        key = item["Key"]
        if key.startswith("artifacts/layer/"):
            layer = key
        elif key.startswith(_KEPT):
            place = key if key.startswith(_SHARED) else f"{variant}/{key}"
            contents[place] = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    bootstrap, root = (_stack(cfn, f"{PREFIX}-{name}") for name in ("bootstrap", "service"))
    body = cfn.get_template(StackName=bootstrap["name"])["TemplateBody"]
    contents[f"{variant}/bootstrap.json"] = (body if isinstance(body, str) else json.dumps(body)).encode()
    (intent,) = (
        json.loads(contents[name])
        for name in contents
        if name.startswith(f"{variant}/releases/") and name.endswith("/intent.json")
    )
    key = intent["template_url"].partition(f"{bucket}/")[2]
    return {
        "bucket": bucket,
        "layer": layer,
        "bootstrap": {**bootstrap, "template": f"{variant}/bootstrap.json"},
        "root": {**root, "template": key},
        "policies": _policies(cfn, root["name"]),
    }


def _stack(cfn: Any, name: str) -> dict[str, Any]:
    (stack,) = cfn.describe_stacks(StackName=name)["Stacks"]
    return {
        "name": name,
        "stack_id": stack["StackId"],
        "parameters": {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]},
        "tags": {item["Key"]: item["Value"] for item in stack["Tags"]},
        "role_arn": stack.get("RoleARN", ""),
        "protected": stack["EnableTerminationProtection"],
    }


def _policies(cfn: Any, root: str) -> dict[str, str]:
    """The stack policy of the root (an empty logical id) and of every nested stack."""
    nested = {
        item["LogicalResourceId"]: item["PhysicalResourceId"]
        for item in cfn.list_stack_resources(StackName=root)["StackResourceSummaries"]
        if item["ResourceType"] == _NESTED_STACK
    }
    names = {"": root, **nested}
    return {label: cfn.get_stack_policy(StackName=name)["StackPolicyBody"] for label, name in names.items()}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
