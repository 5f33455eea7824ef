"""Writes the record of a running operation, each document before the step that it announces.

What ends an operation decides what is recorded: an error before the execution abandons the release, the end of the
stack settles it, and anything else that happens while CloudFormation works (no network, Ctrl-C) leaves the record open,
for whoever finds out the end.
"""

from __future__ import annotations

import dataclasses
import platform
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tapgen._version import __version__
from tapgen.aws import storage
from tapgen.deploy.records.changes import count_changes, list_changes
from tapgen.engine.deployment import deployment_of
from tapgen.engine.reporting import NoReporter
from tapgen.errors import AttentionError, DeploymentError, TapgenError
from tapgen.ledger.consents import PlannedBy
from tapgen.ledger.history import find_live
from tapgen.ledger.record import Execution, Intent, Outcome, Plan, Record, Reference, StoredFile
from tapgen.naming import RELEASE_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Literal

    from tapgen.engine.context import Context
    from tapgen.engine.lock import Lock
    from tapgen.engine.reporting import Reporter
    from tapgen.ledger.consents import AdoptedResource, Broadening, BrokenGlass, NamedAllowances, SuccessiveUpdate
    from tapgen.ledger.record import Source, Status
    from tapgen.ledger.store import Ledger
    from tapgen.model import ChangeSet, Rendered, StackState


@dataclass(frozen=True, kw_only=True)
class Planned:
    """The sealed plan that an operation executes."""

    intent: Intent
    """Of the record that making it left."""
    seal: str

    @property
    def by(self) -> PlannedBy:
        """What the record of the execution says of it."""
        intent = self.intent
        return PlannedBy(
            sequence=intent.sequence, seal=self.seal, who=intent.who, host=intent.host, started_at=intent.started_at
        )


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What an operation is for, beyond the release itself."""

    operation: Literal["deploy", "rollback", "adopt"] = "deploy"
    source: Source | None = None
    role_arn: str | None = None
    restores: Record | None = None
    """What a rollback brings back: the record that it is made of."""
    stops: Reference | None = None
    """What a rollback stopped half-way."""
    break_glass: BrokenGlass | None = None
    broadening: Broadening | None = None
    allowances: NamedAllowances | None = None
    step: SuccessiveUpdate | None = None
    """Of what release this is one of several updates, and which; None for the release itself."""
    artifacts: tuple[StoredFile, ...] = ()
    """What it is made of, where that is not what was rendered."""
    reporter: Reporter = field(default_factory=NoReporter)
    """Told of the execution and of its end."""
    planned: Planned | None = None
    """What was sealed before, and is executed now."""
    adopts: tuple[AdoptedResource, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Before:
    """What there was before the operation."""

    state: StackState | None
    recent: tuple[Record, ...]
    """The newest records, oldest first; all of them are only read when what is live is not among these."""


class Journal:
    """The record of one running operation."""

    def __init__(self, context: Context, ledger: Ledger, lock: Lock | None, record: Record) -> None:
        self.intent = record.intent
        self.executed = False
        self.settled = False
        self._context = context
        self._ledger = ledger
        self._lock = lock
        self._verdict: Mapping[str, Any] | None = None
        self._record = record
        self._reporter: Reporter = NoReporter()

    @classmethod
    def resume(cls, context: Context, ledger: Ledger, record: Record, reporter: Reporter) -> Journal:
        """The journal of an execution that another process began."""
        journal = cls(context, ledger, None, record)
        journal.executed = True
        journal.report_to(reporter)
        reporter.begin(record.intent)
        return journal

    def report_to(self, reporter: Reporter) -> None:
        """Tell this reporter of the execution and its end."""
        self._reporter = reporter

    def plan(self, change_set: ChangeSet, *, allowed: tuple[str, ...] = ()) -> None:
        """Record the change set that was made, and what of it somebody allowed by name."""
        plan = plan_of(change_set, allowed=allowed)
        self._ledger.add(self.intent.sequence, plan)
        self._record = dataclasses.replace(self._record, plan=plan)

    def execute(self, change_set: ChangeSet) -> None:
        """Record that the change set is about to be executed.

        Raises:
            RefusedError: The lock is not ours any more.
        """
        if self._lock:
            self._lock.require_held()
        execution = Execution(
            change_set_id=change_set.change_set_id,
            stack_id=change_set.stack_id,
            who=self._context.aws.identity().arn,
            host=platform.node(),
            started_at=datetime.now(UTC),
        )
        self._ledger.add(self.intent.sequence, execution)
        self._record = dataclasses.replace(self._record, execution=execution)
        self.executed = True
        self._reporter.begin(self.intent)

    def judge(self, verdict: Mapping[str, Any]) -> None:
        """Keep what the shift showed, with its figures, for the outcome."""
        self._verdict = verdict

    def settle(
        self,
        status: Status,
        *,
        reason: str = "",
        outputs: Mapping[str, str] | None = None,
        error: object = None,
        seal: str = "",
    ) -> None:
        """Record how it ended; the first word counts."""
        if self.settled:
            return
        self.settled = True
        failure = error.failure if isinstance(error, TapgenError) else None
        outcome = Outcome(
            status=status,
            finished_at=datetime.now(UTC),
            reason=reason,
            failure=dataclasses.asdict(failure) if failure else None,
            outputs=dict(outputs or {}),
            verdict=self._verdict,
            seal=seal,
        )
        self._ledger.settle(self.intent.sequence, outcome)
        if self.executed:
            self._reporter.end(dataclasses.replace(self._record, outcome=outcome))

    def settle_failure(self, error: BaseException) -> None:
        """Record what an error says of the end; nothing while CloudFormation may still be at work."""
        if isinstance(error, DeploymentError):
            self._settle_quietly("rolled-back", error)
        elif self.executed and isinstance(error, AttentionError):
            self._settle_quietly("failed", error)
        elif not self.executed:
            self._settle_quietly("abandoned", error)

    def _settle_quietly(self, status: Status, error: BaseException) -> None:
        """The operation's own error is what the user must read, whatever becomes of the record."""
        reason = (error.why or error.what) if isinstance(error, TapgenError) else type(error).__name__
        try:
            self.settle(status, reason=reason, error=error)
        except TapgenError as fault:
            self._context.warn(
                f"how it ended could not be recorded: {fault}",
                hint="the next command records it",
                code="record-unwritten",
            )


def plan_of(change_set: ChangeSet, *, allowed: tuple[str, ...] = ()) -> Plan:
    """What the record says of a change set, and of what in it somebody allowed by name."""
    return Plan(
        change_set_id=change_set.change_set_id,
        stack_id=change_set.stack_id,
        kind=change_set.kind,
        created_at=change_set.created_at,
        counts=count_changes(change_set.changes),
        changes=tuple(list_changes(change_set.changes)),
        allowed=allowed,
    )


@contextmanager
def open_journal(journal: Journal) -> Iterator[Journal]:
    """Settle the record by what ends the block."""
    try:
        yield journal
    except BaseException as error:
        journal.settle_failure(error)
        raise


def begin_journal(context: Context, lock: Lock, rendered: Rendered, *, before: Before, purpose: Purpose) -> Journal:
    """Write the intent: from here on the release has a record, whatever happens."""
    intent = _make_intent(context, rendered, before, purpose)
    if purpose.adopts:
        # Neither a release nor its files are brought anywhere.
        intent = dataclasses.replace(intent, templates=(), artifacts=(), template_url="", change_set_name="")
    ledger = deployment_of(rendered).ledger(context)
    journal = Journal(context, ledger, lock, Record(intent=ledger.begin(intent)))
    journal.report_to(purpose.reporter)
    return journal


def _make_intent(context: Context, rendered: Rendered, before: Before, purpose: Purpose) -> Intent:
    """What is about to be done, under the next sequence."""
    ledger = deployment_of(rendered).ledger(context)
    sequence = before.recent[-1].sequence + 1 if before.recent else 1
    token = uuid.uuid4().hex
    settings = {
        name: value
        for name, value in dataclasses.asdict(dataclasses.replace(rendered, templates=(), artifacts=())).items()
        if name not in {"templates", "artifacts"}
    }
    planned = purpose.planned.intent if purpose.planned else None
    restored = purpose.restores.intent if purpose.restores else planned
    artifacts = tuple(StoredFile(name=each.name, key=each.key, digest=each.digest) for each in rendered.artifacts)
    return Intent(
        sequence=sequence,
        token=token,
        release_id=rendered.release_id,
        operation=purpose.operation,
        settings=settings,
        templates=tuple(StoredFile(name=each.stack, key=each.key, digest=each.digest) for each in rendered.templates),
        artifacts=restored.artifacts if restored else purpose.artifacts or artifacts,
        template_url=storage.object_url(context.aws.client("s3"), ledger.bucket, rendered.root.key),
        change_set_name=planned.change_set_name if planned else f"release-{rendered.release_id}-{token[:8]}",
        who=context.aws.identity().arn,
        host=platform.node(),
        started_at=datetime.now(UTC),
        tool=f"tapgen/{__version__}",
        role_arn=purpose.role_arn,
        source=purpose.source,
        previous=_find_previous(ledger, before),
        restores=purpose.restores.reference if purpose.restores else None,
        stops=purpose.stops,
        break_glass=purpose.break_glass,
        broadening=purpose.broadening,
        allowances=purpose.allowances,
        step=purpose.step,
        planned=purpose.planned.by if purpose.planned else None,
        adopts=purpose.adopts,
    )


def _find_previous(ledger: Ledger, before: Before) -> Reference | None:
    state = before.state
    live = state.parameters.get(RELEASE_PARAMETER) if state and state.status != "REVIEW_IN_PROGRESS" else None
    if not live:
        return None
    found = find_live(before.recent, live) or find_live(ledger.read_all(), live)
    return found.reference if found else Reference(sequence=0, release_id=live)
