"""Deploy, sealed deploy, attach and rollback of a workspace, each with the report of its release and its probes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.report.reporter import ReleaseReporter
from tapgen.toolkit.deploy_request import make_marker, make_request
from tapgen.toolkit.probes import make_probes, watch_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.plans.document import SealedPlan
    from tapgen.engine.context import Context
    from tapgen.events import Result
    from tapgen.model import ChangeSet
    from tapgen.toolkit.terms import Execution, RollbackTerms
    from tapgen.toolkit.workspace import Workspace


def deploy_project(workspace: Workspace, context: Context, execution: Execution) -> Result:
    """Deploy the project as it is; see ``Toolkit.deploy``."""
    from tapgen.deploy.release.deploy import deploy
    from tapgen.engine.deployment import deployment_of

    rendered = workspace.rendered
    reporter = ReleaseReporter(context, deployment_of(rendered), rendered)
    reported = reporter.context
    request = replace(
        make_request(workspace, reported, execution.terms),
        confirm=execution.confirm,
        execute=execution.until != "change-set",
        detach=execution.until == "started",
        reporter=reporter,
    )
    result = watch_on(workspace, reported, rendered.shift, deploy(reported, request), probes=request.probes)
    return workspace.with_local_outputs(result)


def deploy_sealed(workspace: Workspace, context: Context, plan: SealedPlan, execution: Execution) -> Result:
    """Execute a sealed plan; see ``Toolkit.deploy_plan``."""
    from tapgen.deploy.plans.execute import PlanRequest, deploy_plan

    deployment, policy = workspace.deployment, plan.shift
    reporter = ReleaseReporter(context, deployment)
    reported = reporter.context
    probes = make_probes(workspace, reported, policy, root_stack=deployment.root_stack)
    request = PlanRequest(
        plan=plan,
        deployment=deployment,
        confirm=execution.confirm,
        marker=make_marker(workspace, deployment.name),
        detach=execution.until == "started",
        wait=execution.terms.wait,
        probes=probes,
        reporter=reporter,
    )
    return workspace.with_local_outputs(
        watch_on(workspace, reported, policy, deploy_plan(reported, request), probes=probes)
    )


def attach_running(workspace: Workspace, context: Context) -> Result:
    """Follow what runs; see ``Toolkit.attach``."""
    from tapgen.config.shift import shift_policy
    from tapgen.deploy.release.attach import AttachRequest, attach

    deployment, policy = workspace.deployment, shift_policy(workspace.environment)
    reporter = ReleaseReporter(context, deployment)
    reported = reporter.context
    probes = make_probes(workspace, reported, policy, root_stack=deployment.root_stack)
    request = AttachRequest(deployment=deployment, policy=policy, probes=probes, reporter=reporter)
    return workspace.with_local_outputs(watch_on(workspace, reported, policy, attach(reported, request), probes=probes))


def roll_back(
    workspace: Workspace, context: Context, terms: RollbackTerms, *, confirm: Callable[[ChangeSet], bool]
) -> Result:
    """Go back; see ``Toolkit.rollback``."""
    from tapgen.deploy.rollback.execute import RollbackRequest, rollback

    deployment = workspace.deployment
    reporter = ReleaseReporter(context, deployment)
    request = RollbackRequest(
        deployment=deployment,
        confirm=confirm,
        confirm_stop=terms.confirm_stop,
        to=terms.to,
        gradual=terms.gradual,
        role_arn=terms.role_arn,
        allow_replace=terms.allow_replace,
        wait=terms.wait,
        reporter=reporter,
    )
    return workspace.with_local_outputs(rollback(reporter.context, request))
