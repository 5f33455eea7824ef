"""``tapgen verify``."""

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
    """Check that what is deployed works and is protected as configured.

    A smoke test creates, reads, lists and deletes a transaction through the
    public API; further checks look at aliases, alarms, subscriptions, logs,
    buckets and the table, and for anything that was changed by hand. Nothing
    is changed and nothing is left behind. An API with JWT authorization wants
    a token in TAPGEN_PROBE_TOKEN.

    The exit code is 4 when a check failed; what is skipped says why.

    \b
    Examples:
      tapgen verify --env dev
      TAPGEN_PROBE_TOKEN=… tapgen verify --env prod --json
    """
    from tapgen.cli.findings import print_findings
    from tapgen.cli.wiring import Wiring
    from tapgen.errors import ExitCode

    findings = Wiring(project, selection, as_json=as_json).quiet_toolkit.verify()
    return print_findings(findings, as_json=as_json, failure=ExitCode.ROLLED_BACK)
