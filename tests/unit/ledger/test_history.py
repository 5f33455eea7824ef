"""Which release is live, which was before it, and which one a person means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import UsageError
from tapgen.ledger.history import choose_target, find_live, find_record, restorable

if TYPE_CHECKING:
    from tapgen.ledger.record import Record
    from tests.unit.ledger.conftest import MakeRecord

A, B, C, D = ("aaaa0000", "bbbb0000", "cccc0000", "aabb0000")


@pytest.fixture(name="history")
def _history(make_record: MakeRecord) -> list[Record]:
    """A, B, a C that was rolled back by its guards, D."""
    return [make_record(1, A), make_record(2, B), make_record(3, C, "rolled-back"), make_record(4, D)]


def _sequences(records: list[Record]) -> list[int]:
    return [record.sequence for record in records]


def test_live_is_the_newest_record_of_what_the_stack_names(history: list[Record], make_record: MakeRecord) -> None:
    """Deployed twice, a release is live by its later record; one that nobody watched to its end counts, too."""
    history.append(make_record(5, A))

    assert find_live(history, A) == history[4]
    assert find_live([*history, make_record(6, C, None)], C) == make_record(6, C, None)
    assert find_live(history, "ffff") is None


def test_an_adoption_is_no_release(history: list[Record], make_record: MakeRecord) -> None:
    """It has the id of the release that it prepares: it is not live, nothing goes back to it, its number names it."""
    made = make_record(5, D, None)
    history.append(replace(made, intent=replace(made.intent, operation="adopt")))

    assert find_live(history, D) == history[3]
    assert find_live(history[4:], D) is None
    assert find_record(history, D) == history[3]
    assert find_record(history, "5") == history[4]
    assert _sequences(restorable(history, history[3])) == [2, 1]


def test_default_target_is_the_release_before_the_live_one(history: list[Record]) -> None:
    """Failed releases are passed over."""
    assert choose_target(history, history[3], None).sequence == 2
    assert choose_target(history, history[3], "-2").sequence == 1


def test_rolling_back_twice_goes_further_back(history: list[Record], make_record: MakeRecord) -> None:
    """After a rollback from 4 to 2 the next one goes to 1, not forward to 4."""
    history.append(make_record(5, B, restores=2))

    assert _sequences(restorable(history, history[4])) == [1]
    assert choose_target(history, history[4], None).sequence == 1
    assert choose_target(history, history[4], "4").sequence == 4


def test_target_by_id_beginning_and_number(history: list[Record]) -> None:
    """An id, its beginning and a number name a release."""
    live = history[3]

    assert choose_target(history, live, B).sequence == 2
    assert choose_target(history, live, "bbbb").sequence == 2
    assert choose_target(history, live, "#1").sequence == 1


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("-3", "no-such-release"),
        ("-0", "no-such-release"),
        ("9", "no-such-release"),
        ("aa", "no-such-release"),
        (C, "never-live"),
        (D, "release-is-live"),
        ("4", "release-is-live"),
    ],
)
def test_what_cannot_be_restored_is_refused(history: list[Record], wanted: str, code: str) -> None:
    """Too far back, unknown, too short, never live or live already: each is said by its code."""
    with pytest.raises(UsageError) as caught:
        choose_target(history, history[3], wanted)

    assert caught.value.code == code
    assert caught.value.hint


def test_nothing_before_the_first_release(make_record: MakeRecord) -> None:
    """A single release has none to go back to."""
    only = make_record(1, A)

    with pytest.raises(UsageError, match="no release 1 before the live one"):
        choose_target([only], only, None)


def test_failed_attempt_of_a_release_that_was_live_finds_the_live_one(
    history: list[Record], make_record: MakeRecord
) -> None:
    """An id whose newest record failed restores the record that went live."""
    history.append(make_record(5, B, "rolled-back"))

    assert choose_target(history, history[3], B).sequence == 2


def test_beginning_of_two_ids_is_ambiguous(history: list[Record], make_record: MakeRecord) -> None:
    """Two releases that begin alike are both named."""
    history.append(make_record(5, "bbbb1111"))

    with pytest.raises(UsageError, match="fits 2 releases") as caught:
        find_record(history, "bbbb")

    assert "bbbb0000, bbbb1111" in caught.value.why
