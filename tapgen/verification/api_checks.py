"""The smoke test: every function by its own journey, and leaves nothing behind.

Those with routes are called through the public API, as callers do; events are what their live aliases are invoked with.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tapgen.aws.api_transport import ApiTransport, invoke_alias
from tapgen.deploy.probes import SYNTHETIC_USER
from tapgen.deploy.traffic import Rounds, Route
from tapgen.findings import Report
from tapgen.journey.gateway import match_route, quote_segments
from tapgen.journey.steps import NOBODY, Request
from tapgen.journey.values import USER, names_in
from tapgen.naming import LIVE_ALIAS
from tapgen.service.tried import tried_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.deploy.probes import ProbeAccess
    from tapgen.deploy.traffic import Call
    from tapgen.findings import Finding
    from tapgen.service.tried import Tried
    from tapgen.verification.deployed import Deployed

_REFUSALS = (401, 403)
_TOKEN_FIX = "put a token that may call the API into TAPGEN_PROBE_TOKEN"  # noqa: S105 - names a variable


def check_answers(deployed: Deployed) -> Iterator[Finding]:
    """Each function with routes is tried by its journey, through the public API."""
    report = Report("api-answers")
    tried = _requested(deployed)
    if not tried:
        yield report.skipped("no function of the service answers requests")
    elif deployed.access is None:
        yield report.skipped("the API wants a JSON web token, and there is none", _TOKEN_FIX)
    else:
        for function in tried:
            yield _try(deployed, deployed.access, function, report)


def check_events(deployed: Deployed) -> Iterator[Finding]:
    """Each function without routes is tried by its journey: its live alias is invoked with the events."""
    report = Report("events-answer")
    for tried in tried_of(deployed.environment.service):
        if not tried.routes:
            yield _try(deployed, None, tried, report)


def _try(deployed: Deployed, access: ProbeAccess | None, tried: Tried, report: Report) -> Finding:
    calls: list[Call] = []
    if access:
        transport = ApiTransport(caller=access.caller, subject=access.subject)
    else:
        function = deployed.names.function(tried.function)
        transport = ApiTransport(invoke=invoke_alias(deployed.context.aws, function, alias=LIVE_ALIAS))
    user = access.user if access else SYNTHETIC_USER
    route = Route(journeys=(tried.journey,), transport=transport, purpose="verify", user=user)
    rounds = Rounds(route, report=calls.append)
    rounds.run()
    told = _tell(calls)
    if not calls:
        return _untried(tried, report, rounds)
    closed = [call for call in calls if call.operation not in _open_steps(tried)]
    if access and all(call.status in _REFUSALS for call in closed or calls):
        # Nothing was written, so nothing is left to delete.
        return report.failed(f"the API refuses its caller: {told}", "use credentials, or a token, that may call it")
    left = rounds.sweep()
    took = f"{told} in {sum(call.duration_s for call in calls) * 1000:.0f} ms"
    if left:
        return report.failed(f"{took}; {', '.join(left)} of {user} failed: something is left", _logs(deployed))
    bad = next((call for call in calls if not call.good), None)
    if bad:
        return report.failed(f"{took}; {bad.operation}: {bad.reason}", _logs(deployed))
    told = took if tried.routes else f"{tried.function}: {took}"
    return report.passed(f"{told}; {tried.journey.weak}" if tried.journey.weak else told)


def _untried(tried: Tried, report: Report, rounds: Rounds) -> Finding:
    """Why nothing was sent: the caller may not, or the journey has nothing for this walk."""
    if rounds.left_out:
        return report.skipped(f"{tried.function}: {', '.join(rounds.left_out)}")
    return report.skipped(f"{tried.function}: {tried.journey.weak or 'its journey has no step for `verify`'}")


def check_refuses_strangers(deployed: Deployed) -> Iterator[Finding]:
    """Nobody gets in without what the environment's authorization asks for."""
    report = Report("api-refuses-strangers")
    wanted = deployed.environment.api.authorization
    if wanted == "NONE":
        yield report.skipped("authorization is NONE: everybody may call the API")
        return
    step = next((step for tried in _requested(deployed) for step in _closed(tried)), None)
    if step is None or deployed.stranger is None:
        yield report.skipped("no journey reads a route that is closed to strangers")
        return
    status = deployed.stranger.request("GET", quote_segments(_path(step))).status
    if status in _REFUSALS:
        yield report.passed(f"a caller without {wanted} authorization gets {status}")
    else:
        fix = f"`tapgen deploy {deployed.options}`; the routes' authorization is not what the configuration says"
        yield report.failed(f"a caller without {wanted} authorization gets {status}", fix)


def _open_steps(tried: Tried) -> set[str]:
    """Names of the steps that everybody may ask for."""
    return {step.name for step in tried.journey.steps if isinstance(step, Request) and _is_open(tried, step)}


def _is_open(tried: Tried, step: Request) -> bool:
    """Whether it asks as nobody, or for a route that is public whoever asks."""
    return step.as_user == NOBODY or match_route(step.method, step.path, tried.routes)[0] in tried.public


def _requested(deployed: Deployed) -> list[Tried]:
    return [tried for tried in tried_of(deployed.environment.service) if tried.routes]


def _closed(tried: Tried) -> Iterator[Request]:
    """Steps that only read, and not what is open to everybody."""
    for step in tried.journey.steps_for("verify"):
        if isinstance(step, Request) and step.method == "GET" and not _is_open(tried, step):
            yield step


def _path(step: Request) -> str:
    """Its path; what earlier steps would have saved does not exist, which a stranger must not learn."""
    path = step.path
    for name in names_in(step.path):
        path = path.replace(f"{{{name}}}", SYNTHETIC_USER if name == USER else "unknown")
    return path


def _tell(calls: Sequence[Call]) -> str:
    """Each step with its status; what was tried again and again is counted."""
    told = Counter(f"{call.operation} {call.status or call.reason}".strip() for call in calls)
    return ", ".join(words + (f" ({count} times)" if count > 1 else "") for words, count in told.items())


def _logs(deployed: Deployed) -> str:
    return f"`tapgen logs {deployed.options} --since 5m`"
