"""What an earlier tapgen deployed, put onto an embedded AWS again; ``scripts/earlier-release`` made the zip of it."""

from __future__ import annotations

import json
import time
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.cli.conftest import Project

_TIMEOUT_S = 120


@dataclass(frozen=True, kw_only=True)
class EarlierRelease:
    """One variant of an environment as the earlier tapgen left it."""

    root: str
    """Name of the root stack."""
    bucket: str
    """Of its artifacts."""

    @property
    def bootstrap(self) -> str:
        """Name of the bootstrap stack."""
        return f"{self.root.removesuffix('service')}bootstrap"


def restore_release(project: Project, file: Path, variant: str, *, layer: Path) -> EarlierRelease:
    """Make the bootstrap stack, the bucket's objects, the service's stacks with their policies, and the ledger.

    Args:
        project: Its embedded AWS runs, and holds nothing of the environment.
        file: The zip.
        variant: Of the environment.
        layer: A zip for the dependency layer, which the file leaves out.
    """
    with zipfile.ZipFile(file) as archive:
        kept: dict[str, Any] = json.loads(archive.read("manifest.json"))["variants"][variant]
        bodies = {name: archive.read(name) for name in archive.namelist()}
    cfn, s3, bucket = project.client("cloudformation"), project.client("s3"), kept["bucket"]
    _create(cfn, kept["bootstrap"], TemplateBody=bodies[kept["bootstrap"]["template"]].decode())
    s3.put_object(Bucket=bucket, Key=kept["layer"], Body=layer.read_bytes())
    for name, body in bodies.items():
        if name.startswith(("artifacts/", "templates/")):
            s3.put_object(Bucket=bucket, Key=name, Body=body)
    url = f"https://s3.us-east-1.amazonaws.com/{bucket}/{kept['root']['template']}"
    stack_id = _create(cfn, kept["root"], TemplateURL=url)
    nested = {
        item["LogicalResourceId"]: item["PhysicalResourceId"]
        for item in cfn.list_stack_resources(StackName=stack_id)["StackResourceSummaries"]
    }
    for label, policy in kept["policies"].items():
        cfn.set_stack_policy(StackName=nested[label] if label else stack_id, StackPolicyBody=policy)
    for name, body in bodies.items():
        if name.startswith(f"{variant}/releases/"):
            # Every stack that is made has an id of its own, and the record names the one that it is about.
            record = body.decode().replace(kept["root"]["stack_id"], stack_id)
            s3.put_object(Bucket=bucket, Key=name.removeprefix(f"{variant}/"), Body=record.encode())
    return EarlierRelease(root=kept["root"]["name"], bucket=bucket)


def _create(cfn: Any, stack: dict[str, Any], **template: str) -> str:
    """The id of the stack, when it is there.

    Made as the root user: the role of the earlier bootstrap lacks what CloudFormation's handlers call by now. A deploy
    names its role itself.
    """
    made: str = cfn.create_stack(
        StackName=stack["name"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in stack["parameters"].items()],
        Tags=[{"Key": key, "Value": value} for key, value in stack["tags"].items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
        EnableTerminationProtection=stack["protected"],
        **template,
    )["StackId"]
    deadline = time.monotonic() + _TIMEOUT_S
    while (status := cfn.describe_stacks(StackName=made)["Stacks"][0]["StackStatus"]).endswith("_IN_PROGRESS"):
        assert time.monotonic() < deadline, f"{stack['name']} is still {status}"
        time.sleep(0.1)
    assert status == "CREATE_COMPLETE", _reasons(cfn, made)
    return made


def _reasons(cfn: Any, stack_id: str) -> list[str]:
    """What failed in a stack and in those nested in it, and why."""
    found = []
    for event in cfn.describe_stack_events(StackName=stack_id)["StackEvents"]:
        if event["ResourceStatus"].endswith("_FAILED"):
            found.append(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}")
            if event["ResourceType"] == "AWS::CloudFormation::Stack" and event["PhysicalResourceId"] != stack_id:
                found += _reasons(cfn, event["PhysicalResourceId"])
    return found
