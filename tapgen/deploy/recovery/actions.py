"""What a recovery can do: one value for each action, with the sentence that is shown before it is taken. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tapgen.errors import TapgenError


@dataclass(frozen=True, kw_only=True)
class StopShifts:
    """Stop shifts that nobody waits for; CodeDeploy returns their aliases."""

    deployment_ids: tuple[str, ...]

    @property
    def text(self) -> str:
        """In one sentence."""
        return f"stop the shift {', '.join(self.deployment_ids)}, which no stack waits for; its alias goes back"


@dataclass(frozen=True)
class DeleteEmptyStack:
    """Delete a stack that a change set made and nobody executed."""

    text: str = "delete the empty stack that a change set made and nobody executed"


@dataclass(frozen=True, kw_only=True)
class ContinueRollback:
    """Continue a rollback that failed."""

    skip: tuple[str, ...]
    """``NestedStackName.LogicalId`` or ``LogicalId`` of what may be left as it is."""
    retried: tuple[str, ...]
    """What is tried again, in the same form."""

    @property
    def text(self) -> str:
        """In one sentence."""
        left = f", leaving {', '.join(self.skip)} as it is" if self.skip else ""
        again = f", trying {', '.join(self.retried)} again" if self.retried else ""
        return f"continue the rollback{left}{again}"


@dataclass(frozen=True, kw_only=True)
class DeleteFailedCreate:
    """Delete a stack whose first create failed, and the empty data resources that it leaves."""

    status: str

    @property
    def text(self) -> str:
        """In one sentence."""
        return f"delete the stack, which is in {self.status} and holds no data"


@dataclass(frozen=True)
class RollBackStack:
    """Return a stack whose update failed with rollback disabled to its last stable state."""

    text: str = "roll the stack back to its last stable state"


@dataclass(frozen=True)
class DeleteAgain:
    """Try a delete again that failed."""

    text: str = "delete the stack again, which failed before"


@dataclass(frozen=True, kw_only=True)
class RepairAlias:
    """Point an alias at the version that its stack has."""

    function: str
    alias: str
    version: str
    drift: str

    @property
    def text(self) -> str:
        """In one sentence."""
        return f"send all traffic of {self.function}:{self.alias} to version {self.version} ({self.drift})"


@dataclass(frozen=True, kw_only=True)
class DeleteChangeSets:
    """Delete change sets that deploys left which are dead."""

    change_set_ids: tuple[str, ...]

    @property
    def text(self) -> str:
        """In one sentence."""
        names = ", ".join(change_set_id.split("/")[1] for change_set_id in self.change_set_ids)
        return f"delete the change set {names} of a deploy that died"


@dataclass(frozen=True, kw_only=True)
class SettleRecords:
    """Record how releases ended that nobody watched to their end."""

    sequences: tuple[int, ...]

    @property
    def text(self) -> str:
        """In one sentence."""
        return f"record how release {', '.join(map(str, self.sequences))} ended"


@dataclass(frozen=True)
class Nothing:
    """All is well."""

    text: str = "nothing to do"


@dataclass(frozen=True, kw_only=True)
class Refuse:
    """No action is safe; ``error`` says why and what a person can do."""

    error: TapgenError

    @property
    def text(self) -> str:
        """In one sentence."""
        return self.error.what


Action = (
    StopShifts
    | DeleteEmptyStack
    | ContinueRollback
    | DeleteFailedCreate
    | RollBackStack
    | DeleteAgain
    | RepairAlias
    | DeleteChangeSets
    | SettleRecords
    | Nothing
    | Refuse
)
