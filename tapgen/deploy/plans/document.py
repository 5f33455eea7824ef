"""A sealed plan as a file. Pure.

The seal is the SHA-256 of everything else in its one canonical spelling, and the release record in the artifact bucket
has it, too. So a file that was damaged or edited is refused, also when its seal was made anew: whoever wants to pass
one off must be able to write the bucket's records, and then could as well deploy. It is no signature: it does not prove
who wrote the file; the record's ``who`` is what STS said of whoever made it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tapgen.errors import RefusedError, UsageError
from tapgen.ledger import record as records
from tapgen.model import ShiftPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.ledger.record import Intent, Plan

FORMAT = "tapgen-plan"
SCHEMA_VERSION = 1

Bound = dict[str, dict[str, str]]
"""Kind of thing → its name → how it is: ``{"guard": {"transactions-prod-…-guard-api-5xx": "OK"}}``."""


@dataclass(frozen=True, kw_only=True)
class SealedPlan:
    """A change set with all that it was made against."""

    intent: Intent
    """Of the record that making it left: release, who, from where, settings, files."""
    plan: Plan
    """The change set."""
    bound: Bound
    expires_at: datetime
    seal: str = field(default="", compare=False)

    @property
    def settings(self) -> Mapping[str, Any]:
        """Deployment, environment, account, region …"""
        return self.intent.settings

    @property
    def shift(self) -> ShiftPolicy:
        """What counts as proof when its traffic shifts."""
        return ShiftPolicy(**self.intent.settings["shift"])


def seal_plan(plan: SealedPlan) -> tuple[SealedPlan, bytes]:
    """The plan with its seal, and the file."""
    content = _content(plan)
    seal = _seal_of(content)
    sealed = SealedPlan(intent=plan.intent, plan=plan.plan, bound=plan.bound, expires_at=plan.expires_at, seal=seal)
    return sealed, json.dumps({**content, "seal": seal}, indent=1, sort_keys=True).encode() + b"\n"


def open_plan(body: bytes, *, place: str) -> SealedPlan:
    """The plan in a file.

    Args:
        body: The file.
        place: Where it is, for messages.

    Raises:
        UsageError: It is no plan, or one of a newer tapgen.
        RefusedError: It is not what was sealed.
    """
    document = _parse(body, place)
    seal = document.pop("seal", "")
    if seal != _seal_of(document):
        raise RefusedError(
            f"{place} is not the plan that was sealed",
            why=f"its seal is {seal or 'missing'}, its content has {_seal_of(document)}",
            hint="get the file again from whoever made it, or make another plan",
            code="plan-edited",
        )
    bodies = {name: json.dumps(document[name]).encode() for name in (records.INTENT, records.PLAN)}
    found = records.decode(bodies, place=f"{place}: ")
    if found.plan is None:
        raise _no_plan(place, "it has no change set")
    return SealedPlan(
        intent=found.intent,
        plan=found.plan,
        bound=document["bound"],
        expires_at=datetime.fromisoformat(document["expires_at"]),
        seal=seal,
    )


def _content(plan: SealedPlan) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "intent": json.loads(records.encode(plan.intent)),
        "plan": json.loads(records.encode(plan.plan)),
        "bound": plan.bound,
        "expires_at": plan.expires_at.isoformat(),
    }


def _seal_of(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _parse(body: bytes, place: str) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise _no_plan(place, str(error)) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _no_plan(place, f"it does not say that it is a {FORMAT}")
    if document.get("schema_version") != SCHEMA_VERSION:
        raise UsageError(
            f"another tapgen made {place}",
            why=f"it has schema version {document.get('schema_version')}; this tapgen reads {SCHEMA_VERSION}",
            hint="execute it with the tapgen that made it, or make another plan",
            code="plan-version",
        )
    return document


def _no_plan(place: str, why: str) -> UsageError:
    return UsageError(
        f"{place} is no sealed plan",
        why=why,
        hint="make one with `tapgen plan --env NAME -o FILE`",
        code="no-plan",
    )
