"""Which messages of a batch an answer reports as failed."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.local.extension.event_sources.queue_sources import failed_items


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({}, set()),
        (None, set()),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, {"b"}),
        ('{"batchItemFailures": [{"itemIdentifier": "b"}]}', {"b"}),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, {"a", "b"}),
        ({"batchItemFailures": [{"id": "b"}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, {"a", "b"}),
        ("no json", {"a", "b"}),
    ],
)
def test_an_answer_without_sense_fails_the_batch(body: Any, failed: set[str]) -> None:
    """The cases that Lambda documents, one by one."""
    assert failed_items(["a", "b"], body) == failed
