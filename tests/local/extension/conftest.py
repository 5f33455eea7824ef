"""An embedded AWS whose minutes are short, for tests that wait for shifts and alarms."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tapgen.local.record import MINUTE_VARIABLE
from tapgen.local.server import LocalAws
from tests.local.conftest import ClientFactory, Stacks, client_factory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MINUTE_S = "0.2"


def start(root: Path, minute_s: str) -> LocalAws:
    """A running embedded AWS with minutes of its own; the caller stops it."""
    aws = LocalAws(root, lifetime="parent")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(MINUTE_VARIABLE, minute_s)
        aws.ensure_running()
    return aws


@pytest.fixture(scope="session")
def shift_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientFactory]:
    """Clients of an embedded AWS in which a five-minute canary takes a second."""
    aws = start(tmp_path_factory.mktemp("shift-aws"), MINUTE_S)
    yield client_factory(aws.status())
    aws.stop()


@pytest.fixture(scope="session")
def shift_stacks(shift_client: ClientFactory) -> Stacks:
    """Stacks of that embedded AWS."""
    return Stacks(shift_client)


def until(condition: Callable[[], object], *, timeout_s: float = 30.0) -> None:
    """Wait for something to hold."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
