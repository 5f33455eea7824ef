"""What somebody allowed by name for one operation, held against what needs it. Pure.

A name is exact: ``Data.Table``, the path that the refusal shows, or the logical id alone. One that nothing needs is a
mistake (a typing error, or a switch that was left from last time), and refused like what it was to allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True)
class Threat:
    """One thing that a release must not do unless it is allowed."""

    path: str
    """``Data.TransactionsTable``; a resource of the root by its logical id alone."""
    resource_type: str
    kind: Literal["replace", "delete", "weaken", "expose", "cut"]
    property_path: str
    """What would have to stay as it is; empty for a deletion."""
    cause: str

    @property
    def text(self) -> str:
        """``Data.Table (AWS::DynamoDB::Table) DeletionProtectionEnabled: true becomes false``."""
        where = f" {self.property_path}" if self.property_path else ""
        return f"{self.path} ({self.resource_type}){where}: {self.cause}"

    @property
    def logical_id(self) -> str:
        """The last part of its path."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class Allowances:
    """What one operation may do that is refused otherwise."""

    broadening: bool = False
    """Roles may be let do more than in the live release: ``--allow-broadening``."""
    replace: tuple[str, ...] = ()
    """Resources that may lose data, protection, or an address that callers know: ``--allow-replace``."""
    public: tuple[str, ...] = ()
    """Resources that may be open to everybody: ``--allow-public``."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names that were given."""
        return (*self.replace, *self.public)


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """Threats of one gate, by what was said to them."""

    refused: tuple[Threat, ...]
    allowed: tuple[Threat, ...]
    unneeded: tuple[str, ...]
    """Names that nothing needs."""


def weigh(threats: Iterable[Threat], allowed: Iterable[str]) -> Weighed:
    """Hold names against threats: each threat is refused or allowed, each name needed or not.

    A logical id that resources of several stacks have names none of them: the path does.
    """
    threats, names = tuple(threats), tuple(dict.fromkeys(allowed))
    meant = {name: _find_meant(threats, name) for name in names}
    paths = {path for found in meant.values() if len(found) == 1 for path in found}
    return Weighed(
        refused=tuple(threat for threat in threats if threat.path not in paths),
        allowed=tuple(threat for threat in threats if threat.path in paths),
        unneeded=tuple(name for name, found in meant.items() if not found),
    )


def _find_meant(threats: Iterable[Threat], name: str) -> set[str]:
    """The paths of the resources that a name fits."""
    return {threat.path for threat in threats if name in {threat.path, threat.logical_id}}
