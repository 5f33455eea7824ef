"""All checks of a deployment, in their order. A check that cannot look has failed: nothing is taken for granted.

A further check is one more function in ``CHECKS``: it gets the ``Deployed`` and yields its findings.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tapgen.errors import TapgenError, UsageError
from tapgen.findings import Finding
from tapgen.verification import api_checks, data_checks, drift_checks, release_checks, watch_checks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tapgen.verification.deployed import Deployed

    Check = Callable[[Deployed], Iterator[Finding]]

# First, and alone: what they call leaves the metrics that other checks look for.
SMOKE_TESTS: Mapping[str, Check] = {
    "api-answers": api_checks.check_answers,
    "events-answer": api_checks.check_events,
    "api-refuses-strangers": api_checks.check_refuses_strangers,
}
CHECKS: Mapping[str, Check] = {
    "stacks-complete": release_checks.check_stacks,
    "stack-policies": release_checks.check_policies,
    "stack-protection": release_checks.check_termination_protection,
    "alias-whole": release_checks.check_aliases,
    "alarms-calm": watch_checks.check_alarm_states,
    "alarms-have-data": watch_checks.check_alarm_data,
    "subscriptions-confirmed": watch_checks.check_subscriptions,
    "dashboards-exist": watch_checks.check_dashboards,
    "log-retention": watch_checks.check_retention,
    "buckets-refuse-plain-http": data_checks.check_bucket_policies,
    "plain-http-request": data_checks.check_plain_request,
    "public-access-blocked": data_checks.check_public_access,
    "table": data_checks.check_table,
    "dead-letters-empty": data_checks.check_dead_letters,
    "drift": drift_checks.check_drift,
}


def verify(deployed: Deployed) -> tuple[Finding, ...]:
    """Run every check; the smoke tests first, the others side by side."""
    found = [finding for name, check in SMOKE_TESTS.items() for finding in run_check(name, check, deployed)]
    with ThreadPoolExecutor(8, thread_name_prefix="verify") as pool:
        others = pool.map(lambda name: run_check(name, CHECKS[name], deployed), CHECKS)
        return (*found, *(finding for findings in others for finding in findings))


def run_check(name: str, check: Check, deployed: Deployed) -> tuple[Finding, ...]:
    """The findings of one check; what keeps it from looking is one of them."""
    try:
        return tuple(check(deployed))
    except TapgenError as error:
        return (Finding(check=name, status="failed", what=str(error), fix=error.hint),)


def not_deployed(deployment: str, options: str) -> UsageError:
    """There is nothing to verify."""
    return UsageError(f"{deployment} is not deployed", hint=f"tapgen deploy {options}", code="not-deployed")
