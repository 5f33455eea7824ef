"""A rehearsal of a project: which release it begins from, and which function gets the faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.engine.context import Context
from tapgen.errors import TapgenError
from tapgen.events import Noted
from tapgen.rehearsal.baselines import choose_commit
from tapgen.rehearsal.live import find_live_release
from tapgen.rehearsal.rehearse import RehearsalRequest, rehearse
from tapgen.rehearsal.scenarios import SCENARIOS, enough_requests_per_min
from tapgen.rehearsal.subject import choose_subject
from tapgen.toolkit.bootstrap_request import bootstrap_request

if TYPE_CHECKING:
    from tapgen.events import Listener
    from tapgen.rehearsal.baselines import Baseline
    from tapgen.rehearsal.report import Report
    from tapgen.toolkit.terms import RehearsalTerms
    from tapgen.toolkit.workspace import Workspace


def rehearse_project(workspace: Workspace, terms: RehearsalTerms, *, listener: Listener) -> Report:
    """Rehearse; see ``Toolkit.rehearse``. The report is written beside the drawings."""
    environment, folder = workspace.environment, workspace.project.folder
    output = terms.output or folder / "build" / "rehearsal" / environment.label
    request = RehearsalRequest(
        project=folder,
        environment=environment,
        subject=choose_subject(environment.service, terms.function),
        baselines=_choose_baselines(workspace, terms, listener),
        scenarios=tuple(each for each in SCENARIOS if not terms.scenarios or each.name in terms.scenarios),
        requests_per_min=terms.requests_per_min or enough_requests_per_min(environment),
        minute_s=terms.minute_s,
        output=output,
        keep=terms.keep,
        bootstrapping=bootstrap_request,
    )
    report = rehearse(listener, request)
    report.write()
    return report


def _choose_baselines(workspace: Workspace, terms: RehearsalTerms, listener: Listener) -> tuple[Baseline, ...]:
    """What the candidate may replace, best first."""
    commit = choose_commit(workspace.project.folder, terms.baseline)
    # The embedded AWS of the project is asked when it runs; it is not started for a question.
    asleep = workspace.is_local and not workspace.project.local_aws.status().running
    if terms.baseline or terms.offline or asleep:
        return (commit,)
    context = Context(aws=workspace.make_aws(workspace.environment.region), emit=listener)
    try:
        return find_live_release(context, workspace.deployment), commit
    except TapgenError as error:
        text = f"the live release is not known ({error.what}); {commit.text} stands for it"
        listener(Noted(level="info", text=text, hint="--offline does not ask", code="live-release-unknown"))
        return (commit,)
