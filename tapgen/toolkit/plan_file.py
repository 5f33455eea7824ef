"""A sealed plan, read from the file that a command line names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.deploy.plans.document import SealedPlan


def read_plan(file: Path) -> SealedPlan:
    """The plan in a file.

    Raises:
        UsageError: It cannot be read, or is none.
        RefusedError: It is not what was sealed.
    """
    from tapgen.deploy.plans.document import open_plan

    try:
        body = file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read", why=error.strerror or str(error), hint="name a plan", code="file-access"
        ) from error
    return open_plan(body, place=str(file))
