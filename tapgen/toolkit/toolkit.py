"""The public library interface: what `tapgen` does, for a pipeline or a test that wants no shell.

The command line is built on it. It asks nobody: consent is a function that the caller gives. It prints nothing: what
happens goes to a listener as events, and what came of it is returned as a value.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.toolkit.comparison import LIVE
from tapgen.toolkit.project import Project
from tapgen.toolkit.selection import Selection
from tapgen.toolkit.terms import Execution, RehearsalTerms, RollbackTerms, Terms
from tapgen.toolkit.workspace import Workspace, ignore

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from tapgen.deploy.plans.document import SealedPlan
    from tapgen.diff.difference import Difference
    from tapgen.engine.context import Context
    from tapgen.engine.interrupts import Interrupts
    from tapgen.events import Listener, Result
    from tapgen.findings import Finding
    from tapgen.model import ChangeSet, Rendered
    from tapgen.rehearsal.report import Report
    from tapgen.toolkit.status import Status
    from tapgen.toolkit.terms import Ending


class Toolkit:
    """The operations of one deployment.

    Every method raises a ``tapgen.errors.TapgenError`` when it cannot do what it is asked: with what happened, why,
    what to do next, a code and the exit code that the command would have.

    Args:
        selection: An environment's name, or a ``Selection`` with suffix, profile, region and endpoint.
        project: The project's folder; None looks from the working folder upwards.
        listener: Called with each event of ``tapgen.events``, in the order in which they happen.
        interrupts: What an operator may do while an operation is followed; None lets Ctrl-C raise KeyboardInterrupt.
        workspace: Clients and names, where the caller has them already.
    """

    def __init__(
        self,
        selection: Selection | str,
        *,
        project: Path | str | None = None,
        listener: Listener = ignore,
        interrupts: Interrupts | None = None,
        workspace: Workspace | None = None,
    ) -> None:
        chosen = Selection(environment=selection) if isinstance(selection, str) else selection
        opened = Project(named=Path(project) if project is not None else None)
        self._workspace = workspace or Workspace(opened, chosen, listener=listener)
        self._listener = listener
        self._interrupts = interrupts

    def render(self) -> Rendered:
        """Templates, artifacts and the manifest of the release; needs no credentials.

        Returns:
            The release: a template for each nested stack, its artifacts, its id. It is also in ``build/``.

        Raises:
            ConfigError: The configuration or the service has faults; all of them are listed.
        """
        return self._workspace.rendered

    def diff(self, against: str = LIVE) -> Difference:
        """What separates the project from what is live, from a release, or from a git revision.

        Args:
            against: ``live``, a release's number or id, or a git revision, which needs no credentials.

        Raises:
            UsageError: There is no such release or revision.
        """
        from tapgen.toolkit.comparison import compare_with

        return compare_with(self._workspace, against)

    def diff_with_change_set(self) -> Difference:
        """What separates the project from what is live, with CloudFormation's own change set beside.

        Raises:
            CredentialsError: The credentials are of another account.
        """
        from tapgen.toolkit.comparison import compare_with_change_set

        return compare_with_change_set(self._workspace)

    def plan(self, output: Path, *, expires_in: timedelta, terms: Terms | None = None) -> Result:
        """Make the change set, leave it in place, and write the sealed plan to ``output``.

        Returns:
            ``prepared``, or ``unchanged`` when there is nothing to plan and no file was written.
        """
        from tapgen.deploy.plans.make import make_plan
        from tapgen.files import replace_file
        from tapgen.toolkit.deploy_request import make_request

        context = self._context(self._workspace.rendered.region)
        request = make_request(self._workspace, context, terms or Terms())
        result, file = make_plan(context, request, expires_in=expires_in)
        if file:
            replace_file(output, file)
            options = self._workspace.selection.options
            context.tell(
                f"written to {output}; `tapgen deploy {options} --plan {output}` executes it", code="plan-written"
            )
        return result

    def deploy(
        self, *, confirm: Callable[[ChangeSet], bool], terms: Terms | None = None, until: Ending = "live"
    ) -> Result:
        """Render, make the change set, and execute it when ``confirm`` agrees; follow it to its verdict.

        Args:
            confirm: Called with the change set, after the gates; False declines. ``accept`` agrees to all.
            terms: Allowances, and what else is said besides the release.
            until: ``live``; ``change-set`` leaves it unexecuted; ``started`` leaves when the execution has begun.

        Returns:
            ``unchanged``, ``done`` with outputs, ``prepared``, ``declined``, or ``started``.

        Raises:
            RefusedError: A gate, the lock, or a guard that is in ALARM.
            DeploymentError: It failed and was rolled back; ``why`` is the first real cause.
        """
        from tapgen.toolkit.deploying import deploy_project

        context = self._context(self._workspace.rendered.region)
        return deploy_project(self._workspace, context, Execution(confirm=confirm, terms=terms or Terms(), until=until))

    def deploy_plan(
        self,
        plan: SealedPlan | Path,
        *,
        confirm: Callable[[ChangeSet], bool],
        terms: Terms | None = None,
        until: Ending = "live",
    ) -> Result:
        """Execute exactly what was sealed, or be refused with what moved; the project is not rendered.

        Raises:
            RefusedError: Something that the plan was made against is no longer as it was.
        """
        from tapgen.toolkit.deploying import deploy_sealed
        from tapgen.toolkit.plan_file import read_plan

        sealed = read_plan(plan) if isinstance(plan, Path) else plan
        context = self._context(self._workspace.environment.region)
        execution = Execution(confirm=confirm, terms=terms or Terms(), until=until)
        return deploy_sealed(self._workspace, context, sealed, execution)

    def attach(self) -> Result:
        """Follow the operation that runs on the deployment to its verdict, whoever began it.

        Raises:
            RefusedError: Nothing runs.
        """
        from tapgen.toolkit.deploying import attach_running

        return attach_running(self._workspace, self._context(self._workspace.environment.region))

    def status(self) -> Status:
        """Stacks, live release, aliases, running shifts, guards and lock as they are, and what to do next."""
        from tapgen.toolkit.status import read_status

        return read_status(self._workspace)

    def rollback(self, *, confirm: Callable[[ChangeSet], bool], terms: RollbackTerms | None = None) -> Result:
        """Take an earlier release live again, or stop the one that is on its way.

        Raises:
            UsageError: Nothing is deployed, or there is no such release.
        """
        from tapgen.toolkit.deploying import roll_back

        context = self._context(self._workspace.environment.region)
        return roll_back(self._workspace, context, terms or RollbackTerms(), confirm=confirm)

    def verify(self) -> tuple[Finding, ...]:
        """Whether what is deployed works and is protected as configured; nothing is left behind.

        Raises:
            UsageError: Nothing is deployed.
        """
        from tapgen.toolkit.verifying import look
        from tapgen.verification.verify import verify

        return tuple(verify(look(self._workspace)))

    def rehearse(self, terms: RehearsalTerms | None = None) -> Report:
        """Play a rollout and its failures on a private embedded AWS.

        Returns:
            A verdict for each scenario; ``passed`` when each ended as it must. ``folder`` has timelines and drawings.
        """
        from tapgen.toolkit.rehearsing import rehearse_project

        return rehearse_project(self._workspace, terms or RehearsalTerms(), listener=self._listener)

    def _context(self, region: str) -> Context:
        return self._workspace.make_context(self._listener, region=region, interrupts=self._interrupts)
