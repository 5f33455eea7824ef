"""What a deploy is asked for, and what it answers: the values that its parts hand to one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tapgen.deploy.records.markers import NoMarker
from tapgen.deploy.records.release_record import Purpose
from tapgen.engine.reporting import NoReporter
from tapgen.errors import ExitCode
from tapgen.events import Result
from tapgen.gates.allowances import Allowances

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from tapgen.deploy.probes import Probes
    from tapgen.deploy.records.markers import Marker
    from tapgen.engine.reporting import Reporter
    from tapgen.iam.needs import Needs
    from tapgen.ledger.record import Intent
    from tapgen.model import ChangeSet, Rendered


@dataclass(frozen=True, kw_only=True)
class DeployRequest:
    """What to deploy and how."""

    rendered: Rendered
    confirm: Callable[[ChangeSet], bool]
    """Asked with the change set in hand; False declines."""
    execute: bool = True
    """False stops after the change set: ``--no-execute-changeset``."""
    seal: Callable[[Intent, ChangeSet], str] | None = None
    """Seals a change set that is not executed; answers the seal, for the record."""
    detach: bool = False
    """True leaves when the execution has started: ``--detach``."""
    create_bucket: Callable[[], None] | None = None
    """Bootstraps when the artifact bucket or the roles are missing; None refuses with the way to do it."""
    role_arn: str | None = None
    """Service role that CloudFormation assumes; None takes the one that bootstrap has made."""
    bootstrap_stack: str = ""
    """Where bootstrap's roles are; empty looks for none."""
    needs: Callable[[], Needs] | None = None
    """Answers what the release needs bootstrap to have made; None compares nothing."""
    allowances: Allowances = field(default_factory=Allowances)
    """What it may do that is refused otherwise: ``--allow-…``."""
    restores_exposure: bool = False
    """Whether what is open to everybody was allowed when the release was live before."""
    break_glass: str = ""
    """Why this one deployment may go past a guard that is in ALARM before it begins: ``--break-glass --reason``."""
    wait: bool = False
    """Wait for the deployment's lock instead of refusing when somebody else holds it."""
    marker: Marker = field(default_factory=NoMarker)
    """Set while a release was begun from here whose end is not recorded."""
    purpose: Callable[[], Purpose] = field(default=Purpose)
    """What the record says beyond the release; called when there is something to record."""
    reporter: Reporter = field(default_factory=NoReporter)
    """Told of the execution and of its end."""
    probes: Callable[[], Probes | None] = field(default=lambda: None)
    """Makes the synthetic callers of a shift, where the configuration wants some."""


def result_of(
    rendered: Rendered,
    status: Literal["done", "unchanged", "prepared", "declined", "started", "detached"],
    *,
    outputs: Mapping[str, str] | None = None,
    exit_code: ExitCode = ExitCode.DONE,
) -> Result:
    """The last event of a deploy."""
    return Result(
        status=status,
        operation="deploy",
        deployment=rendered.deployment,
        exit_code=exit_code,
        release_id=rendered.release_id,
        outputs=dict(outputs or {}),
    )
