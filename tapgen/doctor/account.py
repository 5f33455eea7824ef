"""The account of an environment: how it is reached, as whom, and what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.aws.clock import measure_skew_s
from tapgen.aws.session import check_account
from tapgen.deploy.state.preflight import find_obstacle
from tapgen.engine.lock import read_lock
from tapgen.errors import AwsError, CredentialsError, TapgenError
from tapgen.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tapgen.aws.session import Region
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment

# AWS refuses a signature that is five minutes old (IAM user guide, "Elements of an AWS API request signature").
_REFUSED_SKEW_S, _NOTICED_SKEW_S = 300, 30


@dataclass(frozen=True, kw_only=True)
class Access:
    """How an environment's account is reached."""

    region: Region
    environ: Mapping[str, str]
    """Process environment, for what redirects calls."""
    endpoint_url: str | None
    is_local: bool


def examine_access(access: Access) -> Iterator[Finding]:
    """Region and endpoint, and what names them."""
    what = f"{access.region.name}, from {access.region.source}"
    yield Finding(check="region", status="passed", what=what)
    redirects = sorted(name for name in access.environ if name.startswith("AWS_ENDPOINT_URL"))
    if access.endpoint_url:
        yield Finding(check="endpoint", status="passed", what=access.endpoint_url)
    elif redirects and not access.is_local:
        what = ", ".join(f"{name}={access.environ[name]}" for name in redirects)
        why = "calls of a real environment go there"
        yield Finding(check="endpoint", status="warned", what=what, why=why, fix=f"unset {' '.join(redirects)}")
    else:
        yield Finding(check="endpoint", status="passed", what="AWS's own")


def examine_credentials(context: Context, deployment: Deployment) -> Iterator[Finding]:
    """Who the caller is, whether the account is the environment's, and whether the clocks agree.

    Yields:
        The first finding has the check ``credentials``: where it failed, nothing else can be asked.
    """
    try:
        check_account(context.aws, environment=deployment.environment, account_id=deployment.account_id)
        skew_s = measure_skew_s(context.aws)
    except (CredentialsError, AwsError) as error:
        yield _failure("credentials", error)
        return
    yield Finding(check="credentials", status="passed", what=context.aws.identity().arn)
    yield judge_skew(skew_s)


def judge_skew(skew_s: float | None) -> Finding:
    """Whether signatures of this machine's clock will be taken."""
    if skew_s is None:
        return Finding(check="clock", status="skipped", what="not compared", why="the answer names no time")
    what = f"{abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} AWS"
    fix = "set the clock: let it follow a time server"
    if abs(skew_s) >= _REFUSED_SKEW_S:
        return Finding(check="clock", status="failed", what=what, why="AWS refuses the signatures", fix=fix)
    if abs(skew_s) >= _NOTICED_SKEW_S:
        why = f"AWS refuses signatures from {_REFUSED_SKEW_S} s on"
        return Finding(check="clock", status="warned", what=what, why=why, fix=fix)
    return Finding(check="clock", status="passed", what=what)


def examine_deployment(context: Context, deployment: Deployment, *, bootstrap_stack: str) -> Iterator[Finding]:
    """Bootstrap's stack, the deployment's lock and its root stack."""
    examinations: dict[str, Callable[[], Finding]] = {
        "bootstrap": lambda: _examine_bootstrap(context, deployment, bootstrap_stack),
        "lock": lambda: _examine_lock(context, deployment),
        "stack": lambda: _examine_stack(context, deployment),
    }
    for check, examine in examinations.items():
        try:
            yield examine()
        except TapgenError as error:
            yield _failure(check, error)


def _examine_bootstrap(context: Context, deployment: Deployment, stack: str) -> Finding:
    state = stacks.describe_stack(context.aws.client("cloudformation"), stack)
    if state is None:
        return Finding(
            check="bootstrap",
            status="failed",
            what=f"there is no stack {stack}",
            why="the artifact bucket and the roles are in it",
            fix=f"tapgen bootstrap --env {deployment.environment}",
        )
    return Finding(check="bootstrap", status="passed", what=f"{stack} is {state.status}")


def _examine_lock(context: Context, deployment: Deployment) -> Finding:
    seen = read_lock(context, deployment.bucket, deployment.name)
    if seen is None:
        return Finding(check="lock", status="passed", what="nobody holds it")
    if seen.ended:
        fix = f"the next operation takes it over; `tapgen unlock {deployment.options}` breaks it now"
        return Finding(check="lock", status="warned", what=seen.holder.title, why=f"dead: {seen.ended}", fix=fix)
    fix = f"`tapgen attach {deployment.options}` follows what it does"
    return Finding(check="lock", status="warned", what=seen.holder.title, why="it is alive", fix=fix)


def _examine_stack(context: Context, deployment: Deployment) -> Finding:
    state = stacks.describe_stack(context.aws.client("cloudformation"), deployment.root_stack)
    if state is None:
        what = f"there is no stack {deployment.root_stack} yet"
        return Finding(check="stack", status="passed", what=what, fix=f"tapgen deploy {deployment.options}")
    error = find_obstacle(state, options=deployment.options)
    if error:
        return _failure("stack", error)
    return Finding(check="stack", status="passed", what=f"{state.name} is {state.status}")


def _failure(check: str, error: TapgenError) -> Finding:
    return Finding(check=check, status="failed", what=error.what, why=error.why, fix=error.hint)
