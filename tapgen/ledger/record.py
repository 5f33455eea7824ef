"""The schema of a release record. Pure.

A record is up to four documents, each written once, in this order and each *before* what it announces::

    intent      before the upload: who wants what live, made of what
    plan        after the change set was made, before it is executed or declined
    execution   before the change set is executed
    outcome     when the end is known

An adoption has an intent and an outcome alone: its change sets are as many as it takes, and none of them is a release.

So a deploy that died left the documents of the steps that it may have begun. ``schema_version`` is ``major.minor``: a
newer minor adds fields, which older readers leave alone; a newer major means that old readers would misunderstand.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from tapgen.errors import UsageError
from tapgen.ledger.consents import (
    AdoptedResource,
    Broadening,
    BrokenGlass,
    NamedAllowances,
    PlannedBy,
    SuccessiveUpdate,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T")

SCHEMA_MAJOR = 1
SCHEMA_VERSION = f"{SCHEMA_MAJOR}.0"

Status = Literal["succeeded", "adopted", "rolled-back", "failed", "declined", "prepared", "unchanged", "abandoned"]
"""How a release ended: ``failed`` needs a person, ``abandoned`` never reached its execution.

``adopted`` brought nothing live: resources that existed belong to the deployment since.
"""

INTENT, PLAN, EXECUTION, OUTCOME = DOCUMENTS = ("intent", "plan", "execution", "outcome")


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A template or a zip in the artifact bucket."""

    name: str
    key: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Source:
    """What the working folder was at when the release was rendered."""

    commit: str
    dirty: bool
    """Whether tracked files differed from the commit, or untracked ones lay beside them."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Another release of the same deployment."""

    sequence: int
    release_id: str


@dataclass(frozen=True, kw_only=True)
class Intent:
    """What somebody set out to bring live."""

    sequence: int
    """1, 2, 3 … in the deployment; S3 gives each to one writer alone."""
    token: str
    """Unique to this record, so that its writer knows it again when an answer was lost."""
    release_id: str
    operation: Literal["deploy", "rollback", "adopt"]
    settings: Mapping[str, Any]
    """The rendered release without its files: deployment, account, region, parameters, tags …"""
    templates: tuple[StoredFile, ...]
    artifacts: tuple[StoredFile, ...]
    template_url: str
    """The root template's, as CloudFormation was given it."""
    change_set_name: str
    who: str
    """ARN of the caller, as STS names it."""
    host: str
    started_at: datetime
    tool: str
    """``tapgen/<version>``."""
    role_arn: str | None = None
    source: Source | None = None
    previous: Reference | None = None
    """What was live before."""
    restores: Reference | None = None
    """What a rollback brings back."""
    stops: Reference | None = None
    """What a rollback stopped half-way."""
    break_glass: BrokenGlass | None = None
    broadening: Broadening | None = None
    allowances: NamedAllowances | None = None
    step: SuccessiveUpdate | None = None
    """None for the release itself."""
    planned: PlannedBy | None = None
    adopts: tuple[AdoptedResource, ...] = ()

    @property
    def parameters(self) -> Mapping[str, str]:
        """Parameters of the root stack."""
        found: Mapping[str, str] = self.settings["parameters"]
        return found


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The change set that was made."""

    change_set_id: str
    stack_id: str
    kind: Literal["CREATE", "UPDATE"]
    created_at: datetime
    """By CloudFormation's clock: the operation's events are not older."""
    counts: Mapping[str, int]
    """``add``, ``modify``, ``replace``, ``remove``: resources, nested stacks not counted."""
    changes: tuple[str, ...]
    """One line each: ``Modify Compute.ApiFunction AWS::Lambda::Function``."""
    allowed: tuple[str, ...] = ()
    """What of it was allowed by name, one sentence each."""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """The execution that was begun."""

    change_set_id: str
    stack_id: str
    who: str
    host: str
    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How it ended."""

    status: Status
    finished_at: datetime
    reason: str = ""
    """The first real cause, or why nothing was executed."""
    failure: Mapping[str, Any] | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Outputs of the root stack, the ARNs of the live versions among them."""
    verdict: Mapping[str, Any] | None = None
    """What the shift showed, with its figures."""
    seal: str = ""
    """Of the plan that was made of it, where one was."""
    watched: bool = True
    """False when it was settled later, by a command that found it ended."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One release with everything that is known of it."""

    intent: Intent
    plan: Plan | None = None
    execution: Execution | None = None
    outcome: Outcome | None = None
    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, compare=False)
    """As they are stored, fields included that this release of tapgen does not know."""

    @property
    def sequence(self) -> int:
        """Its place in the deployment's history."""
        return self.intent.sequence

    @property
    def release_id(self) -> str:
        """Digest of the root template."""
        return self.intent.release_id

    @property
    def reference(self) -> Reference:
        """How other records name it."""
        return Reference(sequence=self.sequence, release_id=self.release_id)

    @property
    def is_adoption(self) -> bool:
        """Whether it brought resources under the deployment, and no release."""
        return self.intent.operation == "adopt"

    @property
    def succeeded(self) -> bool:
        """Whether it is known to have been live."""
        return self.outcome is not None and self.outcome.status == "succeeded"


def encode(document: Intent | Plan | Execution | Outcome) -> bytes:
    """A document as JSON, with the schema's version."""
    content = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(document)}
    return json.dumps(content, indent=1, sort_keys=True, default=_plain).encode()


def decode(bodies: Mapping[str, bytes], *, place: str) -> Record:
    """The record of its documents' bodies, by name.

    Args:
        bodies: ``intent`` and what else there is.
        place: Where they are, for messages.

    Raises:
        UsageError: A newer tapgen wrote one of them, or one is damaged.
    """
    documents = {name: _load(body, f"{place}{name}.json") for name, body in bodies.items()}
    try:
        return Record(
            intent=_intent(documents[INTENT]),
            plan=_plan(documents[PLAN]) if PLAN in documents else None,
            execution=_made(Execution, documents[EXECUTION]) if EXECUTION in documents else None,
            outcome=_made(Outcome, documents[OUTCOME]) if OUTCOME in documents else None,
            documents=documents,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(place, str(error)) from error


def _load(body: bytes, place: str) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
        major = int(str(document["schema_version"]).partition(".")[0])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(place, str(error)) from error
    if major > SCHEMA_MAJOR:
        raise UsageError(
            f"a newer tapgen wrote {place}",
            why=f"it has schema version {document['schema_version']}; this tapgen reads {SCHEMA_MAJOR}.x",
            hint="use the tapgen that deployed last, or a newer one",
            code="record-too-new",
        )
    found: Mapping[str, Any] = document
    return found


def _damaged(place: str, why: str) -> UsageError:
    return UsageError(
        f"the release record {place} cannot be read",
        why=why,
        hint="restore an earlier version of that object in the bucket, or delete it",
        code="record-damaged",
    )


_NESTED: Mapping[str, type] = {
    "source": Source,
    "previous": Reference,
    "restores": Reference,
    "stops": Reference,
    "break_glass": BrokenGlass,
    "broadening": Broadening,
    "allowances": NamedAllowances,
    "step": SuccessiveUpdate,
    "planned": PlannedBy,
}


def _intent(document: Mapping[str, Any]) -> Intent:
    nested = {
        "templates": tuple(_made(StoredFile, item) for item in document["templates"]),
        "artifacts": tuple(_made(StoredFile, item) for item in document["artifacts"]),
        "adopts": tuple(_made(AdoptedResource, item) for item in document.get("adopts", ())),
        **{name: _made(kind, document[name]) for name, kind in _NESTED.items() if document.get(name)},
    }
    return _made(Intent, {**document, **nested})


def _plan(document: Mapping[str, Any]) -> Plan:
    return _made(Plan, document)


def _made(kind: type[_T], document: Mapping[str, Any]) -> _T:
    """The value of a document, whose fields with a time end in ``_at``; fields that are not known are left out."""
    known = {item.name for item in dataclasses.fields(kind)}  # type: ignore[arg-type]  # every kind is a dataclass
    values = {name: value for name, value in document.items() if name in known}
    times = {name: datetime.fromisoformat(values[name]) for name in values if name.endswith("_at")}
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return kind(**{**values, **times, **lists})


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a release record cannot hold {type(value).__name__}")
