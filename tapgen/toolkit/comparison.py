"""What ``--against`` means: the live release, a recorded one, or a git revision, read as one side of a comparison."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.errors import UsageError

if TYPE_CHECKING:
    from tapgen.diff.difference import Difference
    from tapgen.diff.side import Side
    from tapgen.ledger.record import Record
    from tapgen.toolkit.workspace import Workspace

LIVE = "live"
_SEQUENCE = re.compile(r"#?\d{1,8}")
_RELEASE_ID = re.compile(r"[0-9a-f]{4,16}")
_GIT, _RELEASE = "git:", "release:"


def read_before(workspace: Workspace, against: str) -> Side:
    """The side that the project is compared with.

    ``live``; a release by its number, its id or the id's beginning; otherwise a git revision. ``release:`` and ``git:``
    in front settle what could be either. A git revision needs no credentials.

    Raises:
        UsageError: There is no such release or revision.
        RefusedError: The release's templates are gone.
    """
    if against == LIVE:
        return _read_live(workspace)
    if against.startswith(_RELEASE):
        return _read_release(workspace, _find(workspace, against.removeprefix(_RELEASE)))
    if against.startswith(_GIT):
        return _read_revision(workspace, against.removeprefix(_GIT))
    if _SEQUENCE.fullmatch(against):
        return _read_release(workspace, _find(workspace, against))
    if _RELEASE_ID.fullmatch(against):
        return _read_either(workspace, against)
    return _read_revision(workspace, against)


def _read_live(workspace: Workspace) -> Side:
    from tapgen.deploy.state.observed_state import read_history
    from tapgen.diff.side import Side

    history = read_history(workspace.silent_context, workspace.deployment)
    if not history.live_release:
        return Side(label="nothing deployed")
    if history.live is None:
        raise UsageError(
            f"release {history.live_release} is live in {workspace.deployment.name} and has no record",
            why="it was deployed without tapgen, or its record was deleted",
            hint="compare with the commit that it was made of: --against COMMIT",
            code="no-such-release",
        )
    return _read_release(workspace, history.live, live=True)


def _read_either(workspace: Workspace, text: str) -> Side:
    """A beginning of a release's id looks like a commit's."""
    try:
        record = _find(workspace, text)
    except UsageError:
        return _read_revision(workspace, text)
    return _read_release(workspace, record)


def _find(workspace: Workspace, text: str) -> Record:
    from tapgen.ledger.history import find_record

    deployment = workspace.deployment
    return find_record(deployment.ledger(workspace.silent_context).read_all(), text)


def _read_release(workspace: Workspace, record: Record, *, live: bool = False) -> Side:
    from tapgen.deploy.state.recorded_templates import read_side

    label = f"{'the live release' if live else 'release'} {record.sequence} ({record.release_id})"
    return read_side(workspace.silent_context, workspace.deployment, record.intent, label=label)


def _read_revision(workspace: Workspace, revision: str) -> Side:
    """The project as a commit has it, rendered by this tapgen."""
    from tapgen.build import Builder, BuildRequest
    from tapgen.diff.side import side_of
    from tapgen.rehearsal.baselines import choose_commit
    from tapgen.rehearsal.sources import Sources

    commit = choose_commit(workspace.project.folder, revision)
    override, selection = workspace.region_override, workspace.selection
    with tempfile.TemporaryDirectory(prefix="tapgen-diff-") as folder:
        files = filter(None, [str(workspace.environment.layer.path or "")])
        sources = Sources(workspace.project.folder, Path(folder), files=files)
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


def compare_with(workspace: Workspace, against: str) -> Difference:
    """What separates the project from ``against``; see ``read_before``."""
    from tapgen.diff.compare import compare

    after = _project_side(workspace)
    return compare(read_before(workspace, against), after)


def compare_with_change_set(workspace: Workspace) -> Difference:
    """What separates the project from what is live, with CloudFormation's own change set beside it."""
    from tapgen.aws.session import check_account
    from tapgen.aws.stacks import describe_stack
    from tapgen.deploy.change_sets.preview import preview
    from tapgen.deploy.request import DeployRequest
    from tapgen.diff.confirmation import confirm
    from tapgen.toolkit.deploy_request import read_needs

    difference = compare_with(workspace, LIVE)
    context, rendered = workspace.silent_context, workspace.rendered
    check_account(context.aws, environment=rendered.environment, account_id=rendered.account_id)
    request = DeployRequest(
        rendered=rendered,
        confirm=lambda _: False,
        bootstrap_stack=workspace.names.bootstrap_stack,
        needs=lambda: read_needs(workspace, rendered),
    )
    state = describe_stack(context.aws.client("cloudformation"), rendered.root_stack)
    return confirm(difference, preview(context, request, state), _project_side(workspace))


def _project_side(workspace: Workspace) -> Side:
    from tapgen.diff.side import side_of

    return side_of(workspace.rendered, label=f"this project ({workspace.rendered.release_id})")
