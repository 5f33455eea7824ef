"""One embedded AWS for all tests of a session, and clients for it."""

from __future__ import annotations

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
    aws = LocalAws(tmp_path_factory.mktemp("local-aws"), lifetime="parent")
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
