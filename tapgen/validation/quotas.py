"""Whether the account has room for what the release makes.

Services that say themselves how much is left are asked; for the others usage is counted, and the quota is Service
Quotas' or, where it is not listed or may not be read, AWS's default.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tapgen.aws import limits
from tapgen.errors import AwsError
from tapgen.findings import Finding
from tapgen.gates.templates import NESTED_STACK, look_up, resources_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.aws.session import Aws
    from tapgen.gates.templates import Stacks
    from tapgen.validation.subject import Subject

_FUNCTION = "AWS::Lambda::Function"
# Lambda keeps this much for functions without a reservation (Lambda developer guide, "Configuring reserved
# concurrency").
_UNRESERVED = 100


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A quota whose usage has to be counted."""

    check: str
    what: str
    types: tuple[str, ...]
    count: Callable[[Aws], int]
    service: str
    """Service Quotas' code."""
    pattern: str
    """What the quota's name fits there."""
    default: int
    """AWS's, per account and region (the services' quota pages)."""


COUNTED = (
    Counted(
        check="quota-alarms",
        what="alarms",
        types=("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"),
        count=limits.count_alarms,
        service="monitoring",
        pattern=r"(number of )?(metric )?alarms( per (account|region))?",
        default=5000,
    ),
    Counted(
        check="quota-apis",
        what="HTTP APIs",
        types=("AWS::ApiGatewayV2::Api",),
        count=limits.count_apis,
        service="apigateway",
        pattern=r"(http )?apis( \(http\))? per region",
        default=600,
    ),
    Counted(
        check="quota-stacks",
        what="stacks",
        types=(NESTED_STACK,),
        count=limits.count_stacks,
        service="cloudformation",
        pattern=r"stack count",
        default=2000,
    ),
)


def check_quotas(subject: Subject) -> Iterator[Finding]:
    """One finding for each quota that the templates use."""
    checks: dict[str, Callable[[], Finding]] = {
        "quota-concurrency": partial(_concurrency, subject),
        "quota-roles": partial(_roles, subject),
        **{each.check: partial(_counted, subject, each) for each in COUNTED},
    }
    for check, look in checks.items():
        try:
            yield look()
        except AwsError as error:
            yield Finding(check=check, status="skipped", what="not looked at", why=str(error), fix=error.hint)


def judge_room(check: str, *, what: str, needed: int, usage: limits.Usage, source: str) -> Finding:
    """Whether so many more fit."""
    text = f"{needed} more {what}: {usage.used} of {usage.limit} are in use ({source})"
    if usage.used + needed <= usage.limit:
        return Finding(check=check, status="passed", what=text)
    why = f"the quota is exceeded by {usage.used + needed - usage.limit}, and CloudFormation would fail half-way"
    fix = "ask for more in Service Quotas, or delete what nobody uses"
    return Finding(check=check, status="failed", what=text, why=why, fix=fix)


def judge_concurrency(limit: limits.Concurrency, *, wanted: int, held: int) -> Finding:
    """Whether the functions' reservations leave Lambda what it keeps for the others.

    Args:
        limit: The account's.
        wanted: What the release reserves.
        held: What the deployed functions have reserved, which is given back.
    """
    check, left = "quota-concurrency", limit.unreserved + held - wanted
    what = f"{wanted} concurrent executions reserved, {left} of {limit.limit} left for other functions"
    if not wanted or left >= _UNRESERVED:
        return Finding(check=check, status="passed", what=what)
    why = f"Lambda refuses to leave fewer than {_UNRESERVED}"
    most = max(0, limit.unreserved + held - _UNRESERVED)
    fix = f"reserve at most {most} (function.reserved_concurrency), or ask for more in Service Quotas"
    return Finding(check=check, status="failed", what=what, why=why, fix=fix)


def _concurrency(subject: Subject) -> Finding:
    return judge_concurrency(
        limits.read_concurrency(subject.context.aws),
        wanted=_reserved(subject.stacks),
        held=_reserved(subject.live),
    )


def _reserved(stacks: Stacks) -> int:
    functions = resources_of(stacks, _FUNCTION)
    reservations = [look_up(function, "ReservedConcurrentExecutions") for _, function in functions]
    return sum(int(number) for number in reservations if isinstance(number, int | str))


def _roles(subject: Subject) -> Finding:
    needed = len(list(subject.added("AWS::IAM::Role")))
    usage = limits.read_roles(subject.context.aws)
    return judge_room("quota-roles", what="roles", needed=needed, usage=usage, source="IAM's own word")


def _counted(subject: Subject, quota: Counted) -> Finding:
    aws = subject.context.aws
    needed = len(list(subject.added(*quota.types)))
    if NESTED_STACK in quota.types and not subject.live:
        needed += 1
    try:
        listed = limits.find_quota(aws, quota.service, quota.pattern)
        source = "Service Quotas" if listed else "AWS's default: Service Quotas lists none"
    except AwsError:
        listed, source = None, "AWS's default: Service Quotas cannot be read"
    usage = limits.Usage(used=quota.count(aws), limit=listed or quota.default)
    return judge_room(quota.check, what=quota.what, needed=needed, usage=usage, source=source)
