"""Execution environments that nobody needs end: of versions that no alias names, unused for minutes, or one too many.

MiniStack keeps the first process of every version for as long as it runs, 50 MB each: after sixty deploys there are
sixty. Lambda freezes an environment after an invocation and ends it when it has not been used for some time, which it
does not promise (Lambda developer guide, "Understanding the Lambda execution environment lifecycle"). The times and the
number here are this machine's; the next invocation of what has ended is a cold start, as on AWS.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.local.extension import background
from tapgen.local.extension.lambda_service.weighted_aliases import weights
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.local.extension.settings import Settings

_RUNTIME = "ministack.core.lambda_runtime"
_SERVICE = "ministack.services.lambda_svc"
_WORKERS = Seam(module=_RUNTIME, attribute="_workers", parameters=None, gap="Used: the processes of each version.")
_LOCK = Seam(module=_RUNTIME, attribute="_lock", parameters=None, gap="Used: guards them.")
_KILL = Seam(
    module=_RUNTIME, attribute="kill_workers", parameters=("workers",), gap="Used: ends processes, and waits for them."
)
_REAP = Seam(
    module=_RUNTIME,
    attribute="reap_idle_workers",
    parameters=("ttl",),
    gap="The first process of a version is kept for ever, whether anything can reach the version or not.",
)
_FUNCTIONS = Seam(module=_SERVICE, attribute="_functions", parameters=None, gap="Used: functions and their aliases.")
SEAMS: tuple[Seam, ...] = (_WORKERS, _LOCK, _KILL, _REAP, _FUNCTIONS)

_LATEST = "$LATEST"
# A hook may call a version again that no alias names yet, or not any more.
_UNNAMED_S = 20.0
_MOST_WAITING = 12
_LONGEST_ROUND_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What may wait.

    Attributes:
        named_s: Seconds after its last invocation that a process is kept whose version an alias names.
        unnamed_s: The same where none does.
        number: How many processes may wait, of all functions together.
    """

    named_s: float
    unnamed_s: float
    number: int

    @classmethod
    def of(cls, settings: Settings) -> Bounds:
        """The bounds of this machine."""
        return cls(named_s=settings.warm_s, unnamed_s=min(_UNNAMED_S, settings.warm_s), number=_MOST_WAITING)


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A process that waits for invocations.

    Attributes:
        key: Account, region, function and version, as MiniStack joins them.
        named: Whether an alias, or $LATEST, leads to its version.
        idle_s: Seconds since its last invocation.
        worker: MiniStack's record of it.
    """

    key: str
    named: bool
    idle_s: float
    worker: Any


def install(settings: Settings) -> None:
    """End what is not needed, every few seconds, in place of MiniStack's own way."""
    bounds = Bounds.of(settings)
    replace(_REAP, lambda ttl=None: end_surplus(bounds), also=(_SERVICE,))  # noqa: ARG005 - bounds have several times
    round_s = min(_LONGEST_ROUND_S, bounds.unnamed_s / 2)
    background.repeat(lambda: original(_KILL)(take_surplus(bounds)), every_s=round_s, name="environments")


def end_surplus(bounds: Bounds) -> int:
    """End the environments that are not needed now; how many they were."""
    workers = take_surplus(bounds)
    # Not under the lock, which every invocation takes: this waits for the processes.
    original(_KILL)(workers)
    return len(workers)


def take_surplus(bounds: Bounds) -> list[Any]:
    """Take the environments that are not needed now out of MiniStack's hands, so that no invocation gets them."""
    with original(_LOCK):
        doomed = choose(_waiting(), bounds)
        for environment in doomed:
            pool = original(_WORKERS)[environment.key]
            pool.remove(environment.worker)
            if not pool:
                del original(_WORKERS)[environment.key]
    return [environment.worker for environment in doomed]


def choose(waiting: Iterable[Environment], bounds: Bounds) -> list[Environment]:
    """The environments that are to end: unused for too long, or beyond the number and unused for longest. Pure."""
    kept: list[Environment] = []
    doomed: list[Environment] = []
    for environment in sorted(waiting, key=lambda each: each.idle_s):
        bound_s = bounds.named_s if environment.named else bounds.unnamed_s
        (kept if environment.idle_s < bound_s and len(kept) < bounds.number else doomed).append(environment)
    return doomed


def _waiting() -> Iterator[Environment]:
    now = time.time()
    named = _named_versions()
    for key, pool in original(_WORKERS).items():
        for worker in pool:
            if not worker.in_use:
                yield Environment(key=key, named=key in named, idle_s=now - worker.last_used, worker=worker)


def _named_versions() -> set[str]:
    """The keys of the versions that an invocation without a version's number can reach."""
    found = set()
    for (account, region, name), function in original(_FUNCTIONS).all_items():
        versions = {_LATEST}
        for alias in function.get("aliases", {}).values():
            versions |= {str(alias.get("FunctionVersion", _LATEST)), *weights(alias)}
        found |= {f"{account}:{region}:{name}:{version}" for version in versions}
    return found
