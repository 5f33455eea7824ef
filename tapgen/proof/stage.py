"""The stage of a proof: the service on an embedded AWS of its own, which ends with the proof.

Never the developer's: the proof breaks roles on purpose.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.aws.http_api import ApiCaller, BearerAuthorization, IamAuthorization, no_authorization
from tapgen.aws.roles import InlinePolicies
from tapgen.aws.session import Aws, Target
from tapgen.deploy.bootstrap import bootstrap
from tapgen.deploy.context import Context
from tapgen.deploy.pipeline import deploy
from tapgen.deploy.request import DeployRequest
from tapgen.iam.calls import read_calls
from tapgen.iam.stated import stated_for
from tapgen.local.authorizations import AuthorizationLog
from tapgen.local.server import LocalAws
from tapgen.local.urls import api_url
from tapgen.naming import HOOKS, Names
from tapgen.proof.prove import Prover, Subject
from tapgen.proof.scenarios import USER, api_scenario, archiver_scenario
from tapgen.proof.shifts import shift_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.aws.http_api import Authorization
    from tapgen.config.environment import Environment
    from tapgen.deploy.bootstrap import BootstrapRequest
    from tapgen.local.server import LocalStatus
    from tapgen.model import Rendered

_FUNCTIONS = ("api", "archiver")


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
    """The deployed service."""

    prover: Prover
    subjects: tuple[Subject, ...]


@contextmanager
def open_stage(play: Play) -> Iterator[Stage]:
    """Deploy, and forget everything afterwards.

    Raises:
        LocalError, DeploymentError: It could not be deployed.
        UsageError: The handlers' code cannot be read.
    """
    subjects = make_subjects(play.project, Names(play.environment))
    with tempfile.TemporaryDirectory(prefix="tapgen-proof-") as folder:
        local = LocalAws(Path(folder), lifetime="parent")
        play.tell("starting an embedded AWS for the proof")
        try:
            yield Stage(prover=_deploy(play, local.ensure_running()), subjects=subjects)
        finally:
            local.stop()


def make_subjects(project: Path, names: Names) -> tuple[Subject, ...]:
    """Every role of the service, with what its code calls and what can only be stated of it.

    Raises:
        UsageError: The handlers' code cannot be read.
    """
    stated = stated_for(names)
    folders = {
        **{names.function_role(role): role for role in _FUNCTIONS},
        **{names.hook_role(event): "hooks" for event in HOOKS},
        names.function_role("codedeploy"): "",
    }
    return tuple(
        Subject(
            role=role,
            folder=folder,
            stated=stated.get(role, ()),
            sites=read_calls(project, folder) if folder else (),
        )
        for role, folder in folders.items()
    )


def _deploy(play: Play, status: LocalStatus) -> Prover:
    """The service, deployed as ``tapgen deploy`` does, and its uses."""
    rendered, names = play.rendered, Names(play.environment)
    credentials = LocalAws.credentials(rendered.account_id)
    aws = Aws(
        Target(
            region=rendered.region,
            endpoint_url=status.endpoint_url,
            access_key_id=credentials.access_key_id,
            secret_access_key=credentials.secret_access_key,
        )
    )
    context = Context(aws=aws, emit=lambda _: None)
    play.tell(f"deploying {rendered.deployment} to it")
    bootstrap(context, play.bootstrap)
    outputs = deploy(context, DeployRequest(rendered=rendered, confirm=lambda _: True)).outputs
    caller = ApiCaller(api_url(status.endpoint_url, outputs["ApiId"]), _authorization(play, aws, status))
    log = AuthorizationLog(status.endpoint_url)
    return Prover(
        scenarios=(
            api_scenario(names, caller),
            archiver_scenario(names, aws),
            *(shift_scenario(role, names, aws, log) for role in _FUNCTIONS),
        ),
        log=log,
        policies=InlinePolicies(aws),
        tell=play.tell,
    )


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
