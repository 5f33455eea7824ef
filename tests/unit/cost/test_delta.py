"""What a release changes of the fixed costs."""

from __future__ import annotations

import pytest

from tapgen.cost.delta import compare_fixed
from tapgen.cost.prices import load_prices
from tests.unit.cost.conftest import alarm, snapshot, template_of

PRICES = load_prices("us-east-1")


def test_two_alarms_more() -> None:
    """Two alarms more are two alarms and twenty cents; what stays is not told."""
    before = [template_of({"One": alarm()})]
    after = [template_of({"One": alarm(), "Two": alarm(), "Three": alarm()})]
    delta = compare_fixed(before, after, PRICES)

    assert delta.usd == pytest.approx(0.20)
    assert [(item.item, item.count) for item in delta.items] == [("alarm", 2)]
    assert delta
    assert compare_fixed(after, before, PRICES).usd == pytest.approx(-0.20)


def test_same_release_has_no_delta() -> None:
    """Nothing fixed differs: there is nothing to tell."""
    assert not compare_fixed(snapshot("prod"), snapshot("prod"), PRICES)


def test_traffic_is_no_part_of_it() -> None:
    """A function that gets more memory costs more by its traffic alone: no fixed part."""
    before, after = (
        [template_of({"F": {"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": size}}})]
        for size in (128, 512)
    )

    assert not compare_fixed(before, after, PRICES)
