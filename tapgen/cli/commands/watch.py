"""``tapgen watch``."""

from __future__ import annotations

import time
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import selection_options
from tapgen.errors import RefusedError, TapgenError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tapgen.cli.wiring import Wiring
    from tapgen.events import Result
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection

# An editor writes a file in several steps, a formatter right after it: that is one save.
_DEBOUNCE_MS = 300


@click.command()
@selection_options
@click.pass_obj
def command(project: Project, *, selection: Selection) -> None:
    """Deploy the project at every save, until Ctrl-C.

    From a save to serving in the shortest way that CloudFormation has: only
    what changed is packaged and uploaded, the change set is not asked about,
    and traffic goes to the new version all at once, whatever the shift of the
    environment is. A deploy that fails is explained, and the next save tries
    again. Production is refused.

    \b
    Examples:
      tapgen watch --env local
      tapgen watch --env dev --suffix ada
    """
    _refuse_production(project, selection)
    saves = _watch_saves(project.folder)
    click.echo("deploying what is there; then handlers/ and config/ are watched, Ctrl-C ends it", err=True)
    try:
        _deploy_once(project, selection)
        for names in saves:
            click.echo(f"\nsaved {', '.join(names)}", err=True)
            _deploy_once(project, selection)
    except KeyboardInterrupt:
        click.echo("no longer watching", err=True)


def _refuse_production(project: Project, selection: Selection) -> None:
    environment = project.builder.environments.resolve(selection.environment, suffix=selection.suffix)
    if environment.production:
        raise RefusedError(
            f"{selection.environment} is production: it is not deployed at every save",
            why="watch asks nobody, and shifts all traffic at once",
            hint=f"use `tapgen deploy {selection.options}`, and watch an environment of your own",
            code="watch-production",
        )


def _watch_saves(project: Path) -> Iterator[list[str]]:
    """Names of the files of each save from now on; what is saved during a deploy comes right after it."""
    try:
        from watchfiles import DefaultFilter, watch
    except ImportError as error:
        raise UsageError(
            "`tapgen watch` needs the package watchfiles",
            why=str(error),
            hint="install it with tapgen: pip install 'tapgen[watch]'",
            code="watch-missing",
        ) from error

    changes = watch(
        *(project / name for name in ("handlers", "config")),
        # Any file may be part of a zip; what editors leave is passed over.
        watch_filter=DefaultFilter(),
        debounce=_DEBOUNCE_MS,
        raise_interrupt=False,
    )
    saves: Queue[set[str]] = Queue()

    def listen() -> None:
        for change in changes:
            saves.put({path for _, path in change})

    # watchfiles notices what happens while its generator runs: in a thread of its own it always does.
    Thread(target=listen, name="saves", daemon=True).start()
    return _names(saves, project)


def _names(saves: Queue[set[str]], project: Path) -> Iterator[list[str]]:
    while True:
        paths = saves.get()
        while not saves.empty():
            paths |= saves.get()
        yield sorted(path.removeprefix(f"{project}/") for path in paths)


def _deploy_once(project: Project, selection: Selection) -> None:
    """One deploy of the project as it is now; a failure is told, and stops nothing."""
    from tapgen.cli.printing import print_error
    from tapgen.cli.wiring import Wiring
    from tapgen.toolkit.project import Project

    started_s = time.monotonic()
    # A Project reads the project once: what was saved since needs another.
    wiring = Wiring(Project(project.folder), selection, as_json=False)
    try:
        result = _deploy(wiring)
    except TapgenError as error:
        print_error(error)
        click.echo("waiting for the next save", err=True)
        return
    where = result.outputs.get("LocalApiUrl") or result.outputs.get("ApiUrl", "")
    word = "already live" if result.status == "unchanged" else "serving"
    click.echo(f"{word} after {time.monotonic() - started_s:.1f} s: {where}", err=True)


def _deploy(wiring: Wiring) -> Result:
    from dataclasses import replace

    from tapgen import naming
    from tapgen.deploy.release.deploy import deploy
    from tapgen.toolkit.deploy_request import make_request
    from tapgen.toolkit.terms import Terms

    with wiring.operation("deploy") as operation:
        rendered = wiring.rendered
        context = wiring.open_context(operation, region=rendered.region, deployment=rendered.deployment)
        at_once = {naming.SHIFT_PARAMETER: naming.SHIFT_ALL_AT_ONCE}
        request = replace(
            make_request(wiring, context, Terms()),
            rendered=replace(rendered, parameters={**rendered.parameters, **at_once}),
            confirm=lambda _: True,
        )
        return wiring.with_local_outputs(deploy(context, request))
