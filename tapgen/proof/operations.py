"""What CloudFormation does with its role, as scenarios: every operation on everything that is deployed.

One scenario for each operation on each resource type. The embedded CloudFormation authorises it as it does in a deploy,
and carries nothing out (``tapgen.local.trials``): what an operation needs is told by AWS's published handlers, not by
the table that the role is made from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tapgen.iam.execution import execution_reasons
from tapgen.iam.stated import Stated
from tapgen.local.trials import try_operations
from tapgen.proof.scenarios import Scenario, StepFailedError
from tapgen.proof.withheld import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tapgen.iam.execution import Blueprint
    from tapgen.local.trials import Trial


@dataclass(frozen=True, kw_only=True)
class Operations:
    """CloudFormation at work.

    Attributes:
        endpoint_url: Of the embedded AWS.
        role_arn: The role that the stacks were given.
        region: Where they are.
    """

    endpoint_url: str
    role_arn: str
    region: str

    @property
    def role(self) -> str:
        """The role's name."""
        return self.role_arn.rpartition("/")[2]

    def untried(self, blueprint: Blueprint, deployed: Iterable[Mapping[str, Any]]) -> tuple[Stated, ...]:
        """What the role has for more than is deployed, or for types whose handlers' calls are not known here.

        Args:
            blueprint: What the role is derived from, which has a layer for dependencies whether a release has some.
            deployed: The templates of the release.
        """
        known = {trial.type for trial in self._try() if trial.calls}
        there = {
            reason.action
            for reason in execution_reasons(replace(blueprint, templates=tuple(deployed)))
            if reason.operation.partition(" ")[2] in known
        }
        operations: dict[str, set[str]] = {}
        for reason in execution_reasons(blueprint):
            operations.setdefault(reason.action, set()).add(reason.operation)
        return tuple(
            Stated(
                actions=frozenset({action}),
                resource="*",
                reason=f"{', '.join(sorted(found))}: nothing deployed has it, or its calls are not known here",
                source="the schemas of the types: aws cloudformation describe-type",
            )
            for action, found in sorted(operations.items())
            if action not in there
        )

    def scenarios(self) -> tuple[Scenario, ...]:
        """One for each kind of operation that the deployed stacks may see."""
        kinds = sorted({trial.kind for trial in self._try() if trial.calls})
        roles = frozenset({self.role})
        return tuple(Scenario(name=kind, roles=roles, steps=partial(self._steps, kind)) for kind in kinds)

    def _steps(self, kind: str) -> Iterator[str]:
        for trial in self._try(kind):
            for action, _, text in trial.refused:
                if action not in WITHHELD:
                    raise StepFailedError(str(trial), text)
        yield kind

    def _try(self, *kinds: str) -> list[Trial]:
        return try_operations(self.endpoint_url, role_arn=self.role_arn, region=self.region, kinds=kinds)
