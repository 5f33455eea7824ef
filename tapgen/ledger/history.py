"""Answers about the records of a deployment: what is live, what was before it, which one a person means. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.ledger.record import Record

_BACK = re.compile(r"-(\d+)")
_SEQUENCE = re.compile(r"#?(\d{1,8})")
# Shorter beginnings of an id are too easily mistyped.
_SHORTEST_ID = 4


def find_live(records: Sequence[Record], release_id: str) -> Record | None:
    """The record of the release that the stack names; the newest one that went live, when it was deployed twice."""
    same = [record for record in records if record.release_id == release_id and not record.is_adoption]
    known = [record for record in same if record.succeeded]
    # A deploy that nobody watched to its end has no outcome, and what is live nevertheless is its doing.
    candidates = known or [record for record in same if record.outcome is None] or same
    return candidates[-1] if candidates else None


def find_origin(records: Sequence[Record], record: Record) -> Record:
    """The deploy that first brought a release live: a rollback's is the one that it restored."""
    by_sequence = {each.sequence: each for each in records}
    seen = {record.sequence}
    while record.intent.restores and record.intent.restores.sequence in by_sequence:
        record = by_sequence[record.intent.restores.sequence]
        if record.sequence in seen:
            break
        seen.add(record.sequence)
    return record


def restorable(records: Sequence[Record], live: Record | None) -> list[Record]:
    """What a rollback can go back to: releases that were live before the live one, newest first, each once.

    After a rollback from 3 to 2 the next one goes to 1, not forward to 3.
    """
    origin = find_origin(records, live) if live else None
    seen = {live.release_id} if live else set()
    found = []
    for record in reversed(records):
        later = origin is not None and record.sequence >= origin.sequence
        # One of several updates is no place to go back to: the releases around it are.
        if later or record.intent.step or not record.succeeded or record.release_id in seen:
            continue
        seen.add(record.release_id)
        found.append(record)
    return found


def choose_target(records: Sequence[Record], live: Record | None, wanted: str | None) -> Record:
    """The release that a rollback is to restore.

    Args:
        records: All of them, oldest first.
        live: What is live.
        wanted: An id or its beginning, a sequence (``7``, ``#7``), ``-N`` for the Nth release before the live one, or
            None for the one before it.

    Raises:
        UsageError: There is no such release, or it was never live.
    """
    back = _BACK.fullmatch(wanted) if wanted else None
    if wanted and not back:
        return _named(records, live, wanted)
    earlier = restorable(records, live)
    steps = int(back[1]) if back else 1
    if not 1 <= steps <= len(earlier):
        raise UsageError(
            f"there is no release {steps} before the live one" if steps else "-0 is the live release itself",
            why=f"{len(earlier)} earlier release{'s' if len(earlier) != 1 else ''} went live",
            hint="`tapgen releases` lists them; --to takes an id, a number or -N",
            code="no-such-release",
        )
    return earlier[steps - 1]


def find_record(records: Sequence[Record], wanted: str) -> Record:
    """The record that a person names by its sequence, or the newest release by its id or the id's beginning.

    An adoption has the id of the release that it prepares, and is named by its sequence alone.

    Raises:
        UsageError: There is none, or the beginning fits several releases.
    """
    sequence = _SEQUENCE.fullmatch(wanted)
    for record in records:
        if sequence and record.sequence == int(sequence[1]):
            return record
    found = [
        record
        for record in records
        if len(wanted) >= _SHORTEST_ID and record.release_id.startswith(wanted) and not record.is_adoption
    ]
    ids = sorted({record.release_id for record in found})
    if len(ids) == 1:
        return found[-1]
    raise UsageError(
        f"{wanted!r} fits {len(ids)} releases" if ids else f"there is no release {wanted!r}",
        why=", ".join(ids),
        hint="`tapgen releases` lists them; name one by its number or its id",
        code="no-such-release",
    )


def _named(records: Sequence[Record], live: Record | None, wanted: str) -> Record:
    found = find_record(records, wanted)
    same = [record for record in records if record.release_id == found.release_id and record.succeeded]
    if live and found.release_id == live.release_id:
        raise UsageError(
            f"release {found.release_id} is live", hint="name another one with --to", code="release-is-live"
        )
    if not same:
        status = found.outcome.status if found.outcome else "unfinished"
        raise UsageError(
            f"release {found.sequence} ({found.release_id}) was never live: {status}",
            hint="`tapgen releases` marks those that were",
            code="never-live",
        )
    return found if found in same else same[-1]
