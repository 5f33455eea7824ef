"""The smoke test: the public API as a caller meets it. Leaves no transaction behind."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tapgen.deploy.probes import SYNTHETIC_USER
from tapgen.deploy.traffic import TransactionCycle
from tapgen.findings import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.deploy.traffic import Call
    from tapgen.findings import Finding
    from tapgen.verification.deployed import Deployed

_REFUSALS = (401, 403)
_TOKEN_FIX = "put a token that may call the API into TAPGEN_PROBE_TOKEN"  # noqa: S105 - names a variable


def check_answers(deployed: Deployed) -> Iterator[Finding]:
    """A transaction is created, read, listed and deleted through the public API."""
    report = Report("api-answers")
    if deployed.access is None:
        yield report.skipped("the API wants a JSON web token, and there is none", _TOKEN_FIX)
        return
    calls: list[Call] = []
    cycle = TransactionCycle(deployed.access.caller, user=deployed.access.user, report=calls.append)
    cycle.run()
    if all(call.status in _REFUSALS for call in calls):
        # Nothing was written, so nothing is left to delete.
        yield report.failed(
            f"the API refuses its caller: {_tell(calls)}", "use credentials, or a token, that may call it"
        )
        return
    left = cycle.sweep()
    took = f"{_tell(calls)} in {sum(call.duration_s for call in calls) * 1000:.0f} ms"
    bad = [call for call in calls if not call.good]
    if left:
        yield report.failed(
            f"{took}; {', '.join(left)} of {deployed.access.user} could not be deleted", _logs(deployed)
        )
    elif bad:
        yield report.failed(took, _logs(deployed))
    else:
        yield report.passed(took)


def check_refuses_strangers(deployed: Deployed) -> Iterator[Finding]:
    """Nobody gets in without what the environment's authorization asks for."""
    report = Report("api-refuses-strangers")
    wanted = deployed.environment.api.authorization
    if wanted == "NONE":
        yield report.skipped("authorization is NONE: everybody may call the API")
        return
    status = deployed.stranger.request("GET", f"/users/{SYNTHETIC_USER}/transactions?limit=1").status
    if status in _REFUSALS:
        yield report.passed(f"a caller without {wanted} authorization gets {status}")
    else:
        fix = f"`tapgen deploy {deployed.options}`; the routes' authorization is not what the configuration says"
        yield report.failed(f"a caller without {wanted} authorization gets {status}", fix)


def _tell(calls: Sequence[Call]) -> str:
    """Each operation with its status; what was tried again and again is counted."""
    told = Counter(f"{call.operation} {call.status or call.reason}" for call in calls)
    return ", ".join(words + (f" ({count} times)" if count > 1 else "") for words, count in told.items())


def _logs(deployed: Deployed) -> str:
    return f"`tapgen logs {deployed.options} --since 5m`"
