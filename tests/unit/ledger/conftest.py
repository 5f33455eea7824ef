"""Release records as a deployment's history has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import pytest

from tapgen.ledger.record import Intent, Outcome, Record, Reference, StoredFile

if TYPE_CHECKING:
    from tapgen.ledger.record import Status

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class MakeRecord(Protocol):
    """``make_record(3, "ab…", "succeeded")``; ``restores`` is the sequence that a rollback brought back."""

    def __call__(
        self, sequence: int, release_id: str, status: Status | None = "succeeded", *, restores: int | None = None
    ) -> Record: ...


def make(sequence: int, release_id: str, status: Status | None = "succeeded", *, restores: int | None = None) -> Record:
    intent = Intent(
        sequence=sequence,
        token="0" * 32,
        release_id=release_id,
        operation="rollback" if restores else "deploy",
        settings={"parameters": {"ReleaseId": release_id}},
        templates=(StoredFile(name="root", key=f"templates/root/{release_id}.json", digest=release_id),),
        artifacts=(StoredFile(name="api", key=f"artifacts/api/{release_id}.zip", digest=release_id),),
        template_url="https://example.com/root.json",
        change_set_name=f"release-{release_id}-00000000",
        who="arn:aws:iam::111122223333:user/ada",
        host="laptop",
        started_at=AT,
        tool="tapgen/0",
        restores=Reference(sequence=restores, release_id=release_id) if restores else None,
    )
    outcome = Outcome(status=status, finished_at=AT) if status else None
    return Record(intent=intent, outcome=outcome)


@pytest.fixture
def make_record() -> MakeRecord:
    """A factory of records."""
    return make
