"""Prints findings, and turns them into an exit code: shared by the commands that look at many things at once."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from tapgen.errors import ExitCode
from tapgen.findings import counts, find_failed
from tapgen.ui.findings import findings_page
from tapgen.ui.style import paint
from tapgen.ui.terminal import use_color

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.findings import Finding


def print_findings(findings: Sequence[Finding], *, as_json: bool, failure: ExitCode) -> ExitCode:
    """Print the findings to standard output; answers ``failure`` when one of them failed."""
    if as_json:
        document = {"counts": counts(findings), "findings": [finding.as_dict() for finding in findings]}
        click.echo(json.dumps(document, indent=2))
    else:
        color = use_color(os.environ, isatty=sys.stdout.isatty())
        for line in findings_page(findings):
            click.echo(paint(line.text, line.style, color=color), color=color)
    return failure if find_failed(findings) else ExitCode.DONE
