"""A release that takes several updates, because DynamoDB changes one index or one expiry of a table at a time.

Each update is a release of its own: content-addressed templates, a change set that is shown and confirmed, guards, a
record that says what it leads to. Whoever dies between two of them leaves a release that is whole; the next deploy
compares with what is live then, and goes on from there.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tapgen import object_keys
from tapgen.deploy.change_sets.gate_checks import refuse_lost
from tapgen.deploy.state.recorded_release import restore
from tapgen.engine.deployment import deployment_of
from tapgen.errors import RefusedError
from tapgen.gates.allowances import Allowances, weigh
from tapgen.gates.expiries import split_expiry_changes
from tapgen.gates.firewall import find_threats
from tapgen.gates.indexes import split_index_changes
from tapgen.gates.templates import stacks_of
from tapgen.ledger.consents import SuccessiveUpdate
from tapgen.ledger.history import find_live
from tapgen.model import RenderedTemplate
from tapgen.naming import RELEASE_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tapgen.deploy.request import DeployRequest
    from tapgen.deploy.state.live_templates import Baseline
    from tapgen.deploy.state.preflight import Ready
    from tapgen.engine.context import Context
    from tapgen.gates.allowances import Weighed
    from tapgen.gates.templates import Template
    from tapgen.gates.update_steps import UpdateStep
    from tapgen.ledger.record import Record
    from tapgen.model import Rendered


@dataclass(frozen=True, kw_only=True)
class Update:
    """One of the updates."""

    request: DeployRequest
    text: str = ""
    """Its number and what it does with the tables; empty for a release that takes one update."""
    expiries: tuple[str, ...] = ()
    """Tables whose expiry an update before this one turned off."""


def split(context: Context, request: DeployRequest, decision: Ready, baseline: Baseline) -> tuple[Update, ...]:
    """The updates that take the release live, the release itself last; it alone when one is enough.

    Raises:
        RefusedError: Updates under the live code are needed, and the live release has no record or its files are gone;
            or a later update would lose data, or protect it less, and nobody allowed it.
    """
    after = stacks_of(request.rendered)
    steps = split_expiry_changes(baseline.templates, after, split_index_changes(baseline.templates, after))
    if not steps:
        return (Update(request=request),)
    live_id = decision.state.parameters.get(RELEASE_PARAMETER, "") if decision.state else ""
    live = _read_live(context, request, live_id) if any(step.base == "live" for step in steps) else None
    updates = [_update(context, request, step, live) for step in steps]
    first = next(number for number, step in enumerate(steps) if step.base == "release")
    updates[first:] = _with_allowances(updates[first:], baseline)
    left = [(each, step) for each, step in zip(updates, steps, strict=True) if each.rendered.release_id != live_id]
    return tuple(
        replace(
            _numbered(each, f"{number} of {len(left)}: {step.text}", of=request.rendered.release_id),
            expiries=step.expiries,
        )
        for number, (each, step) in enumerate(left, start=1)
    )


def _with_allowances(updates: Sequence[DeployRequest], baseline: Baseline) -> list[DeployRequest]:
    """The updates with the release's code: each with the names that it needs, and the first with all that are left.

    Raises:
        RefusedError: A later one needs a name that was not given: said before the first one begins.
    """
    stacks = [stacks_of(update.rendered) for update in updates]
    names = updates[0].allowances.replace
    weighed = [weigh(find_threats((), old, new), names) for old, new in itertools.pairwise(stacks)]
    needed = [_needed(each, names) for each in weighed]
    for update, each in zip(updates[1:], weighed, strict=True):
        refuse_lost(update, each.refused)
    own = _needed(weigh(find_threats((), baseline.templates, stacks[0]), names), names)
    later = {name for each in needed for name in each}
    left = tuple(name for name in names if name in own or name not in later)
    return [
        replace(updates[0], allowances=replace(updates[0].allowances, replace=left)),
        *(
            replace(update, allowances=Allowances(replace=each))
            for update, each in zip(updates[1:], needed, strict=True)
        ),
    ]


def _needed(weighed: Weighed, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in weighed.unneeded)


def _read_live(context: Context, request: DeployRequest, live_id: str) -> Record:
    live = find_live(deployment_of(request.rendered).ledger(context).read_all(), live_id)
    if live is None:
        raise RefusedError(
            "several index changes take several updates, the first of them of the release that is live",
            why=f"the live release {live_id or '(none)'} has no record",
            hint="change one index with each deploy",
            code="index-changes",
        )
    return live


def _update(context: Context, request: DeployRequest, step: UpdateStep, live: Record | None) -> DeployRequest:
    if step.base == "release" or live is None:
        return replace(request, rendered=_with_templates(request.rendered, step.templates))
    before = restore(context, deployment_of(request.rendered), live, gradual=True)
    artifacts, purpose = live.intent.artifacts, request.purpose
    return replace(
        request,
        rendered=_with_templates(before, step.templates),
        allowances=Allowances(),
        purpose=lambda: replace(purpose(), artifacts=artifacts),
    )


def _numbered(request: DeployRequest, text: str, *, of: str) -> Update:
    """The update; its record says what it leads to, unless it is the release itself."""
    purpose = request.purpose
    if request.rendered.release_id == of:
        return Update(request=request, text=text)
    step = SuccessiveUpdate(of=of, text=text)
    return Update(request=replace(request, purpose=lambda: replace(purpose(), step=step)), text=text)


def _with_templates(rendered: Rendered, changed: Mapping[str, Template]) -> Rendered:
    """The release with other templates of some nested stacks: another root, and so another release."""
    if not changed:
        return rendered
    root = rendered.root.body.decode()
    templates = {template.key: template for template in rendered.templates}
    for stack, template in changed.items():
        url = json.dumps(json.loads(rendered.root.body)["Resources"][stack]["Properties"]["TemplateURL"])
        old = next(each for each in rendered.templates if each.key in url)
        new = _template(old.stack, template)
        templates[old.key] = new
        root = root.replace(old.key, new.key)
    made_root = _template(rendered.root.stack, json.loads(root))
    release_id = made_root.digest[: len(rendered.release_id)]
    children = [template for key, template in templates.items() if key != rendered.root.key]
    return replace(
        rendered,
        templates=(*children, made_root),
        release_id=release_id,
        parameters={**rendered.parameters, RELEASE_PARAMETER: release_id},
    )


def _template(stack: str, template: Template) -> RenderedTemplate:
    body = json.dumps(template, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return RenderedTemplate(
        stack=stack, body=body, digest=object_keys.digest_of(body), resource_count=len(template["Resources"])
    )
