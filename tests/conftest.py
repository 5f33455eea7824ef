"""What all tests share."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

# Tests share their processors with others: how long something takes says nothing about whether it is right.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Do not measure the coverage of properties: they run the same lines some hundred times."""
    for item in items:
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj):
            item.add_marker("no_cover")


@pytest.fixture
def unmeasured_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not measure the coverage of the processes that a test starts: what runs in them is not ours."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
