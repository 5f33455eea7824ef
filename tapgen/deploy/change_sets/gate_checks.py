"""Asks the gates about a change set, refuses what nobody allowed, and keeps what somebody did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tapgen.deploy.records.changes import walk_changes
from tapgen.errors import RefusedError, UsageError
from tapgen.gates.allowances import weigh
from tapgen.gates.exposure import find_exposures
from tapgen.gates.firewall import find_threats
from tapgen.gates.reachability import find_cuts
from tapgen.gates.stack_policy import GUARDED
from tapgen.gates.templates import ROOT, stacks_of
from tapgen.ledger.consents import NamedAllowances

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tapgen.deploy.request import DeployRequest
    from tapgen.deploy.state.live_templates import Baseline
    from tapgen.engine.context import Context
    from tapgen.gates.allowances import Allowances, Threat, Weighed
    from tapgen.model import Change, ChangeSet


@dataclass(frozen=True, kw_only=True)
class ApprovedChangeSet:
    """A change set that the gates have let through."""

    change_set: ChangeSet
    baseline: Baseline
    """What it changes."""
    allowed: tuple[str, ...] = ()
    """What was allowed by name, one sentence each."""
    exceptions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Stack → logical ids that its policy would keep from being replaced or deleted."""


def check_change_set(
    context: Context, request: DeployRequest, change_set: ChangeSet, baseline: Baseline
) -> ApprovedChangeSet:
    """Hold a change set against the data firewall, the reachability gate and the exposure gate.

    Raises:
        RefusedError: It would lose data, protect it less, take an address away from callers, or open something to
            everybody, and nobody allowed it.
        UsageError: A name was allowed that nothing needs.
    """
    allowances = request.allowances
    if change_set.kind == "CREATE":
        _refuse_unneeded(allowances.names)
        return ApprovedChangeSet(change_set=change_set, baseline=baseline)
    changes = tuple(walk_changes(change_set.changes))
    after = stacks_of(request.rendered)
    losses = (*find_threats(changes, baseline.templates, after), *find_cuts(baseline.templates, after))
    data = weigh(losses, allowances.replace)
    # Where data was adopted and nothing released, there is nothing that was closed before.
    exposed = find_exposures(baseline.templates, after) if baseline.has_release else ()
    open_ = weigh(exposed, allowances.public)
    refuse_lost(request, tuple(threat for threat in data.refused if threat.kind != "cut"))
    _refuse_cut(request, tuple(threat for threat in data.refused if threat.kind == "cut"))
    if not request.restores_exposure:
        _refuse_open(request, open_)
    _refuse_unneeded((*data.unneeded, *open_.unneeded))
    allowed = tuple(threat.text for threat in (*data.allowed, *open_.allowed))
    for text in allowed:
        context.warn(f"allowed by name: {text}", code="allowed")
    exceptions = _exceptions(changes, allowed={threat.path for threat in data.allowed})
    return ApprovedChangeSet(change_set=change_set, baseline=baseline, allowed=allowed, exceptions=exceptions)


def describe_allowances(context: Context, allowances: Allowances) -> NamedAllowances | None:
    """What the record says of names that were given; None without any."""
    if not allowances.names:
        return None
    return NamedAllowances(allowed_by=context.aws.identity().arn, replace=allowances.replace, public=allowances.public)


def refuse_lost(request: DeployRequest, refused: tuple[Threat, ...]) -> None:
    """Refuse threats to data that nobody allowed.

    Raises:
        RefusedError: There are some.
    """
    if refused:
        raise RefusedError(
            f"{request.rendered.deployment} would lose data, or protect it less",
            why="\n".join(threat.text for threat in refused),
            hint=f"keep what protects it, or allow each by name: {_switches('--allow-replace', refused)}",
            code="data-loss",
        )


def _refuse_cut(request: DeployRequest, refused: tuple[Threat, ...]) -> None:
    if refused:
        raise RefusedError(
            f"{request.rendered.deployment} would stop answering where callers may ask it",
            why="\n".join(threat.text for threat in refused),
            hint="a new address goes live beside the old one first (`api.domain.default_endpoint: true`); when the "
            f"callers have moved, allow each by name: {_switches('--allow-replace', refused)}",
            code="address-loss",
        )


def _refuse_open(request: DeployRequest, weighed: Weighed) -> None:
    if weighed.refused:
        raise RefusedError(
            f"{request.rendered.deployment} would be open to everybody where it is not now",
            why="\n".join(threat.text for threat in weighed.refused),
            hint=f"close it, or allow each by name: {_switches('--allow-public', weighed.refused)}",
            code="exposure",
        )


def _refuse_unneeded(names: Iterable[str]) -> None:
    unneeded = ", ".join(names)
    if unneeded:
        raise UsageError(
            f"nothing needs what was allowed: {unneeded}",
            why="names are exact: the path of a refusal, or its logical id; one that is left over would allow too much",
            hint="leave it out",
            code="allowance-unneeded",
        )


def _switches(option: str, threats: Iterable[Threat]) -> str:
    return " ".join(f"{option} {path}" for path in dict.fromkeys(threat.path for threat in threats))


def _exceptions(changes: Iterable[tuple[str, Change]], *, allowed: Collection[str]) -> dict[str, frozenset[str]]:
    """What the standing policies would keep from happening, which the firewall has let through.

    A nested stack without data is among it; what may be replaced and was not allowed to be is not.
    """
    found: dict[str, set[str]] = {}
    for path, change in changes:
        replaced = change.replacement == "True" or (change.replacement == "Conditional" and path in allowed)
        if change.resource_type in GUARDED and (change.action == "Remove" or replaced):
            stack, _, logical_id = path.rpartition(".")
            found.setdefault(stack or ROOT, set()).add(logical_id)
    return {stack: frozenset(names) for stack, names in found.items()}
