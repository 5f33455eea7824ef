"""The price table."""

from __future__ import annotations

import pytest

from tapgen.cost.prices import load_prices


def test_tiers_are_paid_one_after_the_other() -> None:
    """The first 300 million requests cost the first price, those beyond it the second."""
    price = load_prices("us-east-1").by_name["http-api-requests"]

    assert price.cost_usd(300e6) == pytest.approx(300)
    assert price.cost_usd(310e6) == pytest.approx(300 + 10 * 0.9)
    assert price.cost_usd(0) == 0


def test_price_of_another_region_is_marked() -> None:
    """A region without prices of its own gets the default region's, and every one of them says so."""
    prices = load_prices("ap-south-1")

    assert set(prices.borrowed) == set(prices.by_name)
    assert {price.region for price in prices.by_name.values()} == {"us-east-1"}
    assert load_prices("us-east-1").borrowed == ()


def test_irish_prices_are_its_own() -> None:
    """What is known of a region is not taken from another: Ireland's logs and requests cost more."""
    prices = load_prices("eu-west-1").by_name

    assert prices["logs-ingestion"].first_usd == 0.57
    assert prices["dynamodb-writes"].region == "eu-west-1"


def test_every_price_names_its_page_and_falls_with_quantity() -> None:
    """Each figure can be checked at AWS, and no later tier costs more."""
    for price in load_prices("eu-west-1").by_name.values():
        assert price.source.startswith("https://aws.amazon.com/")
        usd = [each for _, each in price.tiers]
        assert usd == sorted(usd, reverse=True)
        assert price.tiers[-1][0] is None
