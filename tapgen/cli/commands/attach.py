"""``tapgen attach``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options

if TYPE_CHECKING:
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@json_option
@click.pass_obj
def command(project: Project, *, selection: Selection, as_json: bool) -> int:
    """Join a deployment that is running, from any machine.

    Shows what `tapgen deploy` would show from here on, and exits as it would.

    \b
    Examples:
      tapgen attach --env prod
    """
    from tapgen.cli.wiring import Wiring

    wiring = Wiring(project, selection, as_json=as_json)
    with wiring.operation("attach") as operation:
        return operation.finish(wiring.toolkit(operation).attach())
