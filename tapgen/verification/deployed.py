"""What every check is handed: the deployment as it is configured and as it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from tapgen.naming import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.aws.http_api import ApiCaller
    from tapgen.config.environment import Environment
    from tapgen.deploy.probes import ProbeAccess
    from tapgen.deploy.state.observed_state import Situation
    from tapgen.deploy.state.stack_tree import Survey
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """One deployment.

    Attributes:
        context: Clients, clock.
        deployment: Its names.
        environment: As configured.
        situation: Stacks, aliases and shifts, as they were found.
        found: The stacks; there is one at least.
        stranger: Calls the API without any authorization; None for a service without one.
        access: How the API is called; None when it wants a token and there is none.
        now: Ages are counted from here.
    """

    context: Context
    deployment: Deployment
    environment: Environment
    situation: Situation
    found: Survey
    stranger: ApiCaller | None
    access: ProbeAccess | None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def names(self) -> Names:
        """Of the deployment."""
        return Names(self.environment)

    @property
    def options(self) -> str:
        """``--env X [--suffix Y]``: how commands in fixes name it."""
        return self.deployment.options

    @property
    def restore(self) -> str:
        """What puts a property back that somebody changed by hand."""
        return f"put it back by hand, or change the setting and `tapgen deploy {self.options}`"

    def resources(self, resource_type: str) -> Iterator[str]:
        """Physical ids of the stacks' resources of a type."""
        for stack in self.found.stacks:
            for resource in stack.resources:
                if resource.resource_type == resource_type and resource.physical_id:
                    yield resource.physical_id
