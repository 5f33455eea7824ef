"""Does what bootstrap made let the release do what it needs?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.deploy.change_sets.execution_role import with_execution_role
from tapgen.deploy.request import DeployRequest
from tapgen.errors import RefusedError, UsageError
from tapgen.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.validation.subject import Subject

_CHECK = "bootstrap"


def check_bootstrap(subject: Subject) -> Iterator[Finding]:
    """As a deploy would compare it, before it makes anything."""
    if subject.needs is None:
        yield Finding(check=_CHECK, status="passed", what="the embedded AWS bootstraps itself")
        return
    request = DeployRequest(
        rendered=subject.rendered,
        confirm=lambda _: False,
        bootstrap_stack=subject.bootstrap_stack,
        needs=subject.needs,
    )
    try:
        with_execution_role(subject.context, request)
    except (RefusedError, UsageError) as error:
        yield Finding(check=_CHECK, status="failed", what=error.what, why=error.why, fix=error.hint)
    else:
        yield Finding(
            check=_CHECK, status="passed", what=f"{subject.bootstrap_stack} lets the release do what it needs"
        )
