"""What follows from the memory sizes that were seen, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tapgen.aws.log_queries import LogQuery, run_query
from tapgen.build import Builder
from tapgen.errors import AwsError
from tapgen.telemetry.reports import QUERY, SizeSeen, read_sizes
from tapgen.telemetry.tuning import MINIMUM_INVOCATIONS, advise
from tapgen.ui.tuning import TuningLine, tuning_page
from tests.unit.telemetry.test_tail import stubbed

PRICE = 0.0000133334
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def seen(memory_mb: int, *, ms: float, used_mb: int = 90, invocations: int = 1000) -> SizeSeen:
    """A size whose invocations all take the same time."""
    return SizeSeen(
        memory_mb=memory_mb,
        invocations=invocations,
        cold_starts=3,
        p50_ms=ms,
        p90_ms=ms,
        p99_ms=ms,
        billed_ms=ms,
        used_mb=used_mb,
    )


def test_the_cost_is_that_of_the_compute() -> None:
    """A million invocations of 100 ms at 1 GB are 100,000 gigabyte-seconds."""
    assert seen(1024, ms=100).cost_usd(PRICE) == pytest.approx(1.33334)


def test_too_few_invocations_say_nothing() -> None:
    """Nothing is recommended, and the number that was seen stands in the reason."""
    advice = advise([seen(512, ms=10, invocations=MINIMUM_INVOCATIONS - 1)], configured_mb=512, usd_per_gb_s=PRICE)

    assert (advice.action, advice.memory_mb) == ("unknown", 512)
    assert "99 successful invocations" in advice.why
    assert advise([], configured_mb=512, usd_per_gb_s=PRICE).action == "unknown"


def test_one_size_may_be_tried_smaller_and_proves_nothing() -> None:
    """Half of it is suggested where the memory in use allows that; that it is cheaper is not claimed."""
    advice = advise([seen(512, ms=10)], configured_mb=512, usd_per_gb_s=PRICE)
    assert (advice.action, advice.memory_mb, advice.floor_mb) == ("try", 256, 128)
    assert "only trying tells" in advice.why

    full = advise([seen(512, ms=10, used_mb=300)], configured_mb=512, usd_per_gb_s=PRICE)
    assert (full.action, full.memory_mb, full.floor_mb) == ("keep", 512, 448)

    smallest = advise([seen(128, ms=10, used_mb=60)], configured_mb=128, usd_per_gb_s=PRICE)
    assert smallest.action == "keep"


def test_the_cheapest_wins_unless_a_faster_one_is_hardly_dearer() -> None:
    """Ten per cent more is worth a shorter p90; more is not."""
    steep = [seen(256, ms=40), seen(512, ms=19), seen(1024, ms=18)]
    assert advise(steep, configured_mb=1024, usd_per_gb_s=PRICE).memory_mb == 512

    near = [seen(256, ms=40), seen(512, ms=21)]
    advice = advise(near, configured_mb=256, usd_per_gb_s=PRICE)
    assert (advice.action, advice.memory_mb) == ("change", 512)
    assert "5% above the cheapest" in advice.why

    flat = [seen(256, ms=40), seen(512, ms=39)]
    assert advise(flat, configured_mb=256, usd_per_gb_s=PRICE).action == "keep"


def test_never_below_what_was_used_and_a_margin() -> None:
    """A size that is cheap because it is nearly full is out; one that is configured so is raised."""
    sizes = [seen(256, ms=20, used_mb=230), seen(512, ms=19, used_mb=235)]

    advice = advise(sizes, configured_mb=512, usd_per_gb_s=PRICE)
    assert (advice.action, advice.memory_mb, advice.floor_mb) == ("keep", 512, 320)

    raised = advise(sizes, configured_mb=256, usd_per_gb_s=PRICE)
    assert (raised.action, raised.memory_mb) == ("change", 320)
    assert "235 MB were used; 256 MB leave less than 30% above that" in raised.why


def test_memory_in_use_that_nobody_knows_forbids_less() -> None:
    """Where reports do not say it, no size below the configured one is recommended, however cheap."""
    sizes = [seen(256, ms=10, used_mb=0), seen(512, ms=10, used_mb=0)]

    advice = advise(sizes, configured_mb=512, usd_per_gb_s=PRICE)

    assert (advice.action, advice.memory_mb, advice.floor_mb) == ("keep", 512, None)


def test_sizes_are_read_from_the_answer() -> None:
    """Columns by name, the smallest size first; a group that does not exist has none."""
    size = "record.metrics.memorySizeMB"
    columns = {size: "512", "invocations": "120", "p90_ms": "12.5", "used_mb": "98", "billed_ms": "11.2"}
    rows = [
        [{"field": name, "value": value} for name, value in (columns | {size: memory}).items()]
        for memory in ("512", "256")
    ]
    with stubbed() as (client, stubber):
        asked = {
            "logGroupNames": ["/api"],
            "startTime": int(NOON.timestamp()),
            "endTime": int(NOON.timestamp()),
            "queryString": QUERY,
        }
        stubber.add_response("start_query", {"queryId": "q"}, asked)
        stubber.add_response("get_query_results", {"status": "Running", "results": []}, {"queryId": "q"})
        stubber.add_response("get_query_results", {"status": "Complete", "results": rows}, {"queryId": "q"})
        waits: list[float] = []
        found = read_sizes(client, ["/api"], start=NOON, end=NOON, sleep=waits.append)
        stubber.add_client_error("start_query", "ResourceNotFoundException")
        assert read_sizes(client, ["/api"], start=NOON, end=NOON, sleep=waits.append) == ()

    assert [(item.memory_mb, item.invocations, item.p90_ms, item.p50_ms) for item in found] == [
        (256, 120, 12.5, 0.0),
        (512, 120, 12.5, 0.0),
    ]
    assert len(waits) == 1


def test_a_query_that_does_not_end_well_is_an_error() -> None:
    """Failed or timed out: never an empty answer."""
    with stubbed() as (client, stubber):
        stubber.add_response("start_query", {"queryId": "q"})
        stubber.add_response("get_query_results", {"status": "Timeout", "results": []})
        with pytest.raises(AwsError, match="ended as Timeout"):
            run_query(client, LogQuery(groups=["/api"], text=QUERY, start=NOON, end=NOON), sleep=lambda _: None)


def test_the_page_names_the_line_to_change() -> None:
    """Sizes, the setting as it would be, why, and where it stands now."""
    sizes = [seen(256, ms=40), replace(seen(512, ms=21), invocations=12_345)]
    advice = advise(sizes, configured_mb=256, usd_per_gb_s=PRICE)
    line = TuningLine(setting="defaults.function.memory_mb: 256", place="config/environments.yaml:31")

    page = list(tuning_page("api", sizes, advice, line, usd_per_gb_s=PRICE))

    assert page[3].split() == ["512", "MB", "12,345", "3", *["21", "ms"] * 3, "90", "MB", "$0.14"]
    assert page[4] == "  set functions.api.memory_mb: 512"
    assert page[-1] == "    now defaults.function.memory_mb: 256, config/environments.yaml:31"


@pytest.mark.parametrize(
    ("environment", "path"),
    [("prod", "environments.prod.functions.api.memory_mb"), ("dev", "defaults.function.memory_mb")],
)
def test_the_place_of_a_setting_is_its_own_or_the_inherited_one(environment: str, path: str) -> None:
    """The line of the file holds the value."""
    repository = Path(__file__).parents[3]

    found, line = Builder(repository).environments.place_of(environment, ("functions", "api", "memory_mb"))

    text = (repository / "config" / "environments.yaml").read_text(encoding="utf-8").splitlines()[line - 1]
    assert found == path
    assert text.strip().startswith("memory_mb:")
