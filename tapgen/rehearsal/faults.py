"""Faults for candidates: each is a wrapper that takes the place of the chosen function's entry point.

The function's own module stays in the zip under another name, and the wrapper calls it. So a fault knows Lambda's side
of the function alone (the event, the answer, the ARN that was invoked) and survives any change of the code behind it.
Faults that alarms must find spare direct calls of the version, or the hook before the traffic would find them first.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent
from typing import TYPE_CHECKING, Any

from tapgen.errors import UsageError
from tapgen.journey.gateway import match_route
from tapgen.journey.matchers import MATCH
from tapgen.journey.steps import Request
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.rehearsal.subject import Subject

_OWN = "_of_candidate"

_WRAPPER = '''\
"""Written by a rehearsal: the function's own entry point, and a fault before it. Never part of a release."""

from __future__ import annotations

import time
from typing import Any

from {module} import {entry} as _own

_seen = {{"callers": False}}


def {entry}(event: dict[str, Any], context: Any) -> Any:
    """Lambda's entry point. A caller comes through the live alias; a hook asks for the version itself."""
    from_caller = context.invoked_function_arn.endswith(":{alias}")
{body}
'''
_ANSWER_500 = 'return {"statusCode": 500, "headers": {"content-type": "application/json"}, "body": "{}"}'
_FAIL = 'raise RuntimeError("rehearsal: this candidate fails")'


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a candidate does wrong."""

    text: str
    """Follows "a candidate that …"."""
    body: str
    """Python statements over ``event``, ``context``, ``from_caller``, ``_seen`` and ``_own``."""


HARMLESS = Fault(text="differs in nothing that anybody sees", body="return _own(event, context)")

THROWS = Fault(
    text="throws",
    body="""\
if from_caller:
    raise RuntimeError("rehearsal: this candidate throws")
return _own(event, context)""",
)

ANSWERS_500 = Fault(
    text="answers 500 and does not throw",
    body=f"""\
if from_caller:
    {_ANSWER_500}
return _own(event, context)""",
)


def slow(delay_s: float) -> Fault:
    """A candidate that keeps every caller waiting for ``delay_s`` seconds more."""
    return Fault(
        text=f"takes {delay_s * 1000:.0f} ms longer",
        body=f"""\
if from_caller:
    time.sleep({delay_s!r})
return _own(event, context)""",
    )


def answers_wrongly(subject: Subject) -> Fault:
    """A candidate whose answers are not what its journey expects: with the right status where a body is looked at."""
    route = _looked_at(subject)
    if route:
        return Fault(
            text=f"does not answer {route} with what it should",
            body=f"""\
answer = _own(event, context)
if event.get("routeKey") == {route!r}:
    return {{**answer, "body": "{{}}"}}
return answer""",
        )
    return Fault(
        text="fails when a hook calls it",
        body=f"""\
if not from_caller:
    {_failure(subject)}
return _own(event, context)""",
    )


def wears_out(subject: Subject) -> Fault:
    """A candidate that fails hooks once callers have used it.

    A hook after the traffic calls the version itself, as the one before it does. What tells the two moments apart
    inside the function is that callers have been there meanwhile: the fault of state that traffic leaves behind.
    """
    return Fault(
        text="fails hooks once callers have used it",
        body=f"""\
if from_caller:
    _seen["callers"] = True
elif _seen["callers"]:
    {_failure(subject)}
return _own(event, context)""",
    )


def _failure(subject: Subject) -> str:
    return _ANSWER_500 if subject.answers_requests else _FAIL


def _looked_at(subject: Subject) -> str:
    """The route of the last request of the hooks' walk that no traffic makes and whose body has fields to be looked at.

    The last, and none of the traffic's: callers of the live version must notice nothing before the hook does.
    """
    traffic = {step.name for step in subject.tried.journey.steps_for("rehearse")}
    found = ""
    for step in subject.tried.journey.steps_for("hook"):
        if isinstance(step, Request) and step.name not in traffic and _has_fields(step.expect.body):
            path = step.path.replace("{", "x").replace("}", "x")
            route, _ = match_route(step.method, path, subject.tried.routes)
            found = route if route != "$default" else found
    return found


def _has_fields(pattern: Any) -> bool:
    return isinstance(pattern, dict) and bool(pattern) and MATCH not in pattern


def plant(fault: Fault, sources: Path, subject: Subject) -> None:
    """Put the fault into a copy of ``handlers``.

    Raises:
        UsageError: There is no entry point to take the place of.
    """
    module, _, entry = subject.function.entry_point.rpartition(".")
    file = sources.joinpath(subject.function.folder, *module.split(".")).with_suffix(".py")
    if not file.is_file():
        raise UsageError(
            f"there is no {file.relative_to(sources.parent)} to plant a fault in",
            hint=f"a rehearsal wraps the entry point of the function {subject.name!r}, which must be Python",
            code="no-handler",
        )
    file.rename(file.with_name(f"{file.stem}{_OWN}.py"))
    own = f"{sources.name}.{subject.function.folder}.{module}{_OWN}"
    body = indent(fault.body, "    ")
    file.write_text(_WRAPPER.format(module=own, entry=entry, alias=LIVE_ALIAS, body=body), encoding="utf-8")
