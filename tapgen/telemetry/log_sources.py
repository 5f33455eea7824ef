"""Which log groups a deployment has, and which versions are meant by ``live`` and ``new``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.errors import UsageError
from tapgen.naming import LIVE_ALIAS
from tapgen.telemetry.log_lines import ACCESS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.aws.session import Aws
    from tapgen.naming import Names
    from tapgen.service.model import Model

LIVE, NEW = "live", "new"
HOOKS_CHOICE = "hooks"
"""What ``--function`` takes for both hooks; they run as they are, without versions."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One log group, and whose lines of it are wanted."""

    name: str
    """A function's name, ``hook-before``, ``hook-after`` or ``access``."""
    group: str
    version: str = ""
    """The one version that is wanted; all when empty."""

    def admits(self, version: str) -> bool:
        """Whether a line of this version is wanted."""
        return not self.version or version == self.version


def list_choices(service: Model) -> tuple[str, ...]:
    """What ``--function`` takes: the service's functions, ``hooks``, and ``access`` where there is an API."""
    access = (ACCESS,) if service.api else ()
    return (*(function.name for function in service.functions), HOOKS_CHOICE, *access)


def list_sources(names: Names, service: Model, wanted: Sequence[str] = ()) -> tuple[Source, ...]:
    """The log groups of a deployment, those of the wanted choices alone when there are any.

    Raises:
        UsageError: A choice is none of the service's.
    """
    choices = list_choices(service)
    for choice in wanted:
        if choice not in choices:
            raise UsageError(
                f"there is no function {choice!r}",
                why=f"the choices are {', '.join(choices)}",
                hint="choose one of them with --function",
                code="unknown-function",
            )
    groups = {
        **{role: ((role, names.function_log_group(role)),) for role in names.functions},
        HOOKS_CHOICE: tuple((f"hook-{hook}", names.hook_log_group(hook)) for hook in names.hooks),
        ACCESS: ((ACCESS, names.access_log_group),),
    }
    return tuple(
        Source(name=name, group=group)
        for choice in choices
        if not wanted or choice in wanted
        for name, group in groups[choice]
    )


def narrow_to_version(aws: Aws, names: Names, sources: Sequence[Source], version: str) -> tuple[Source, ...]:
    """The sources that have versions, each narrowed to the one that is meant.

    Args:
        aws: Clients; asked for ``live`` and ``new`` alone.
        names: Of the deployment.
        sources: What to look at.
        version: ``live``, ``new`` or a number. ``new`` is the version that a shift is moving traffic to, whether it has
            any yet or is still being judged by its hook.

    Raises:
        UsageError: No function among the sources has such a version.
    """
    versioned = [source for source in sources if source.name in names.functions]
    if not versioned:
        raise UsageError(
            f"--version {version} says nothing here: only {', '.join(names.functions)} have versions",
            hint="leave --version away, or look at one of them with --function",
            code="no-version",
        )
    found = [
        Source(name=item.name, group=item.group, version=_resolve(aws, names, item, version)) for item in versioned
    ]
    narrowed = tuple(source for source in found if source.version)
    if not narrowed:
        raise _missing(version, [source.name for source in versioned])
    return narrowed


def _resolve(aws: Aws, names: Names, source: Source, version: str) -> str:
    # What the command line offers is read from here at every press of Tab: without botocore.
    from tapgen.aws import functions, shifts

    if version not in (LIVE, NEW):
        return version
    alias = functions.read_alias(aws.client("lambda"), names.function(source.name), LIVE_ALIAS)
    if version == LIVE:
        return alias.version if alias else ""
    if alias and alias.weights:
        return next(iter(alias.weights))
    application, group = names.application_of(source.name), names.deployment_group(source.name)
    running = shifts.list_unfinished(aws, application, group)
    return shifts.read_target_version(aws, running[0]) if running else ""


def _missing(version: str, roles: Sequence[str]) -> UsageError:
    whose = " or ".join(roles)
    if version == NEW:
        return UsageError(
            f"no shift of {whose} is running: there is no new version",
            hint="`--version live` shows the live one; `tapgen status` tells what runs",
            code="no-shift",
        )
    return UsageError(
        f"{whose} has no alias {LIVE_ALIAS!r}", hint="is it deployed? see `tapgen status`", code="not-deployed"
    )
