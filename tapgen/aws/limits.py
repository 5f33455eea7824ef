"""How much of its quotas an account uses: each service's own word where it has one, Service Quotas' otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from tapgen.aws.session import Aws


@dataclass(frozen=True, kw_only=True)
class Usage:
    """One quota."""

    used: int
    limit: int


@dataclass(frozen=True, kw_only=True)
class Concurrency:
    """Lambda's concurrency in an account and region."""

    limit: int
    unreserved: int


def read_concurrency(aws: Aws) -> Concurrency:
    """What GetAccountSettings says."""
    with translated("read Lambda's account settings"):
        limits = aws.client("lambda").get_account_settings()["AccountLimit"]
    return Concurrency(
        limit=limits["ConcurrentExecutions"],
        unreserved=limits.get("UnreservedConcurrentExecutions", limits["ConcurrentExecutions"]),
    )


def read_roles(aws: Aws) -> Usage:
    """Roles of the account, in all regions, as GetAccountSummary counts them."""
    with translated("read IAM's account summary"):
        summary = aws.client("iam").get_account_summary()["SummaryMap"]
    return Usage(used=int(summary.get("Roles", 0)), limit=int(summary.get("RolesQuota", 1000)))


def count_alarms(aws: Aws) -> int:
    """Metric and composite alarms of the region."""
    with translated("count the alarms"):
        pages = (
            aws.client("cloudwatch")
            .get_paginator("describe_alarms")
            .paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        )
        return sum(len(page.get("MetricAlarms", ())) + len(page.get("CompositeAlarms", ())) for page in pages)


def count_apis(aws: Aws) -> int:
    """HTTP and WebSocket APIs of the region."""
    with translated("count the APIs"):
        pages = aws.client("apigatewayv2").get_paginator("get_apis").paginate()
        return sum(len(page["Items"]) for page in pages)


def count_stacks(aws: Aws) -> int:
    """Stacks of the region, nested ones included."""
    with translated("count the stacks"):
        pages = aws.client("cloudformation").get_paginator("describe_stacks").paginate()
        return sum(len(page["Stacks"]) for page in pages)


def find_quota(aws: Aws, service: str, pattern: str) -> int | None:
    """An account's quota by its name in Service Quotas; None when it is not listed there.

    Args:
        aws: Clients.
        service: Service Quotas' code of the service: ``monitoring``, ``apigateway``, ``cloudformation``.
        pattern: A regular expression that the whole name fits, in whatever case.
    """
    client = aws.client("service-quotas")
    with translated(f"read the quotas of {service}"):
        for page in client.get_paginator("list_service_quotas").paginate(ServiceCode=service):
            for quota in page["Quotas"]:
                if re.fullmatch(pattern, quota["QuotaName"], re.IGNORECASE):
                    return int(quota["Value"])
    return None
