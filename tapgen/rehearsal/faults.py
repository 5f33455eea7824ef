"""Faults for candidates: each is a wrapper that takes the place of the API function's entry point.

The function's own module stays in the zip under another name, and the wrapper calls it. So a fault knows Lambda's side
of the function alone (the event, the answer, the ARN that was invoked) and survives any change of the code behind it.
Faults that alarms must find spare direct calls of the version, or the hook before the traffic would find them first.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent
from typing import TYPE_CHECKING

from tapgen.errors import UsageError
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from pathlib import Path

ROLE = "api"
"""The function that gets the faults: the one that callers wait for."""

_ENTRY_FILE = "app.py"
_OWN_MODULE = "app_of_candidate"

_WRAPPER = '''\
"""Written by a rehearsal: the function's own entry point, and a fault before it. Never part of a release."""

from __future__ import annotations

import time
from typing import Any

from handlers.{role} import {own} as _own

_seen = {{"callers": False}}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point. A caller comes through the live alias; a hook asks for the version itself."""
    from_caller = context.invoked_function_arn.endswith(":{alias}")
{body}
'''


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a candidate does wrong."""

    text: str
    """Follows "a candidate that …"."""
    body: str
    """Python statements over ``event``, ``context``, ``from_caller``, ``_seen`` and ``_own``."""


HARMLESS = Fault(text="differs in nothing that anybody sees", body="return _own.handler(event, context)")

THROWS = Fault(
    text="throws",
    body="""\
if from_caller:
    raise RuntimeError("rehearsal: this candidate throws")
return _own.handler(event, context)""",
)

ANSWERS_500 = Fault(
    text="answers 500 and does not throw",
    body="""\
if from_caller:
    return {"statusCode": 500, "headers": {"content-type": "application/json"}, "body": "{}"}
return _own.handler(event, context)""",
)

REPLACES_WRONGLY = Fault(
    text="does not answer a replacement with what it wrote",
    body="""\
answer = _own.handler(event, context)
if event.get("routeKey", "").startswith("PUT "):
    return {**answer, "body": "{}"}
return answer""",
)

# A hook after the traffic calls the version itself, as the one before it does. What tells the two moments apart inside
# the function is that callers have been there meanwhile: the fault of state that traffic leaves behind.
WEARS_OUT = Fault(
    text="answers hooks with 500 once callers have used it",
    body="""\
if from_caller:
    _seen["callers"] = True
elif _seen["callers"]:
    return {"statusCode": 500, "headers": {"content-type": "application/json"}, "body": "{}"}
return _own.handler(event, context)""",
)


def slow(delay_s: float) -> Fault:
    """A candidate that keeps every caller waiting for ``delay_s`` seconds more."""
    return Fault(
        text=f"takes {delay_s * 1000:.0f} ms longer",
        body=f"""\
if from_caller:
    time.sleep({delay_s!r})
return _own.handler(event, context)""",
    )


def plant(fault: Fault, sources: Path) -> None:
    """Put the fault into a copy of ``handlers``.

    Raises:
        UsageError: There is no entry point to take the place of.
    """
    entry = sources / ROLE / _ENTRY_FILE
    if not entry.is_file():
        raise UsageError(
            f"there is no {entry.relative_to(sources.parent)} to plant a fault in",
            hint=f"a rehearsal wraps the entry point of the function {ROLE!r}",
            code="no-handler",
        )
    entry.rename(entry.with_name(f"{_OWN_MODULE}.py"))
    body = indent(fault.body, "    ")
    entry.write_text(_WRAPPER.format(role=ROLE, own=_OWN_MODULE, alias=LIVE_ALIAS, body=body), encoding="utf-8")
