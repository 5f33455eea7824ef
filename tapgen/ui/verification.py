"""The findings of a verification, one a line, each failure with its way out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tapgen.ui.style import paint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tapgen.verification.finding import Finding, Outcome

_MARKS: Mapping[Outcome, tuple[str, str]] = {
    "passed": ("ok  ", "good"),
    "failed": ("FAIL", "bad"),
    "skipped": ("skip", "dim"),
}
_ID_WIDTH = 25


def verification_page(findings: Sequence[Finding], *, color: bool) -> Iterator[str]:
    """The page's lines, with the counts at its end."""
    for finding in findings:
        mark, style = _MARKS[finding.outcome]
        yield f"{paint(mark, style, color=color)}  {finding.id:<{_ID_WIDTH}}  {finding.why}"
        if finding.fix:
            yield paint(f"{'':{_ID_WIDTH + 8}}→ {finding.fix}", "dim", color=color)
    counts = Counter(finding.outcome for finding in findings)
    yield ", ".join(f"{counts[outcome]} {outcome}" for outcome in _MARKS)
