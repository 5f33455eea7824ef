"""The API's list of currencies follows the maintenance agency's, and says when nobody has looked for long."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scripts.currency_list import (
    MAX_AGE_DAYS,
    MODULE,
    CurrencyList,
    find_fault,
    read_list,
    read_locked_table,
    read_table,
    write_module,
)

_CHECKED = date(2026, 11, 29)


def _table(without: str = "", published: str = "2026-01-01") -> str:
    """A list one with a hundred made-up codes beside some real ones."""
    codes = [f"{first}{second}{third}" for first in "ABCDE" for second in "ABCDE" for third in "ABCDE"]
    rows = [(code, "2") for code in codes] + [("JPY", "0"), ("EUR", "2"), ("EUR", "2"), ("XAU", "N.A.")]
    entries = "".join(
        f"<CcyNtry><Ccy>{code}</Ccy><CcyMnrUnts>{units}</CcyMnrUnts></CcyNtry>"
        for code, units in rows
        if code != without
    )
    nowhere = "<CcyNtry><CtryNm>ANTARCTICA</CtryNm><CcyNm>No universal currency</CcyNm></CcyNtry>"
    return f'<ISO_4217 Pblshd="{published}"><CcyTbl>{nowhere}{entries}</CcyTbl></ISO_4217>'


def _list(table: str) -> CurrencyList:
    empty = CurrencyList(published="", checked="", scales={}, withdrawn={})
    return empty.succeed(table, checked=_CHECKED.isoformat())


def test_the_committed_list_is_the_locked_standard() -> None:
    """Whoever edits the module by hand, or locks a newer standard and forgets it, is told."""
    listed = read_list()

    assert find_fault(MODULE.read_text(encoding="utf-8"), listed, table=read_locked_table(), today=_CHECKED) == ""
    assert listed.published == read_table(read_locked_table())[0]


def test_codes_with_a_minor_unit_are_currencies() -> None:
    """Each once, however many countries have it; gold and Antarctica have none."""
    published, scales = read_table(_table())

    assert published == "2026-01-01"
    assert (scales["JPY"], scales["EUR"], "XAU" in scales) == (0, 2, False)
    assert list(scales) == sorted(scales)


def test_a_code_that_is_gone_is_withdrawn_and_may_come_back() -> None:
    """Its decimals are known as long as it may be stored somewhere."""
    gone = _list(_table()).succeed(_table(without="JPY"), checked="2027-01-01")
    assert (gone.withdrawn, "JPY" in gone.scales) == ({"JPY": 0}, False)

    again = gone.succeed(_table(without="EUR"), checked="2027-02-01")
    assert again.withdrawn == {"EUR": 2}
    assert again.scales["JPY"] == 0


def test_the_module_is_what_it_was_made_of() -> None:
    """Python reads from it what was written into it."""
    listed = _list(_table()).succeed(_table(without="JPY"), checked="2027-01-01")
    found: dict[str, object] = {}
    exec(write_module(listed), found)  # noqa: S102 - the text is the test's own

    assert (found["SCALES"], found["WITHDRAWN"]) == (listed.scales, listed.withdrawn)
    assert (found["PUBLISHED"], found["CHECKED"]) == ("2026-01-01", "2027-01-01")


@pytest.mark.parametrize(
    ("days", "table", "words"),
    [
        (MAX_AGE_DAYS, _table(), ""),
        (MAX_AGE_DAYS + 1, _table(), f"{MAX_AGE_DAYS + 1} days ago, on 2026-11-29"),
        (0, _table(without="EUR"), "not what the locked ISO 4217 says"),
        (0, _table(published="2026-12-01"), "not what the locked ISO 4217 says"),
    ],
    ids=["just fresh", "old", "another list", "another date"],
)
def test_an_old_or_another_list_is_a_fault(days: int, table: str, words: str) -> None:
    """CI stops until somebody has refreshed it."""
    listed = _list(_table())

    fault = find_fault(write_module(listed), listed, table=table, today=_CHECKED + timedelta(days=days))

    assert words in fault
    assert bool(fault) == bool(words)


@pytest.mark.parametrize("table", ['<ISO_4217 Pblshd="2026-01-01"/>', _table(published="")], ids=["empty", "undated"])
def test_a_document_that_is_no_list_is_refused(table: str) -> None:
    """An empty list would withdraw every currency."""
    with pytest.raises(ValueError, match=r"list one|isoformat"):
        read_table(table)
