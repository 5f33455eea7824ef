"""The stage of a proof: the service on an embedded AWS of its own, which ends with the proof.

Never the developer's: the proof breaks roles on purpose.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.aws.api_transport import LATEST, ApiTransport, invoke_alias
from tapgen.aws.event_sources import SourceSender
from tapgen.aws.http_api import ApiCaller, BearerAuthorization, IamAuthorization, no_authorization
from tapgen.aws.roles import RolePolicies
from tapgen.aws.session import Aws, Target
from tapgen.deploy.bootstrap import bootstrap
from tapgen.deploy.release.deploy import deploy
from tapgen.deploy.request import DeployRequest
from tapgen.engine.context import Context
from tapgen.iam.execution import execution_reasons
from tapgen.local.authorizations import AuthorizationLog
from tapgen.local.server import LocalAws
from tapgen.local.stand_ins import stand_in
from tapgen.local.urls import public_url
from tapgen.naming import DEPLOYER_ROLE_OUTPUT, EXECUTION_ROLE_OUTPUT, LIVE_ALIAS, Names
from tapgen.proof.deploying import Deploying, with_canary
from tapgen.proof.derived import compare_execution
from tapgen.proof.operations import Operations
from tapgen.proof.prove import Prover, Subject
from tapgen.proof.scenarios import USER, function_scenarios
from tapgen.proof.shifts import shift_scenario
from tapgen.proof.subjects import deployer_subjects, make_subjects
from tapgen.render import render
from tapgen.service.tried import tried_of
from tapgen.templates.bootstrap import build_bootstrap, make_blueprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.aws.http_api import Authorization
    from tapgen.config.environment import Environment
    from tapgen.deploy.bootstrap import BootstrapRequest
    from tapgen.iam.execution import Blueprint
    from tapgen.local.server import LocalStatus
    from tapgen.model import Rendered
    from tapgen.proof.scenarios import Scenario

_SUFFIX = "second"
_OF_SECOND = frozenset(
    {
        "status",
        "verify",
        "drift",
        "a declined deploy",
        "deploy",
        "a deploy that is stopped",
        "a deploy that a hook refuses",
    }
)
"""What acts on each pattern of names with a suffix."""


@dataclass(frozen=True, kw_only=True)
class Play:
    """What is staged.

    Attributes:
        project: The folder with ``handlers/``.
        environment: Its configuration.
        rendered: The release.
        bootstrap: What the release needs before it can be deployed.
        tell: Hears what is being done.
    """

    project: Path
    environment: Environment
    rendered: Rendered
    bootstrap: BootstrapRequest
    tell: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The deployed service.

    Attributes:
        prover: Proves its roles.
        subjects: The roles that are used for real.
        policies: Of all its roles.
        aws: Clients of the account's root user.
        blueprint: What the execution role is derived from.
    """

    prover: Prover
    subjects: tuple[Subject, ...]
    policies: RolePolicies
    aws: Aws
    blueprint: Blueprint

    def compare_execution(self) -> tuple[str, ...]:
        """Where CloudFormation's role differs from what the templates need."""
        role = self.blueprint.names.execution_role
        return tuple(compare_execution(role, self.policies.attached(role), execution_reasons(self.blueprint)))


@contextmanager
def open_stage(play: Play) -> Iterator[Stage]:
    """Deploy, and forget everything afterwards.

    Raises:
        LocalError, DeploymentError: It could not be deployed.
        UsageError: The handlers' code cannot be read.
    """
    service = make_subjects(play.project, Names(play.environment), play.environment.service)
    play = _staged(play)
    for subject in service:
        if subject.unread:
            play.tell(f"{subject.role}: what its code calls is not compared with what it uses: {subject.unread}")
    with tempfile.TemporaryDirectory(prefix="tapgen-proof-") as folder:
        local = LocalAws(Path(folder), lifetime="parent", save="stop")
        play.tell("starting an embedded AWS for the proof")
        try:
            aws = _clients(play, local.ensure_running())
            prover, operations = _deploy(play, aws, local.status())
            blueprint = make_blueprint(play.environment)
            execution = Subject(role=operations.role, stated=operations.untried(blueprint, _templates(play)))
            yield Stage(
                prover=prover,
                subjects=(*service, *deployer_subjects(play.environment), execution),
                policies=RolePolicies(aws),
                aws=aws,
                blueprint=blueprint,
            )
        finally:
            local.stop()


def _templates(play: Play) -> Iterator[dict[str, Any]]:
    yield from (json.loads(template.body) for template in play.rendered.templates)


def _staged(play: Play) -> Play:
    """As it is; where somebody deploys, with the canary that he deploys with, which the execution role has to cover."""
    if not tuple(deployer_subjects(play.environment)):
        return play
    environment = with_canary(play.environment)
    body = json.dumps(build_bootstrap(environment), sort_keys=True)
    return dataclasses.replace(
        play,
        environment=environment,
        rendered=render(environment, play.rendered.artifacts),
        bootstrap=dataclasses.replace(play.bootstrap, template_body=body),
    )


def _clients(play: Play, status: LocalStatus) -> Aws:
    """Of the account's root user."""
    credentials = LocalAws.credentials(play.rendered.account_id)
    return Aws(
        Target(
            region=play.rendered.region,
            endpoint_url=status.endpoint_url,
            access_key_id=credentials.access_key_id,
            secret_access_key=credentials.secret_access_key,
        )
    )


def _deploy(play: Play, aws: Aws, status: LocalStatus) -> tuple[Prover, Operations]:
    """The service, deployed as ``tapgen deploy`` does, and its uses."""
    rendered, names = play.rendered, Names(play.environment)
    context = Context(aws=aws, emit=lambda _: None)
    play.tell(f"deploying {rendered.deployment} to it")
    stand_in(aws, play.environment)
    made = bootstrap(context, play.bootstrap).outputs
    request = DeployRequest(rendered=rendered, confirm=lambda _: True, bootstrap_stack=names.bootstrap_stack)
    outputs = deploy(context, request).outputs
    second = _deploy_second(play, context)
    log = AuthorizationLog(status.endpoint_url)
    operations = Operations(
        endpoint_url=str(status.endpoint_url), role_arn=made[EXECUTION_ROLE_OUTPUT], region=rendered.region
    )
    prover = Prover(
        scenarios=(
            *_functions(play, aws, status, public_url(status.endpoint_url, outputs)),
            *(shift_scenario(role, names, aws, log) for role in names.functions),
            *_deploying(play, second, aws, status, role_arn=made.get(DEPLOYER_ROLE_OUTPUT, "")),
            *operations.scenarios(),
        ),
        log=log,
        policies=RolePolicies(aws),
        tell=play.tell,
    )
    return prover, operations


def _functions(play: Play, aws: Aws, status: LocalStatus, url: str) -> Iterator[Scenario]:
    """Every function by its journey; one that proves little says so."""
    names = Names(play.environment)
    caller = ApiCaller(url, _authorization(play, aws, status)) if url else None
    for tried in tried_of(play.environment.service):
        if tried.journey.weak:
            play.tell(f"the {tried.function} function: {tried.journey.weak}")
        function = names.function(tried.function)
        transport = ApiTransport(
            caller=caller,
            subject=USER if play.environment.api.jwt else "",
            # Its newest code: a change of its configuration starts that cold, and no published version.
            invoke=invoke_alias(aws, function, alias=LATEST),
            send_to_source=SourceSender(aws, function, alias=LIVE_ALIAS).send,
        )
        yield from function_scenarios(names, tried, transport, aws)


def _deploy_second(play: Play, context: Context) -> Play | None:
    """Another deployment of the environment, on which its roles' patterns for suffixes act; production has none.

    Its API asks IAM for its callers, so that the deployer's own requests are proven, too.
    """
    if play.environment.production:
        return None
    environment = dataclasses.replace(
        play.environment,
        suffix=None if play.environment.suffix else _SUFFIX,
        # The first deployment has the domain name.
        api=dataclasses.replace(play.environment.api, authorization="IAM", domain=None),
    )
    rendered = render(environment, play.rendered.artifacts)
    play.tell(f"deploying {rendered.deployment} to it")
    bootstrap_stack = Names(environment).bootstrap_stack
    deploy(context, DeployRequest(rendered=rendered, confirm=lambda _: True, bootstrap_stack=bootstrap_stack))
    return dataclasses.replace(play, environment=environment, rendered=rendered)


def _deploying(play: Play, second: Play | None, aws: Aws, status: LocalStatus, *, role_arn: str) -> Iterator[Scenario]:
    """The deployer at work, where the environment has one: all it does on one deployment, the rest on the second."""
    for staged in (play, second) if role_arn else ():
        if staged is None:
            continue
        names = Names(staged.environment)
        yield from Deploying(
            environment=staged.environment,
            rendered=staged.rendered,
            owner=aws,
            role_arn=role_arn,
            bystanders=frozenset(
                {
                    names.execution_role,
                    *(subject.role for subject in make_subjects(staged.project, names, staged.environment.service)),
                }
            ),
            minute_s=status.minute_s or 60.0,
            whose="" if staged is play else f" of {names.deployment}",
            commands=frozenset() if staged is play else _OF_SECOND,
        ).scenarios()


def _authorization(play: Play, aws: Aws, status: LocalStatus) -> Authorization:
    """What the API wants to see of its callers."""
    api = play.environment.api
    if api.authorization == "IAM":
        return IamAuthorization(aws)
    if api.jwt is None:
        return no_authorization
    from tapgen.local.tokens import Claims, mint

    claims = Claims(issuer=api.jwt.issuer, audience=api.jwt.audiences[0], subject=USER)
    return BearerAuthorization(mint(status.state_dir, claims))
