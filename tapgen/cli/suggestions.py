"""What the shell offers after Tab: environments of the file, releases that this machine has seen.

Runs at every press of Tab: no pydantic, no boto3, no network, and a project that cannot be read offers nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from tapgen.errors import TapgenError
from tapgen.files import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click

_REMEMBERED = 50


def suggest_environments(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The environments of ``config/environments.yaml``, in its order."""
    from tapgen.build import CONFIG_FILE
    from tapgen.config.source import read_document

    try:
        section = read_document(_find_project(ctx) / CONFIG_FILE).data.get("environments")
    except (TapgenError, OSError):
        return []
    names = section if isinstance(section, dict) else ()
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def suggest_releases(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Release ids that this machine has seen of the environment and suffix on the line, the newest first."""
    environment = ctx.params.get("environment")
    if not environment:
        return []
    try:
        path = _seen_path(_find_project(ctx), environment, ctx.params.get("suffix"))
        seen = json.loads(path.read_text())
    except (TapgenError, OSError, ValueError):
        return []
    return [
        CompletionItem(release_id, help=f"#{sequence}")
        for release_id, sequence in seen
        if release_id.startswith(incomplete)
    ]


def remember_releases(
    project: Path, environment: str, suffix: str | None, *, releases: Iterable[tuple[str, int]]
) -> None:
    """Keep the ids and numbers of releases, the newest first, for the next press of Tab. A cache: faults are silent."""
    path = _seen_path(project, environment, suffix)
    try:
        replace_file(path, json.dumps(list(releases)[:_REMEMBERED]).encode())
    except OSError:
        return


def _seen_path(project: Path, environment: str, suffix: str | None) -> Path:
    from tapgen.build import BuildRequest

    label = BuildRequest(environment=environment, suffix=suffix).label
    return project / ".tapgen" / "seen" / f"{label}.json"


def _find_project(ctx: click.Context) -> Path:
    from tapgen.toolkit.project import find_project

    # While completing, click parses but does not call the root command: there is no Project yet.
    return find_project(ctx.find_root().params.get("project"), start=Path.cwd())
