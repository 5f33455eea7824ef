"""Findings as lines of text: what is wrong stands out, and each fault is followed by its reason and how to fix it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.findings import counts
from tapgen.ui.style import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.findings import Finding

_MARKS = {"passed": "ok", "warned": "??", "failed": "!!", "skipped": "--"}
_STYLES = {"passed": "good", "warned": "warn", "failed": "bad", "skipped": "dim"}


def findings_page(findings: Sequence[Finding]) -> Iterator[Line]:
    """A line for each finding, what belongs to it below, and the counts at the end."""
    width = max((len(finding.check) for finding in findings), default=0)
    for finding in findings:
        text = f"{_MARKS[finding.status]} {finding.check:<{width}}  {finding.what}"
        yield Line(text=text, style=_STYLES[finding.status])
        indent = " " * (width + 5)
        if finding.why:
            yield Line(text=f"{indent}why: {finding.why}")
        if finding.fix and finding.status != "passed":
            yield Line(text=f"{indent}next: {finding.fix}")
    yield Line(text=", ".join(f"{number} {status}" for status, number in counts(findings).items() if number))
