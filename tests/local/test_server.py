"""The embedded AWS as a process: it starts, answers, stops, and never mistakes another process for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.local.server import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[LocalAws]:
    aws = LocalAws(tmp_path / ".tapgen" / "local", lifetime="parent")
    yield aws
    aws.stop()


def test_it_starts_on_demand_once(aws: LocalAws) -> None:
    """The first call starts the child, the second finds it."""
    first = aws.ensure_running()
    assert first.running
    assert aws.ensure_running() == first
    assert aws.status() == first


def test_it_takes_its_old_port_after_a_restart(aws: LocalAws) -> None:
    """URLs that somebody noted down stay good."""
    port = aws.start().port
    assert not aws.stop().running
    assert aws.start().port == port
