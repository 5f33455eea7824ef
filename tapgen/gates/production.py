"""Whose word counts where ``production: true``. Pure.

A person at a terminal reads what will happen and says yes: that always counts. ``--yes`` says it before anything was
shown; in production it counts where a pipeline that somebody reviewed runs it (``CI`` is set), which names its
environment. Nobody is asked for a sealed plan, which was shown before, and for a rollback: that goes back to what
was live before, and nobody should look up switches during an outage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

_OFF = {"", "0", "false", "no"}


@dataclass(frozen=True, kw_only=True)
class Consent:
    """How somebody agrees to an operation before it is shown."""

    assume_yes: bool
    """``--yes``."""
    in_pipeline: bool = False
    """``CI`` is set."""


def is_pipeline(environ: Mapping[str, str]) -> bool:
    """Whether the process says that it runs in a pipeline, as all the known ones do."""
    return environ.get("CI", "").lower() not in _OFF


def check_consent(consent: Consent, *, operation: str, options: str) -> None:
    """Whether ``--yes`` counts for an operation on production.

    Args:
        consent: How somebody agrees.
        operation: ``deploy``, ``destroy``, ``recover``.
        options: ``--env X``, for the hint.

    Raises:
        RefusedError: It does not.
    """
    if not consent.assume_yes or consent.in_pipeline:
        return
    sealed = (
        f", or seal it: `tapgen plan {options} -o FILE`, `tapgen deploy {options} --plan FILE --yes`"
        if operation == "deploy"
        else ""
    )
    raise RefusedError(
        f"--yes does not count for `tapgen {operation}` in production",
        why="it would confirm what nobody has seen, and CI is not set, so this is no pipeline",
        hint=f"run `tapgen {operation} {options}` in a terminal and read what it shows{sealed}",
        code="production-consent",
    )
