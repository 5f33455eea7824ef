"""What ``--against`` means: the live release, a recorded one, or a git revision, read as one side of a comparison."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.errors import UsageError

if TYPE_CHECKING:
    from tapgen.cli.wiring import Wiring
    from tapgen.diff.side import Side
    from tapgen.ledger.record import Record

LIVE = "live"
_SEQUENCE = re.compile(r"#?\d{1,8}")
_RELEASE_ID = re.compile(r"[0-9a-f]{4,16}")
_GIT, _RELEASE = "git:", "release:"


def read_before(wiring: Wiring, against: str) -> Side:
    """The side that the project is compared with.

    ``live``; a release by its number, its id or the id's beginning; otherwise a git revision. ``release:`` and ``git:``
    in front settle what could be either. A git revision needs no credentials.

    Raises:
        UsageError: There is no such release or revision.
        RefusedError: The release's templates are gone.
    """
    if against == LIVE:
        return _read_live(wiring)
    if against.startswith(_RELEASE):
        return _read_release(wiring, _find(wiring, against.removeprefix(_RELEASE)))
    if against.startswith(_GIT):
        return _read_revision(wiring, against.removeprefix(_GIT))
    if _SEQUENCE.fullmatch(against):
        return _read_release(wiring, _find(wiring, against))
    if _RELEASE_ID.fullmatch(against):
        return _read_either(wiring, against)
    return _read_revision(wiring, against)


def _read_live(wiring: Wiring) -> Side:
    from tapgen.deploy.state.observed_state import read_history
    from tapgen.diff.side import Side

    history = read_history(wiring.silent_context, wiring.deployment)
    if not history.live_release:
        return Side(label="nothing deployed")
    if history.live is None:
        raise UsageError(
            f"release {history.live_release} is live in {wiring.deployment.name} and has no record",
            why="it was deployed without tapgen, or its record was deleted",
            hint="compare with the commit that it was made of: --against COMMIT",
            code="no-such-release",
        )
    return _read_release(wiring, history.live, live=True)


def _read_either(wiring: Wiring, text: str) -> Side:
    """A beginning of a release's id looks like a commit's."""
    try:
        record = _find(wiring, text)
    except UsageError:
        return _read_revision(wiring, text)
    return _read_release(wiring, record)


def _find(wiring: Wiring, text: str) -> Record:
    from tapgen.ledger.history import find_record

    deployment = wiring.deployment
    return find_record(deployment.ledger(wiring.silent_context).read_all(), text)


def _read_release(wiring: Wiring, record: Record, *, live: bool = False) -> Side:
    from tapgen.deploy.state.recorded_templates import read_side

    label = f"{'the live release' if live else 'release'} {record.sequence} ({record.release_id})"
    return read_side(wiring.silent_context, wiring.deployment, record.intent, label=label)


def _read_revision(wiring: Wiring, revision: str) -> Side:
    """The project as a commit has it, rendered by this tapgen."""
    from tapgen.build import Builder, BuildRequest
    from tapgen.diff.side import side_of
    from tapgen.rehearsal.baselines import choose_commit
    from tapgen.rehearsal.sources import Sources

    commit = choose_commit(wiring.app.project, revision)
    override, selection = wiring.region_override, wiring.selection
    with tempfile.TemporaryDirectory(prefix="tapgen-diff-") as folder:
        files = filter(None, [str(wiring.environment.layer.path or "")])
        sources = Sources(wiring.app.project, Path(folder), files=files)
        builder = Builder(sources.export("before", commit.revision or revision))
        request = BuildRequest(
            environment=selection.environment,
            suffix=selection.suffix,
            region=override.name if override else None,
        )
        rendered = builder.load_or_render(request)
        bodies = {artifact.name: artifact.path.read_bytes() for artifact in rendered.artifacts}
    side = side_of(rendered, label=f"commit {commit.text}")
    return _replace_reader(side, bodies)


def _replace_reader(side: Side, bodies: dict[str, bytes]) -> Side:
    """The folder is gone by the time that zips are read."""
    from dataclasses import replace

    return replace(side, read_artifact=bodies.get)
