"""Mutants of a role's policies: each with one action or one resource of one statement taken away. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.iam.grants import grants_through, matches, parts_of, without

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tapgen.iam.grants import Grant, Part
    from tapgen.iam.stated import Stated
    from tapgen.proof.need import Use


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A role whose policy lacks one part."""

    role: str
    policy: str
    """Name of the inline policy."""
    part: Part
    document: Mapping[str, Any] | None
    """The policy without the part; None when nothing is left of it."""
    grants: tuple[Grant, ...]
    """What the role may not do any more."""

    def __str__(self) -> str:
        return f"{self.role}: {self.part}"

    def hurts(self, use: Use) -> bool:
        """Whether the role could not be used so any more."""
        return use.role == self.role and any(
            grant.action == use.action and matches(grant.resource, use.resource) for grant in self.grants
        )


def make_mutants(role: str, policies: Mapping[str, Mapping[str, Any]]) -> Iterator[Mutant]:
    """Every mutant of a role's inline policies."""
    for name, document in sorted(policies.items()):
        for part in parts_of(document):
            grants = tuple(grants_through(document, part))
            yield Mutant(role=role, policy=name, part=part, document=without(document, part), grants=grants)


def statement_of(mutant: Mutant, stated: Iterable[Stated]) -> Stated | None:
    """Why the mutant cannot be proven here; None when it must be."""
    known: Sequence[Stated] = tuple(stated)
    reasons = [next((item for item in known if item.covers(grant)), None) for grant in mutant.grants]
    return reasons[0] if reasons and all(reasons) else None
