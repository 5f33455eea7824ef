"""How costs read."""

from __future__ import annotations

import io
import re

from tapgen.cost.estimate import estimate
from tapgen.cost.prices import load_prices
from tapgen.cost.resources import Usage
from tapgen.events import CostItem, CostsPlanned
from tapgen.ui.costs import cost_page
from tapgen.ui.plain import PlainListener
from tapgen.ui.results import OutputWriter
from tests.unit.cost.conftest import snapshot


def test_page_has_the_dearest_first_and_says_what_it_stands_on() -> None:
    """The table falls, equal alarms share a line, another region's prices and what is not known are named."""
    found = estimate(snapshot("prod"), load_prices("eu-west-1"), Usage())
    page = "\n".join(cost_page(found, deployment="shop-prod"))
    rows = page.split("\n\n")[0].splitlines()[2:]
    amounts = [float(row.split("$")[-1].split()[0]) for row in rows]

    assert amounts[:-1] == sorted(amounts[:-1], reverse=True)
    assert abs(sum(amounts[:-1]) - amounts[-1]) < 0.01 * len(rows)
    assert re.search(r"^\d+ x CloudWatch::Alarm +alarm", page, re.MULTILINE)
    assert "taken from another region: composite-alarms" in page
    assert "data transfer out of AWS" in page


def test_delta_is_one_line() -> None:
    """What a change set changes of the fixed costs is one line, counted and summed."""
    progress = io.StringIO()
    items = (CostItem(item="alarm", count=2, usd=0.2), CostItem(item="dashboard", count=-1, usd=-3.0))
    event = CostsPlanned(usd=-2.8, items=items, region="eu-west-1", prices_as_of="2026-10-09")
    PlainListener(progress, results=OutputWriter(io.StringIO()), width=80, color=False)(event)

    assert progress.getvalue().strip() == "fixed costs: -$2.80 a month (+2 alarms +$0.20, -1 dashboard -$3.00)"
