"""``tapgen diff``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options
from tapgen.cli.printing import format_document, format_lines
from tapgen.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from tapgen.diff.difference import Difference
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@click.option(
    "--against",
    metavar="WHAT",
    default="live",
    show_default=True,
    help="live, a release (number or id), or a git revision.",
)
@click.option(
    "--change-set", "online", is_flag=True, help="Ask CloudFormation, too: it makes a change set and forgets it."
)
@click.option("--exit-code", is_flag=True, help="Exit with 10 when there are differences.")
@click.option("--markdown", is_flag=True, help="Print Markdown, for a comment on a pull request.")
@json_option
@click.pass_obj
def command(
    project: Project,
    *,
    selection: Selection,
    against: str,
    online: bool,
    exit_code: bool,
    markdown: bool,
    as_json: bool,
) -> int:
    """Show what separates the project from what is live.

    Every stack, resource and property with its old and new value, what is
    replaced and because of which property, who may do more or less, which
    files and dependencies differ, and which functions get a new version.

    Compares templates as they are recorded; with a git revision it needs no
    credentials. --change-set asks CloudFormation besides, and says which of
    its announcements come from values that it cannot know yet.

    \b
    Examples:
      tapgen diff --env prod
      tapgen diff --env prod --against 12 --json
      tapgen diff --env prod --against origin/main --markdown
      tapgen diff --env prod --change-set --exit-code
    """
    from tapgen.cli.wiring import Wiring
    from tapgen.toolkit.comparison import LIVE

    if markdown and as_json:
        raise UsageError("--markdown and --json are two answers", code="options-conflict", hint="choose one of them")
    if online and against != LIVE:
        raise UsageError(
            f"--change-set compares with what is live, --against {against} does not",
            code="options-conflict",
            hint="leave one of the two out",
        )
    wiring = Wiring(project, selection, as_json=as_json)
    toolkit = wiring.quiet_toolkit
    difference = toolkit.diff_with_change_set() if online else toolkit.diff(against)
    click.echo(_text(difference, deployment=toolkit.render().deployment, markdown=markdown, as_json=as_json), nl=False)
    return ExitCode.CHANGED if exit_code and difference.changed else ExitCode.DONE


def _text(difference: Difference, *, deployment: str, markdown: bool, as_json: bool) -> str:
    from tapgen.ui.difference import difference_lines
    from tapgen.ui.difference_markdown import difference_markdown
    from tapgen.ui.terminal import width_of

    if as_json:
        return format_document({"deployment": deployment, **difference.as_dict()}) + "\n"
    if markdown:
        return difference_markdown(difference, title=deployment)
    return format_lines(difference_lines(difference, width=width_of(os.environ, sys.stdout)))
