"""Which artifacts, templates and Lambda versions are still needed, and why each stays or goes. Pure.

What is needed is counted from every side: the releases to keep, every record of every other deployment that shares the
bucket, and the templates of every live stack, whether it has a record or not. What nobody counts goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tapgen.ledger.history import find_origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tapgen.aws.objects import ListedObject
    from tapgen.deploy.state.observed_state import History
    from tapgen.ledger.record import Record
    from tapgen.model import AliasState

# A rollback of CloudFormation needs the version before; deleting it left stacks in UPDATE_ROLLBACK_FAILED elsewhere.
NEWEST_VERSIONS = 3
NEWEST_REPORTS = 50
"""Reports are small, and read long after their release can be restored: those of the newest records stay."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One thing that stays or goes."""

    kind: Literal["template", "artifact", "report", "version"]
    name: str
    """S3 key, or ``function:version``."""
    keep: bool
    reason: str
    size_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function of the stack with its published versions."""

    name: str
    versions: tuple[str, ...]
    """Oldest first."""
    aliases: tuple[AliasState, ...]
    in_stack: tuple[str, ...]
    """Versions that are resources of the stack."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What there is."""

    history: History
    objects: Sequence[ListedObject]
    """Below ``templates/`` and ``artifacts/``."""
    others: Mapping[str, Sequence[Record]]
    """Records of every other deployment in the bucket, by its name."""
    stacks: Mapping[str, frozenset[str]]
    """Keys that the templates of a live stack name, by the stack's name; this deployment's included."""
    functions: Sequence[Function]
    reports: Sequence[ListedObject] = ()
    """Below ``reports/<deployment>/``: this deployment's alone."""


def decide_retention(facts: Facts, *, keep: int) -> tuple[Decision, ...]:
    """What stays and what goes, each with its reason.

    Args:
        facts: What there is.
        keep: How many of the releases that were live are kept.
    """
    needed = dict(_needed_keys(facts, keep))
    decisions = [_decide_object(item, needed) for item in facts.objects]
    decisions += [
        _decide_version(function, version, facts, keep=keep)
        for function in facts.functions
        for version in function.versions
    ]
    decisions += _decide_reports(facts, keep=keep)
    return tuple(decisions)


def kept_releases(history: History, *, keep: int) -> dict[int, str]:
    """Sequence → why the release is kept: live, among the last that were, or not finished."""
    kept: dict[int, str] = {}
    live = history.live
    ids: list[str] = []
    for record in reversed(history.records):
        if live and record.release_id == live.release_id:
            kept[record.sequence] = f"release {record.sequence} is live"
        elif record.outcome is None or record.outcome.status == "prepared":
            kept[record.sequence] = f"release {record.sequence} is not finished"
        elif record.succeeded and (record.release_id in ids or len(ids) < keep):
            kept[record.sequence] = f"release {record.sequence} is among the last {keep}"
        else:
            continue
        if record.succeeded and record.release_id not in ids:
            ids.append(record.release_id)
    if live:
        origin = find_origin(history.records, live)
        kept.setdefault(origin.sequence, f"release {origin.sequence} is live")
    return kept


def _needed_keys(facts: Facts, keep: int) -> Iterator[tuple[str, str]]:
    """(key, why it is needed), the strongest reason last."""
    for deployment, records in facts.others.items():
        for record in records:
            yield from ((key, f"release {record.sequence} of {deployment}") for key in _keys(record))
    reasons = kept_releases(facts.history, keep=keep)
    for record in facts.history.records:
        if record.sequence in reasons:
            yield from ((key, reasons[record.sequence]) for key in _keys(record))
    for stack, keys in facts.stacks.items():
        yield from ((key, f"the stack {stack} uses it") for key in keys)


def _keys(record: Record) -> Iterator[str]:
    return (file.key for file in (*record.intent.templates, *record.intent.artifacts))


def _decide_object(item: ListedObject, needed: Mapping[str, str]) -> Decision:
    kind: Literal["template", "artifact"] = "template" if item.key.startswith("templates/") else "artifact"
    reason = needed.get(item.key, "no kept release, stack or other deployment needs it")
    return Decision(kind=kind, name=item.key, keep=item.key in needed, reason=reason, size_bytes=item.size_bytes)


def _decide_reports(facts: Facts, *, keep: int) -> Iterator[Decision]:
    reasons = kept_releases(facts.history, keep=keep)
    newest = {record.sequence for record in facts.history.records[-NEWEST_REPORTS:]}
    for item in facts.reports:
        name = item.key.rpartition("/")[2].partition(".")[0]
        sequence = int(name) if name.isdigit() else 0
        if sequence in newest:
            reasons.setdefault(sequence, f"it is among the newest {NEWEST_REPORTS}")
        reason = reasons.get(sequence, f"it is older than the newest {NEWEST_REPORTS}, and its release is not kept")
        kept = sequence in reasons
        yield Decision(kind="report", name=item.key, keep=kept, reason=reason, size_bytes=item.size_bytes)


def _decide_version(function: Function, version: str, facts: Facts, *, keep: int) -> Decision:
    reason = _version_reason(function, version, facts, keep=keep)
    return Decision(
        kind="version",
        name=f"{function.name}:{version}",
        keep=bool(reason),
        reason=reason or "no alias, stack or kept release needs it",
    )


def _version_reason(function: Function, version: str, facts: Facts, *, keep: int) -> str:
    for alias in function.aliases:
        if version == alias.version or version in alias.weights:
            return f"the alias {alias.name} sends traffic to it"
    if version in function.in_stack:
        return "the stack has it"
    if version in function.versions[-NEWEST_VERSIONS:]:
        return f"it is among the newest {NEWEST_VERSIONS}"
    reasons = kept_releases(facts.history, keep=keep)
    for record in facts.history.records:
        outputs = record.outcome.outputs.values() if record.outcome else ()
        if record.sequence in reasons and any(
            value.endswith(f":function:{function.name}:{version}") for value in outputs
        ):
            return reasons[record.sequence]
    return ""
