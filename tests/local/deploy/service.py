"""A small service of nested stacks that tests deploy to the session's embedded AWS."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from tapgen import object_keys
from tapgen.deploy.release.deploy import deploy
from tapgen.deploy.request import DeployRequest
from tapgen.engine.context import AWS_MINUTE_S, Context
from tapgen.model import Artifact, Rendered, RenderedTemplate, ShiftPolicy

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.aws.session import Aws
    from tapgen.events import Event, Result

REGION: Literal["eu-central-1"] = "eu-central-1"
TAGS = {"Owner": "payments"}


@dataclass
class Service:
    """A service under deployment: its templates can be changed, every event is kept."""

    aws: Aws
    folder: Path
    name: str
    resources: dict[str, dict[str, Any]]
    """Nested stack → resources."""
    events: list[Event] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=lambda: dict(TAGS))
    minute_s: float = AWS_MINUTE_S

    @property
    def context(self) -> Context:
        """A context that keeps the events."""
        return Context(aws=self.aws, emit=self.events.append, minute_s=self.minute_s)

    @property
    def bucket(self) -> str:
        """The artifact bucket's name."""
        return f"{self.name}-artifacts"

    def render(self) -> Rendered:
        """The release of the resources as they are now."""
        children = tuple(
            _template(stack.lower(), {"Resources": resources}) for stack, resources in self.resources.items()
        )
        root = _template("root", self._root(children))
        release_id = root.digest[:16]
        code = self.folder / "api.zip"
        code.write_bytes(b"not a real zip: no function uses it")
        return Rendered(
            deployment=self.name,
            environment="dev",
            suffix=None,
            account_id="000000000000",
            region=REGION,
            configured_region=REGION,
            production=False,
            stack_protection=False,
            root_stack=self.name,
            artifact_bucket=self.bucket,
            release_id=release_id,
            parameters={"ReleaseId": release_id},
            tags=self.tags,
            shift=ShiftPolicy(
                functions=("api",), minimum_requests=0, inconclusive="warn", probes_per_min=0, authorization="NONE"
            ),
            templates=(*children, root),
            artifacts=(
                Artifact(
                    name="api",
                    path=code,
                    digest=object_keys.digest_of(code.read_bytes()),
                    sha256=hashlib.sha256(code.read_bytes()).hexdigest(),
                    size_bytes=code.stat().st_size,
                    unpacked_bytes=0,
                ),
            ),
        )

    def deploy(self, **changes: Any) -> Result:
        """Deploy what is rendered now; ``changes`` replace parts of the request."""
        request = DeployRequest(rendered=self.render(), confirm=lambda _: True)
        return deploy(self.context, replace(request, **changes))

    def create_bucket(self) -> None:
        """Make the artifact bucket, as bootstrap does."""
        self.aws.client("s3").create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )

    def seen(self, kind: type[Event]) -> list[Any]:
        """The events of one kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    def _root(self, children: tuple[RenderedTemplate, ...]) -> dict[str, Any]:
        url = f"https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{self.bucket}/"
        return {
            "Parameters": {"ReleaseId": {"Type": "String"}},
            "Resources": {
                stack: {
                    "Type": "AWS::CloudFormation::Stack",
                    "Properties": {"TemplateURL": {"Fn::Sub": url + child.key}},
                }
                for stack, child in zip(self.resources, children, strict=True)
            },
            "Outputs": {"ReleaseId": {"Value": {"Ref": "ReleaseId"}}},
        }


def _template(stack: str, template: dict[str, Any]) -> RenderedTemplate:
    body = json.dumps(template, sort_keys=True).encode()
    return RenderedTemplate(
        stack=stack, body=body, digest=object_keys.digest_of(body), resource_count=len(template["Resources"])
    )


def queue(name: str, **properties: Any) -> dict[str, Any]:
    """A queue with a fixed name."""
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, **properties}}


def broken() -> dict[str, Any]:
    """A resource that fails when it is made: a custom resource whose function does not exist."""
    return {
        "Type": "AWS::CloudFormation::CustomResource",
        "Properties": {"ServiceToken": {"Fn::Sub": _NOBODY}},
    }


_NOBODY = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:nobody-made-this"
