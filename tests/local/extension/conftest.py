"""An embedded AWS whose minutes are short, for tests that wait for shifts and alarms."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tapgen.local.record import MINUTE_VARIABLE
from tapgen.local.server import LocalAws
from tests.local.conftest import ClientFactory, Stacks, client_factory
from tests.local.extension.deliveries import Reader
from tests.local.extension.shift_observed import Observed
from tests.local.extension.shift_service import Guarded, trust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MINUTE_S = "0.2"


def start(root: Path, minute_s: str, *, save: Literal["changes", "stop"] = "stop") -> LocalAws:
    """A running embedded AWS with minutes of its own; the caller stops it."""
    aws = LocalAws(root, lifetime="parent", save=save)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(MINUTE_VARIABLE, minute_s)
        aws.ensure_running()
    return aws


def until(condition: Callable[[], object], *, timeout_s: float = 60.0) -> None:
    """Wait for something to hold."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


@pytest.fixture(scope="session")
def shift_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """An embedded AWS in which a five-minute canary takes a second."""
    aws = start(tmp_path_factory.mktemp("shift-aws"), MINUTE_S)
    yield aws
    aws.stop()


@pytest.fixture(scope="session")
def shift_client(shift_aws: LocalAws) -> ClientFactory:
    """Clients of that embedded AWS."""
    return client_factory(shift_aws.status())


@pytest.fixture(scope="session")
def shift_stacks(shift_client: ClientFactory) -> Stacks:
    """Stacks of that embedded AWS."""
    return Stacks(shift_client)


@pytest.fixture
def guarded(shift_stacks: Stacks, name: str) -> Guarded:
    """A guarded function at release 1, deployed."""
    service = Guarded(name)
    assert shift_stacks.create(name, service.template()) == "CREATE_COMPLETE"
    return service


@pytest.fixture
def observed(shift_client: ClientFactory, name: str) -> Observed:
    return Observed(shift_client, name)


@pytest.fixture
def codedeploy(shift_client: ClientFactory) -> Any:
    return shift_client("codedeploy")


@pytest.fixture
def role_arn(shift_client: ClientFactory, name: str) -> str:
    """A role that CodeDeploy may assume and that lets it shift traffic."""
    iam = shift_client("iam")
    document = json.dumps(trust("codedeploy.amazonaws.com"))
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    policy = "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda"
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    return str(arn)


@pytest.fixture
def application(codedeploy: Any, name: str) -> str:
    codedeploy.create_application(applicationName=name, computePlatform="Lambda")
    return name


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """A function with a diary, not deployed yet."""
    return Reader(tmp_path / "diary")
