"""Amounts keep every digit, whatever the currency."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.api.currencies import SCALES, WITHDRAWN
from handlers.api.identifiers import is_id, make_id
from handlers.api.money import AmountError, normalise_amount


@given(currency=st.sampled_from(sorted(SCALES)), units=st.integers(min_value=1, max_value=10**15 - 1))
def test_normalised_amount_is_the_same_number(currency: str, units: int) -> None:
    """Writing minor units with the currency's scale and reading them back changes nothing."""
    scale = SCALES[currency]
    text = format(Decimal(units).scaleb(-scale), "f")

    normalised = normalise_amount(text, currency)

    assert Decimal(normalised) == Decimal(text)
    assert len(normalised.partition(".")[2]) == scale


@given(st.text())
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    """No text makes anything but a positive amount or an AmountError."""
    with contextlib.suppress(AmountError):
        assert Decimal(normalise_amount(text, "EUR")) > 0


@pytest.mark.parametrize(("currency", "scale"), [("JPY", 0), ("EUR", 2), ("BHD", 3), ("CLF", 4)])
def test_scale_is_the_currencys(currency: str, scale: int) -> None:
    """ISO 4217's minor units decide how many decimals an amount has."""
    assert SCALES[currency] == scale


def test_currencies_are_those_of_today() -> None:
    """The Caribbean guilder came, the lev and the Antillean guilder went; a code is active or withdrawn."""
    assert SCALES["XCG"] == 2
    assert not {"ANG", "BGN"} & SCALES.keys()
    assert WITHDRAWN.items() >= {"ANG": 2, "BGN": 2}.items()
    assert not SCALES.keys() & WITHDRAWN.keys()


def test_ids_sort_by_time() -> None:
    """A later id is a greater text, so that the sort key is the order of creation."""
    first, second = make_id(1_795_521_600_000), make_id(1_795_521_600_001)

    assert first < second
    assert is_id(first)
    assert first[14] == "7"
    assert first[19] in "89ab"
