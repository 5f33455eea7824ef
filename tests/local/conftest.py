"""One embedded AWS for all tests of a session, and clients for it."""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import pytest
from botocore.config import Config

from tapgen.local.server import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.server import LocalStatus

REGION = "eu-central-1"


class ClientFactory(Protocol):
    """Makes boto3 clients; ``credentials`` is an access key id and its secret, the root user's when left out."""

    def __call__(self, service: str, *, credentials: tuple[str, str] | None = None) -> Any: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/local" in item.path.as_posix():
            item.add_marker(pytest.mark.local)


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStatus]:
    """A running embedded AWS that ends with the test session, whatever happens to it."""
    aws = LocalAws(tmp_path_factory.mktemp("local-aws"), lifetime="parent", save="stop")
    yield aws.ensure_running()
    aws.stop()


@pytest.fixture(scope="session")
def client(local_aws: LocalStatus) -> ClientFactory:
    """``client("s3")`` is a boto3 client of the session's embedded AWS."""
    return client_factory(local_aws)


def client_factory(status: LocalStatus) -> ClientFactory:
    """A factory of clients for any embedded AWS, for tests that start one of their own."""

    def make(service: str, *, credentials: tuple[str, str] | None = None) -> Any:
        key, secret = credentials or LocalAws.credentials()
        return boto3.client(  # type: ignore[call-overload]  # the service's name is not a literal
            service,
            endpoint_url=status.endpoint_url,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    return make


class Stacks:
    """CloudFormation for tests: plain templates in, a settled stack out.

    Attributes:
        cfn: The CloudFormation client.
    """

    def __init__(self, client: ClientFactory) -> None:
        self.cfn = client("cloudformation")
        self._s3 = client("s3")
        self._bucket = f"templates-{uuid.uuid4().hex[:12]}"
        self._s3.create_bucket(Bucket=self._bucket, CreateBucketConfiguration={"LocationConstraint": REGION})

    def upload(self, template: dict[str, Any]) -> str:
        """Put a template into S3 and return the URL that a nested stack names it by."""
        body = json.dumps(template, sort_keys=True)
        key = f"{uuid.uuid5(uuid.NAMESPACE_URL, body)}.json"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body)
        return f"https://s3.{REGION}.amazonaws.com/{self._bucket}/{key}"

    def create(self, name: str, template: dict[str, Any], **options: Any) -> str:
        """Create a stack; the status it ends in."""
        self.cfn.create_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"], **options
        )
        return self.settled(name)

    def update(self, name: str, template: dict[str, Any], **options: Any) -> str:
        """Update a stack; the status it ends in."""
        self.cfn.update_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"], **options
        )
        return self.settled(name)

    def delete(self, name: str) -> str:
        """Delete a stack; the status it ends in."""
        stack_id = self.describe(name)["StackId"]
        self.cfn.delete_stack(StackName=name)
        return self.settled(stack_id)

    def settled(self, name: str, *, timeout_s: float = 60.0) -> str:
        """Wait until no operation runs on the stack; its status."""
        deadline = time.monotonic() + timeout_s
        while (status := str(self.describe(name)["StackStatus"])).endswith("_IN_PROGRESS"):
            assert time.monotonic() < deadline, f"{name} is still {status}"
            time.sleep(0.02)
        return status

    def describe(self, name: str) -> dict[str, Any]:
        """The stack, by name or id."""
        stack: dict[str, Any] = self.cfn.describe_stacks(StackName=name)["Stacks"][0]
        return stack

    def outputs(self, name: str) -> dict[str, str]:
        """The stack's outputs."""
        return {output["OutputKey"]: output["OutputValue"] for output in self.describe(name)["Outputs"]}

    def resources(self, name: str) -> dict[str, str]:
        """Physical ids by logical id."""
        found = self.cfn.describe_stack_resources(StackName=name)["StackResources"]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}

    def events(self, name: str) -> list[tuple[str, str, str]]:
        """Logical id, status and reason of each event, oldest first."""
        found = self.cfn.describe_stack_events(StackName=name)["StackEvents"]
        return [
            (event["LogicalResourceId"], event["ResourceStatus"], event.get("ResourceStatusReason", ""))
            for event in reversed(found)
        ]


@pytest.fixture(scope="session")
def stacks(client: ClientFactory) -> Stacks:
    """Stacks of the session's embedded AWS."""
    return Stacks(client)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name that no other test uses, fit for a stack."""
    words = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return f"{words.removeprefix('test-')[:40].strip('-')}-{uuid.uuid4().hex[:6]}"
