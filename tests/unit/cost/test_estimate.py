"""What a month costs, by the templates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.cost.estimate import estimate
from tapgen.cost.prices import load_prices
from tapgen.cost.resources import Usage
from tests.unit.cost.conftest import alarm, snapshot, template_of

if TYPE_CHECKING:
    from tapgen.cost.estimate import Estimate
    from tapgen.model import RenderedTemplate

PRICES = load_prices("us-east-1")


def _by_item(found: Estimate, resource: str) -> dict[str, float]:
    return {line.charge.item: line.usd for line in found.lines if line.resource == resource}


def test_every_resource_of_production_has_a_price() -> None:
    """No resource type of the templates is left out silently."""
    found = estimate(snapshot("prod"), PRICES, Usage())

    assert found.unpriced == ()
    assert found.fixed_usd > 0
    assert found.usage_usd > 0


def test_api_function_costs_its_requests_and_memory() -> None:
    """A million requests of 100 ms in 1 GB are 100,000 GB-seconds and a million requests."""
    found = estimate(snapshot("prod"), PRICES, Usage(requests_per_month=1_000_000, duration_ms=100))

    costs = _by_item(found, "compute.ApiFunction")
    assert costs["requests"] == pytest.approx(0.20)
    assert costs["duration"] == pytest.approx(100_000 * 0.0000133334)


def test_archiver_is_called_for_writes_alone() -> None:
    """A stream's function is called once a batch; no write, no call."""
    busy = estimate(snapshot("prod"), PRICES, Usage(requests_per_month=26_280_000, write_share=1.0))
    idle = estimate(snapshot("prod"), PRICES, Usage(write_share=0.0))

    # Ten writes in each second, and a window of one second: ten records a batch.
    assert _by_item(busy, "compute.ArchiverFunction")["requests"] == pytest.approx(2_628_000 * 0.0000002)
    assert _by_item(idle, "compute.ArchiverFunction")["requests"] == 0


def test_configuration_decides() -> None:
    """Recovery, a key, tracing and retention cost in production what they do not in the local environment."""
    prod, local = (estimate(snapshot(name), PRICES, Usage()) for name in ("prod", "local"))
    recovered = {line.charge.item for line in prod.lines}

    assert {"point-in-time recovery", "key", "traces"} <= recovered
    assert not {"key", "traces"} & {line.charge.item for line in local.lines}
    assert _by_item(prod, "compute.ApiLogGroup")["storage"] > _by_item(local, "compute.ApiLogGroup")["storage"]


def test_half_the_traffic_costs_half_and_fixed_parts_stay() -> None:
    """What is fixed does not depend on traffic; requests do, one to one."""
    full, half = (estimate(snapshot("prod"), PRICES, Usage(requests_per_month=n)) for n in (2e6, 1e6))

    assert full.fixed_usd == half.fixed_usd
    assert _by_item(full, "compute.Api")["requests"] == 2 * _by_item(half, "compute.Api")["requests"]


def _stat(name: str) -> dict[str, Any]:
    return {"Id": name, "MetricStat": {"Metric": {"MetricName": name}, "Period": 60}}


@pytest.mark.parametrize(
    ("properties", "usd"),
    [
        ({}, 0.10),
        ({"Period": 10}, 0.30),
        ({"Metrics": [_stat("a"), _stat("b"), {"Id": "e", "Expression": "a / b"}]}, 0.20),
        ({"Metrics": [_stat("a"), {"Id": "e", "Expression": "ANOMALY_DETECTION_BAND(a, 2)"}]}, 0.30),
    ],
)
def test_alarms_cost_by_what_they_evaluate(properties: dict[str, Any], usd: float) -> None:
    """One metric, a fast one, the two of a quotient, and a band with its edges."""
    found = estimate([template_of({"Errors": alarm(**properties)})], PRICES, Usage())

    assert found.fixed_usd == pytest.approx(usd)


def test_own_metrics_are_counted_once() -> None:
    """A metric of the service's namespace costs once, however many widgets and alarms name it."""
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Environment": {"Variables": {"POWERTOOLS_METRICS_NAMESPACE": "shop/prod"}}},
    }
    line = '["shop/prod", "Sales", "service", "api"]'
    aws = '["AWS/Lambda", "Errors"]'
    body = f'{{"widgets": [{{"properties": {{"metrics": [{line}, {line}, {aws}]}}}}]}}'
    dashboard = {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": {"Fn::Sub": [body, {}]}}}
    named = alarm(Namespace="shop/prod", MetricName="Sales", Dimensions=[{"Name": "service", "Value": "api"}])
    found = estimate([template_of({"F": function, "D": dashboard, "A": named})], PRICES, Usage())

    assert _by_item(found, "compute.D") == {"dashboard": 3.0, "custom metrics": pytest.approx(0.30)}


def test_unknown_type_is_named() -> None:
    """A resource that no rule knows is listed instead of being counted as free."""
    found = estimate([template_of({"Cache": {"Type": "AWS::ElastiCache::ServerlessCache"}})], PRICES, Usage())

    assert found.unpriced == ("compute.Cache",)


def _archiving(**lifecycle: Any) -> tuple[RenderedTemplate, ...]:
    """Production, with another life cycle of its archive."""
    rule = {"Status": "Enabled", "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 90}]}
    found = []
    for template in snapshot("prod"):
        resources = json.loads(template.body)["Resources"]
        if "ArchiveBucket" in resources:
            resources["ArchiveBucket"]["Properties"]["LifecycleConfiguration"] = {"Rules": [rule], **lifecycle}
        found.append(template_of(resources, template.stack))
    return tuple(found)


@pytest.mark.parametrize(
    ("lifecycle", "writes_per_s", "moved"),
    [
        ({}, 1, False),
        ({"TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"}, 1, False),
        ({"TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}, 1, True),
        ({}, 150, False),
        ({}, 250, True),
    ],
)
def test_small_objects_do_not_move_to_glacier(lifecycle: dict[str, Any], writes_per_s: int, moved: bool) -> None:  # noqa: FBT001 - a column of the table
    """S3 moves objects from 128 KB on, unless the bucket says otherwise; an object has the changes of a second."""
    usage = Usage(requests_per_month=writes_per_s * 2_628_000, write_share=1.0, months=84)
    found = estimate(_archiving(**lifecycle), PRICES, usage)
    items = {line.charge.item: line.charge for line in found.lines if line.resource == "data.ArchiveBucket"}

    assert ("transitions to Glacier" in items) is moved
    assert ("storage in Glacier" in items) is moved
    assert ("too small for Glacier" in items["storage"].formula) is not moved
