"""What is validated: a rendered release, and the account that it is for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tapgen.deploy.state.live_templates import read_baseline
from tapgen.deploy.state.preflight import Ready
from tapgen.engine.deployment import deployment_of
from tapgen.gates.templates import look_up, resources_of, stacks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.gates.templates import Resource, Stacks
    from tapgen.iam.needs import Needs
    from tapgen.model import Rendered, StackState


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A release and what is deployed in its place."""

    context: Context
    rendered: Rendered
    state: StackState | None
    """The root stack; None when there is none."""
    role_arn: str | None
    """The role that CloudFormation would assume."""
    bootstrap_stack: str = ""
    needs: Callable[[], Needs] | None = None
    """Answers what the release needs of bootstrap; None where it bootstraps itself."""

    @property
    def deployment(self) -> Deployment:
        """Names of the deployment."""
        return deployment_of(self.rendered)

    @cached_property
    def stacks(self) -> Stacks:
        """The release's templates."""
        return stacks_of(self.rendered)

    @cached_property
    def live(self) -> Stacks:
        """The templates of what is deployed."""
        if self.state is None or self.state.is_empty:
            return {}
        return read_baseline(self.context, Ready(kind="UPDATE", state=self.state)).templates

    def added(self, *types: str) -> Iterator[tuple[str, Resource]]:
        """(path, resource) of these types that the release brings and what is deployed does not have."""
        have = dict(resources_of(self.live))
        return ((path, resource) for path, resource in resources_of(self.stacks, *types) if path not in have)

    def resolve(self, value: Any) -> str | None:
        """A name in a template; None when only CloudFormation will know it."""
        pattern = value.get("Fn::Sub") if isinstance(value, dict) else value
        if not isinstance(pattern, str):
            return None
        for name, known in (
            ("AWS::AccountId", self.rendered.account_id),
            ("AWS::Region", self.rendered.region),
            ("AWS::StackName", self.rendered.root_stack),
        ):
            pattern = pattern.replace(f"${{{name}}}", known)
        return None if "${" in pattern else pattern

    def name_of(self, resource: Resource, name_property: str) -> str | None:
        """A resource's physical name, where the template gives it one."""
        return self.resolve(look_up(resource, name_property))
