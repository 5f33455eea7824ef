"""``tapgen outputs``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapgen.cli.options import json_option, selection_options
from tapgen.cli.printing import format_document, print_document
from tapgen.errors import UsageError
from tapgen.naming import Names

if TYPE_CHECKING:
    from tapgen.toolkit.project import Project
    from tapgen.toolkit.selection import Selection


@click.command()
@selection_options
@click.option("--key", metavar="NAME", help="Print the value of this output alone.")
@click.option("--outputs-file", type=click.Path(dir_okay=False, path_type=Path), help="Write JSON by stack name here.")
@json_option
@click.pass_obj
def command(
    project: Project, *, selection: Selection, key: str | None, outputs_file: Path | None, as_json: bool
) -> None:
    """Print what a deployment exports: API URL, table, buckets, functions …

    \b
    Examples:
      tapgen outputs --env local
      curl "$(tapgen outputs --env local --key LocalApiUrl)/health"
    """
    from tapgen.aws.stacks import describe_stack
    from tapgen.cli.wiring import Wiring

    wiring = Wiring(project, selection, as_json=as_json)
    environment = wiring.environment
    stack = Names(environment).root_stack
    state = describe_stack(wiring.make_aws(environment.region).client("cloudformation"), stack)
    if state is None:
        raise UsageError(
            f"{stack} is not deployed", hint=f"`tapgen deploy {selection.options}` deploys it", code="not-deployed"
        )
    if not state.carries_release:
        raise UsageError(
            f"nothing is live in {stack}",
            why=f"the stack is in {state.status}",
            hint=f"`tapgen status {selection.options}` says what to do",
            code="not-live",
        )
    outputs = dict(sorted(wiring.local_outputs(state.outputs).items()))
    if outputs_file:
        outputs_file.write_text(format_document({stack: outputs}) + "\n", encoding="utf-8")
    if key:
        click.echo(_value(outputs, key))
    elif as_json:
        print_document(outputs)
    else:
        from tapgen.ui.tables import table

        click.echo(table((), list(outputs.items())))


def _value(outputs: dict[str, str], key: str) -> str:
    if key not in outputs:
        raise UsageError(f"there is no output {key!r}", hint=f"the outputs are {', '.join(outputs)}", code="no-output")
    return outputs[key]
