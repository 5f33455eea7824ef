"""Templates, prices and a month's use → what each resource costs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.cost.compute_rules import price_alias, price_api, price_function, price_log_group, price_stage
from tapgen.cost.data_rules import price_bucket, price_key, price_queue, price_table, price_topic
from tapgen.cost.monitoring_rules import price_alarm, price_composite, price_dashboard, uses_query
from tapgen.cost.resources import Inventory, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tapgen.cost.charges import Charge
    from tapgen.cost.prices import Price, Prices
    from tapgen.cost.resources import Resource
    from tapgen.model import RenderedTemplate

_RULES: Mapping[str, Callable[[Resource, Inventory, Usage], Iterator[Charge]]] = {
    "AWS::ApiGatewayV2::Api": price_api,
    "AWS::ApiGatewayV2::Stage": price_stage,
    "AWS::CloudWatch::Alarm": price_alarm,
    "AWS::CloudWatch::CompositeAlarm": price_composite,
    "AWS::CloudWatch::Dashboard": price_dashboard,
    "AWS::DynamoDB::Table": price_table,
    "AWS::KMS::Key": price_key,
    "AWS::Lambda::Alias": price_alias,
    "AWS::Lambda::Function": price_function,
    "AWS::Logs::LogGroup": price_log_group,
    "AWS::S3::Bucket": price_bucket,
    "AWS::SNS::Topic": price_topic,
    "AWS::SQS::Queue": price_queue,
}
# AWS asks nothing for these themselves. CodeDeploy is free for Lambda, events of AWS services are free on EventBridge,
# and CloudFormation is free for AWS's own types (their pricing pages).
_FREE = (
    "AWS::ApiGatewayV2::",
    # Certificates for services of AWS, and queries of aliases that point at one (pricing of ACM and of Route 53).
    "AWS::CertificateManager::Certificate",
    "AWS::CloudFormation::",
    "AWS::CodeDeploy::",
    "AWS::Events::Rule",
    "AWS::IAM::",
    "AWS::KMS::Alias",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::QueryDefinition",
    "AWS::Route53::RecordSet",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
)
UNKNOWN = (
    "data transfer out of AWS and between regions",
    "retries, throttled requests and traffic that does not come evenly",
    "deliveries of notifications (e-mail, HTTPS) and what fails",
    "the artifact bucket, access logs of buckets, and reads of the archive",
    "queries: Logs Insights, metrics that people look at, traces that people read",
    "custom metrics that neither a dashboard nor an alarm names",
    "free tiers, discounts, savings plans, support and tax",
)
"""What no template and no price table can tell."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One item of one resource."""

    resource: str
    kind: str
    charge: Charge
    price: Price
    usd: float
    """In a month."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a month costs."""

    usage: Usage
    prices: Prices
    lines: tuple[Line, ...]
    """The dearest first."""
    unpriced: tuple[str, ...]
    """Resources with a type, or a setting, that has no rule here."""

    @property
    def fixed_usd(self) -> float:
        """Whatever the traffic."""
        return sum(line.usd for line in self.lines if line.charge.fixed)

    @property
    def usage_usd(self) -> float:
        """Of the month's traffic and data."""
        return sum(line.usd for line in self.lines if not line.charge.fixed)

    @property
    def borrowed(self) -> tuple[str, ...]:
        """Names of the prices in it that are another region's."""
        return tuple(sorted({line.price.name for line in self.lines if line.price.region != self.prices.region}))


def estimate(templates: Iterable[RenderedTemplate], prices: Prices, usage: Usage) -> Estimate:
    """What the resources of a release cost in a month."""
    inventory = Inventory(templates)
    lines = [line for resource in inventory.resources for line in _lines(resource, inventory, prices, usage)]
    return Estimate(
        usage=usage,
        prices=prices,
        lines=tuple(sorted(lines, key=lambda line: (-line.usd, line.resource, line.charge.item))),
        unpriced=tuple(resource.path for resource in inventory.resources if not _is_known(resource)),
    )


def _lines(resource: Resource, inventory: Inventory, prices: Prices, usage: Usage) -> Iterator[Line]:
    rule = _RULES.get(resource.kind)
    for charge in rule(resource, inventory, usage) if rule else ():
        price = prices.by_name[charge.price]
        usd = price.cost_usd(charge.quantity)
        yield Line(resource=resource.path, kind=resource.kind, charge=charge, price=price, usd=usd)


def _is_known(resource: Resource) -> bool:
    if resource.kind == "AWS::CloudWatch::Alarm" and uses_query(resource.properties):
        return False
    if resource.kind == "AWS::DynamoDB::Table" and resource.properties.get("BillingMode") != "PAY_PER_REQUEST":
        return False
    return resource.kind in _RULES or resource.kind.startswith(_FREE)
