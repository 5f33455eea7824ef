"""All mutants of a service, with who notices each or why nobody needs to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.mutation.judges import Lint, Rules
from scripts.mutation.mutants import list_mutants
from scripts.mutation.reasons import find_reason

if TYPE_CHECKING:
    from scripts.mutation.mutants import Mutant
    from scripts.mutation.reasons import Reason
    from scripts.mutation.subjects import Subject


@dataclass
class Survey:
    """What became of the mutants of one service."""

    subject: str
    rules: Counter[str] = field(default_factory=Counter)
    """Id of a rule → mutants that it was the first to notice."""
    schemas: Counter[str] = field(default_factory=Counter)
    """Id of a rule of cfn-lint → mutants that no rule of ours notices."""
    reasons: Counter[Reason] = field(default_factory=Counter)
    """Row of the table → mutants that it speaks of, and nobody notices."""
    open: list[Mutant] = field(default_factory=list)
    """Neither noticed nor reasoned."""
    crashed: set[str] = field(default_factory=set)
    """Rules that could not bear a mutant."""

    @property
    def total(self) -> int:
        """How many mutants there were."""
        return self.rules.total() + self.schemas.total() + self.reasons.total() + len(self.open)

    def render(self) -> str:
        """One line of figures."""
        by_class = Counter[str]()
        for reason, count in self.reasons.items():
            by_class[reason.kind] += count
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(by_class.items()))
        return (
            f"{self.subject}: {self.total} mutants, {self.rules.total()} noticed by {len(self.rules)} rules, "
            f"{self.schemas.total()} by schemas, {self.reasons.total()} reasoned ({told or 'none'}), "
            f"{len(self.open)} open"
        )


def survey(subject: Subject, *, step: int = 1, start: int = 0) -> Survey:
    """Judge mutants of a service.

    Args:
        subject: The service.
        step: Every how many mutants one is judged: a sample that is the same for the same templates.
        start: The first one.
    """
    found = Survey(subject=subject.name)
    rules, lint = Rules(subject), Lint(subject)
    for mutant in list(list_mutants(subject.templates))[start::step]:
        if rule := rules.notice(mutant):
            found.rules[rule] += 1
        elif reason := find_reason(mutant, subject.templates[mutant.stack]["Resources"][mutant.logical_id]):
            found.reasons[reason] += 1
        elif schema := lint.notice(mutant):
            found.schemas[schema] += 1
        else:
            found.open.append(mutant)
    found.crashed = rules.crashed
    return found
