"""What the deployer does without changing the service: verify it, read a report, compare a release, have one refused.

Each ends in an error of its own when something may not be looked at; what mutants did to the service is no concern.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.aws.http_api import ApiCaller, IamAuthorization, no_authorization
from tapgen.deploy.change_sets.preview import preview
from tapgen.deploy.drift.detect import detect_drift
from tapgen.deploy.probes import ProbeAccess
from tapgen.deploy.state.observed_state import observe, read_history
from tapgen.deploy.state.recorded_templates import read_side
from tapgen.diff.compare import compare
from tapgen.diff.confirmation import confirm
from tapgen.diff.side import side_of
from tapgen.elements.templates import ROOT
from tapgen.engine.deployment import deployment_of
from tapgen.errors import AwsError
from tapgen.local.urls import public_url
from tapgen.naming import Names
from tapgen.object_keys import digest_of
from tapgen.proof.scenarios import StepFailedError
from tapgen.render import canonical_json
from tapgen.report.reading import read_stored
from tapgen.verification.deployed import Deployed
from tapgen.verification.verify import CHECKS, SMOKE_TESTS, run_check

if TYPE_CHECKING:
    from tapgen.config.environment import Environment
    from tapgen.deploy.request import DeployRequest
    from tapgen.deploy.state.observed_state import Situation
    from tapgen.engine.context import Context
    from tapgen.model import Rendered

_DENIED = ("denied", "the API refuses its caller")


def verifications(environment: Environment) -> dict[str, tuple[str, ...]]:
    """Parts of ``verify`` → their checks; the smoke test where it takes the deployer's own credentials.

    In parts, so that a mutant need not wait for all checks before the one that it fails.
    """
    parts: dict[str, list[str]] = {"the API": list(SMOKE_TESTS)} if environment.api.authorization == "IAM" else {}
    for name, check in CHECKS.items():
        parts.setdefault(check.__module__.rpartition(".")[2].removesuffix("_checks"), []).append(name)
    return {part: tuple(checks) for part, checks in parts.items()}


def verify(context: Context, environment: Environment, rendered: Rendered, checks: tuple[str, ...]) -> None:
    """Some of the checks of what is deployed."""
    situation = observe(context, deployment_of(rendered))
    if situation.survey is None:
        raise StepFailedError("verify", "nothing is deployed")
    url = public_url(str(context.aws.target.endpoint_url), situation.survey.root.outputs)
    deployed = Deployed(
        context=context,
        deployment=deployment_of(rendered),
        environment=environment,
        situation=situation,
        found=situation.survey,
        stranger=ApiCaller(url, no_authorization) if url else None,
        access=ProbeAccess(caller=ApiCaller(url, IamAuthorization(context.aws))) if url else None,
    )
    known = {**SMOKE_TESTS, **CHECKS}
    for name in checks:
        for finding in run_check(name, known[name], deployed):
            if finding.status in ("failed", "skipped") and any(word in finding.what for word in _DENIED):
                raise StepFailedError(f"verify {name}", finding.what.partition(": User:")[0])


def read_report(context: Context, rendered: Rendered) -> None:
    """Whether there is one or not: S3 hides what may not be read."""
    read_stored(context, deployment_of(rendered), 1)


def compare_online(context: Context, request: DeployRequest) -> None:
    """``diff --change-set``: the live release's templates and CloudFormation's own word."""
    situation, after = _observe(context, request), side_of(request.rendered, label="the proof's")
    live = situation.history.live
    if live is None:
        raise StepFailedError("diff", "the live release has no record")
    before = read_side(context, deployment_of(request.rendered), live.intent, label="the live release")
    difference = confirm(compare(before, after), preview(context, request, situation.history.root), after)
    if not difference.changed:
        raise StepFailedError("diff", "nothing differs")


def have_refused(context: Context, environment: Environment, request: DeployRequest) -> None:
    """A change set with a name that is taken: CloudFormation's validation says which, to those who may ask."""
    history = read_history(context, deployment_of(request.rendered))
    taken = Names(environment).function_log_group(environment.service.functions[0].name)
    refused = replace(request, rendered=_with_log_group(request.rendered, taken))
    try:
        preview(context, refused, history.root)
    except AwsError as error:
        if error.code != "names-taken":
            raise
        if taken not in error.why:
            raise StepFailedError("a refused change set", error.why.splitlines()[-1]) from error
        return
    raise StepFailedError("a refused change set", "it was not refused")


def _observe(context: Context, request: DeployRequest) -> Situation:
    return observe(context, deployment_of(request.rendered))


def _with_log_group(rendered: Rendered, name: str) -> Rendered:
    """The release with a log group of this name in its root stack."""
    root = next(template for template in rendered.templates if template.stack == ROOT)
    template = json.loads(root.body)
    template["Resources"]["TakenLogGroup"] = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}}
    body = canonical_json(template)
    changed = replace(root, body=body, digest=digest_of(body))
    return replace(rendered, templates=(*(each for each in rendered.templates if each is not root), changed))


def look_for_drift(context: Context, rendered: Rendered) -> None:
    """Compare everything, CloudFormation's part and what it does not see."""
    report = detect_drift(context, deployment_of(rendered))
    if report.failures:
        raise StepFailedError("drift", report.failures[0])
