"""The project's folder: its configuration, and what earlier commands left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.deploy.records.markers import unsettled_folder
from tapgen.errors import TapgenError
from tapgen.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tapgen.config.cache import CachedEnvironments
    from tapgen.local.server import LocalStatus


def examine_project(project: Path, environments: CachedEnvironments, local: LocalStatus) -> Iterator[Finding]:
    """The configuration of every environment, unfinished operations, and the embedded AWS."""
    yield _examine_configuration(project, environments)
    yield _examine_unsettled(project)
    yield _examine_local(local)


def _examine_configuration(project: Path, environments: CachedEnvironments) -> Finding:
    try:
        environments.resolve_all()
    except TapgenError as error:
        return Finding(check="configuration", status="failed", what=error.what, why=error.why, fix=error.hint)
    what = f"{project / 'config'}: {', '.join(environments.names)}"
    return Finding(check="configuration", status="passed", what=what)


def _examine_unsettled(project: Path) -> Finding:
    """Deployments of which this machine began a release whose end is not recorded."""
    folder = unsettled_folder(project)
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if names:
        what = f"begun here, and not seen to end: {', '.join(names)}"
        fix = "`tapgen status --env X` tells how it stands; the next deploy settles it"
        return Finding(check="unfinished", status="warned", what=what, fix=fix)
    return Finding(check="unfinished", status="passed", what="nothing that was begun here is open")


def _examine_local(local: LocalStatus) -> Finding:
    if local.running:
        return Finding(check="local", status="passed", what=f"the embedded AWS runs at {local.endpoint_url}")
    what = "the embedded AWS does not run"
    return Finding(check="local", status="passed", what=what, why="`tapgen deploy --env local` starts it")
