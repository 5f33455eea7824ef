"""How each function is tried: checks on its new version, what they leave behind, and a call through the live alias."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from handlers.hooks.api_checks import Journey, call_health, delete_all, list_all
from handlers.hooks.archiver_checks import call_with_nothing
from handlers.hooks.invocations import CLEAN_UP_RESERVE_S, Functions, Qualified
from handlers.hooks.verdict import CheckFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from handlers.hooks.deployments import Deployment
    from handlers.hooks.verdict import Log

# An alias that has just been moved may send a call to the old version for some seconds.
_LOOKS = 10
_PAUSE_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a trial works with.

    Args:
        functions: Calls functions.
        function_arn: ARN of the function on trial, without a qualifier.
        remaining_s: How many seconds the hook still has.
        timeout_s: How many it had when it began: no hook works longer.
        log: Gets a line for each check.
    """

    functions: Functions
    function_arn: str
    remaining_s: Callable[[], float]
    timeout_s: float
    log: Log

    def qualified(self, qualifier: str, **options: Any) -> Qualified:
        """A version or an alias of the function."""
        return Qualified(self.functions, f"{self.function_arn}:{qualifier}", self.remaining_s, **options)


class Trial(Protocol):
    """The checks of one function; both raise ``CheckFailedError``."""

    def check(self, deployment: Deployment, bench: Bench) -> None:
        """Try the target version."""

    def call(self, check: str, qualified: Qualified) -> str:
        """Make one call that changes nothing; answers which version executed it."""


class ApiTrial:
    """The API function: a journey, and whatever it takes to leave nothing behind."""

    def check(self, deployment: Deployment, bench: Bench) -> None:
        """Try the target version.

        Raises:
            CheckFailedError: The first check that fails; what the journey made is deleted by then.
        """
        target = bench.qualified(deployment.target_version)
        try:
            others = Journey(target, bench.log).run()
        except BaseException:
            _sweep(deployment, bench)
            raise
        _delete_stale(others, target, bench)

    def call(self, check: str, qualified: Qualified) -> str:
        """The health check."""
        return call_health(check, qualified)


class ArchiverTrial:
    """The archiver: an empty batch."""

    def check(self, deployment: Deployment, bench: Bench) -> None:
        """Try the target version.

        Raises:
            CheckFailedError: It fails.
        """
        self.call("empty batch", bench.qualified(deployment.target_version))
        bench.log.passed("empty batch")

    def call(self, check: str, qualified: Qualified) -> str:
        """An empty batch."""
        return call_with_nothing(check, qualified)


def check_live(trial: Trial, deployment: Deployment, bench: Bench) -> None:
    """The live alias sends its calls to the target version.

    Raises:
        CheckFailedError: It does not, or the version does not answer through it.
    """
    alias = bench.qualified(deployment.alias)
    executed = ""
    for _ in range(_LOOKS):
        executed = trial.call("live alias", alias)
        if executed == deployment.target_version:
            bench.log.passed("live alias", executed_version=executed)
            return
        bench.functions.sleep(_PAUSE_S)
    raise CheckFailedError(
        "live alias", expected=f"version {deployment.target_version}", got=f"version {executed} answers"
    )


def _sweep(deployment: Deployment, bench: Bench) -> None:
    """Delete all of the synthetic user's transactions, by the version that had the traffic before: it is known to work.

    Should it not be (the new version is its fix), the version on trial does it.
    """
    for qualifier in (deployment.current_version, deployment.target_version):
        version = bench.qualified(qualifier, reserve_s=CLEAN_UP_RESERVE_S)
        try:
            delete_all(version, list_all(version))
        except CheckFailedError as failed:
            bench.log.note("not cleaned up", by_version=qualifier, got=failed.got)
        else:
            return


def _delete_stale(others: list[dict[str, Any]], version: Qualified, bench: Bench) -> None:
    """Delete what hooks left that crashed; what is younger than a hook's time may be another one's at work."""
    newest = datetime.now(UTC) - timedelta(seconds=bench.timeout_s)
    stale = [item for item in others if _created_at(item) < newest]
    try:
        delete_all(version, stale)
    except CheckFailedError as failed:
        bench.log.note("not cleaned up", got=failed.got)


def _created_at(item: dict[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(item["createdAt"])
    except (KeyError, TypeError, ValueError):
        return datetime.min.replace(tzinfo=UTC)
