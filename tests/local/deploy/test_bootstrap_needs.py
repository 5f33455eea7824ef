"""A release that needs more than bootstrap has let is refused before anything is executed."""

from __future__ import annotations

import dataclasses
import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.bootstrap import BootstrapRequest, bootstrap
from tapgen.errors import ExitCode, RefusedError, UsageError
from tapgen.iam.needs import POLICIES_OUTPUT
from tapgen.naming import Names
from tapgen.templates.blueprint import needs_of
from tapgen.templates.bootstrap import build_bootstrap, make_blueprint
from tapgen.validation.bootstrap import check_bootstrap
from tapgen.validation.subject import Subject
from tests.local.deploy.service import REGION
from tests.unit.templates.variants import environment

if TYPE_CHECKING:
    from tapgen.config.environment import Environment
    from tapgen.findings import Finding
    from tests.local.deploy.service import Service


@pytest.fixture(name="environment")
def _environment() -> Environment:
    made = environment("dev", project=f"shop{uuid.uuid4().hex[:8]}", artifact_bucket=None)
    return dataclasses.replace(made, region=REGION, account_id="000000000000")


def _bootstrap(service: Service, environment: Environment, template: dict[str, Any]) -> None:
    request = BootstrapRequest(
        environment=environment.name,
        account_id=environment.account_id,
        stack=Names(environment).bootstrap_stack,
        template_body=json.dumps(template),
        tags={},
    )
    bootstrap(service.context, request)


def _narrower(template: dict[str, Any]) -> dict[str, Any]:
    """As an older tapgen has made it: one action less in the boundary, and no digest of this one."""
    older: dict[str, Any] = json.loads(json.dumps(template))
    for statement in older["Resources"]["Boundary"]["Properties"]["PolicyDocument"]["Statement"]:
        if statement["Sid"] == "Topics":
            statement["Action"] = ["sns:GetTopicAttributes"]
    older["Outputs"][POLICIES_OUTPUT]["Value"] = "0" * 32
    return older


def _calls(service: Service) -> list[str]:
    calls: list[str] = []
    client = service.aws.client("cloudformation")
    client.meta.events.register("before-call.*", lambda model, **_: calls.append(model.name))
    return calls


def _order(environment: Environment) -> dict[str, Any]:
    templates = make_blueprint(environment).templates
    return {
        "bootstrap_stack": Names(environment).bootstrap_stack,
        "needs": lambda: needs_of(environment, templates),
        # The small service's own stacks are no matter here.
        "execute": False,
    }


def test_a_stale_bootstrap_is_refused_with_the_difference(service: Service, environment: Environment) -> None:
    """Exit code 3, the action and its resource, and the command that helps; no change set was made."""
    _bootstrap(service, environment, _narrower(build_bootstrap(environment)))
    calls = _calls(service)

    with pytest.raises(RefusedError) as caught:
        service.deploy(**_order(environment))

    error = caught.value
    assert (error.exit_code, error.code) == (ExitCode.REFUSED, "bootstrap-stale")
    assert error.why.startswith("the boundary lacks sns:Publish on arn:")
    assert "tapgen bootstrap --env dev" in error.hint
    assert "CreateChangeSet" not in calls
    assert calls.count("GetTemplate") == 1


def test_a_fresh_bootstrap_costs_no_call(service: Service, environment: Environment) -> None:
    """The stack's outputs say it, which a deploy reads for the role anyway; its template is not read."""
    _bootstrap(service, environment, build_bootstrap(environment))
    calls = _calls(service)

    assert service.deploy(**_order(environment)).status == "prepared"
    assert "GetTemplate" not in calls


def test_one_that_has_more_is_good_enough(service: Service, environment: Environment) -> None:
    """Another digest and nothing that lacks: a newer tapgen's, or that of a release with more parts."""
    template = json.loads(json.dumps(build_bootstrap(environment)))
    template["Resources"]["Boundary"]["Properties"]["PolicyDocument"]["Statement"][0]["Action"].append(
        "dynamodb:UpdateTable"
    )
    template["Outputs"][POLICIES_OUTPUT]["Value"] = "1" * 32
    _bootstrap(service, environment, template)

    assert service.deploy(**_order(environment)).status == "prepared"


def test_the_embedded_aws_bootstraps_itself(service: Service, environment: Environment) -> None:
    """Where nobody else uses the account, a stale bootstrap is brought up to date on the way."""
    template = build_bootstrap(environment)
    _bootstrap(service, environment, _narrower(template))
    order = _order(environment) | {"create_bucket": lambda: _bootstrap(service, environment, template)}

    assert service.deploy(**order).status == "prepared"


def test_validate_tells_it_before(service: Service, environment: Environment) -> None:
    """A stale bootstrap is a finding that fails, with what lacks and the command; a fresh one passes."""
    templates = make_blueprint(environment).templates

    def look() -> Finding:
        subject = Subject(
            context=service.context,
            rendered=service.render(),
            state=None,
            role_arn=None,
            bootstrap_stack=Names(environment).bootstrap_stack,
            needs=lambda: needs_of(environment, templates),
        )
        (finding,) = check_bootstrap(subject)
        return finding

    assert look().status == "failed"
    _bootstrap(service, environment, _narrower(build_bootstrap(environment)))
    stale = look()
    assert (stale.status, "sns:Publish" in stale.why) == ("failed", True)
    _bootstrap(service, environment, build_bootstrap(environment))
    assert look().status == "passed"


def test_no_bootstrap_at_all_is_told(service: Service, environment: Environment) -> None:
    """Nobody has made the roles yet."""
    with pytest.raises(UsageError, match="has no execution role"):
        service.deploy(**_order(environment))
