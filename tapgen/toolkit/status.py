"""A deployment as it is, on one page, and what to do when something is stuck. Looks, and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.shifts import ShiftReader
from tapgen.deploy.state.observed_state import observe
from tapgen.deploy.state.preflight import find_obstacle

if TYPE_CHECKING:
    from tapgen.deploy.state.observed_state import Situation
    from tapgen.engine.deployment import Deployment
    from tapgen.model import Shift
    from tapgen.toolkit.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Status:
    """What was seen of a deployment."""

    deployment: Deployment
    situation: Situation
    """Stacks, aliases, guards, records and the lock."""
    shifts: tuple[Shift, ...]
    """Those that run."""
    next_step: str
    """The command that leads out of the state, or that comes next; empty when all is well."""

    @property
    def is_live(self) -> bool:
        """Whether a release serves."""
        return bool(self.situation.history.live_release)

    @property
    def outputs(self) -> dict[str, str]:
        """What the root stack exports; empty when nothing is deployed."""
        found = self.situation.survey
        return dict(found.root.outputs) if found else {}


def read_status(workspace: Workspace) -> Status:
    """Look at the deployment of a workspace."""
    deployment, context = workspace.deployment, workspace.silent_context
    situation = observe(context, deployment)
    shifts = tuple(ShiftReader(context.aws, each, minute_s=context.minute_s).read() for each in situation.running)
    return Status(
        deployment=deployment, situation=situation, shifts=shifts, next_step=_next_step(situation, deployment)
    )


def _next_step(situation: Situation, deployment: Deployment) -> str:
    """What preflight would say about the stack, were it deployed to now, or what is out of order besides."""
    found = situation.survey
    if found is None:
        return f"tapgen deploy {deployment.options}"
    obstacle = find_obstacle(found.root, options=deployment.options)
    if obstacle:
        return obstacle.hint
    idle = not found.root.in_progress
    if idle and (situation.running or any(alias.drift for alias in situation.aliases)):
        return f"tapgen recover {deployment.options}"
    return found.hint
