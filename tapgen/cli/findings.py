"""Prints findings, and turns them into an exit code: shared by the commands that look at many things at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.cli.printing import print_document, print_lines
from tapgen.errors import ExitCode
from tapgen.findings import counts, find_failed
from tapgen.ui.findings import findings_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.findings import Finding


def print_findings(findings: Sequence[Finding], *, as_json: bool, failure: ExitCode) -> ExitCode:
    """Print the findings to standard output; answers ``failure`` when one of them failed."""
    if as_json:
        document = {"counts": counts(findings), "findings": [finding.as_dict() for finding in findings]}
        print_document(document)
    else:
        print_lines(findings_page(findings))
    return failure if find_failed(findings) else ExitCode.DONE
