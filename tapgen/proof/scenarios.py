"""Uses of the deployed service: each function by its journey, and the shifts with their hooks.

A step that does not end as it should fails its scenario by name. Nothing here knows a permission.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.journey.steps import Event
from tapgen.journey.walker import Course, Walker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.aws.session import Aws
    from tapgen.journey.steps import Step
    from tapgen.journey.transport import Transport
    from tapgen.naming import Names
    from tapgen.service.tried import Tried

USER = "ada"
"""In whose name the functions are tried: a person's, so that what leaves synthetic users out does its work, too."""


class StepFailedError(Exception):
    """A step did not end as it should.

    Args:
        step: Its name.
        got: What happened.
    """

    def __init__(self, step: str, got: str) -> None:
        super().__init__(f"{step}: {got}")
        self.step = step
        self.got = got


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A use of the service.

    Attributes:
        name: What is done, in words.
        roles: Names of the roles that it proves: what they are asked for is recorded.
        steps: Does it; yields the name of each step that ended well.
        bystanders: Roles that work in it, too. Scenarios with a role in common never run at once.
        waits: Whether it waits for something to happen, in vain when a mutant may not see it.
    """

    name: str
    roles: frozenset[str]
    steps: Callable[[], Iterator[str]]
    bystanders: frozenset[str] = frozenset()
    waits: bool = False


def function_scenarios(names: Names, tried: Tried, transport: Transport, aws: Aws) -> Iterator[Scenario]:
    """A function's journey; none where it has no steps."""
    if not tried.journey.steps_for("prove"):
        return
    role = names.function_role(tried.function)
    use = _Use(names.function(tried.function), tried, transport, aws)
    yield Scenario(name=f"the {tried.function} function", roles=frozenset({role}), steps=use.run, waits=use.waits)


@dataclass
class _Use:
    function: str
    tried: Tried
    transport: Transport
    aws: Aws

    @property
    def waits(self) -> bool:
        """Whether a step goes through a source, which tells nothing when the function fails."""
        return any(isinstance(step, Event) and step.deliver == "source" for step in self._steps)

    @property
    def _steps(self) -> tuple[Step, ...]:
        return self.tried.journey.steps_for("prove")

    def run(self) -> Iterator[str]:
        """The steps that ended well, clean-ups among them.

        Raises:
            StepFailedError: One did not.
        """
        if any(isinstance(step, Event) for step in self._steps):
            self._start_cold()
        walker = Walker(self.tried.journey, self.transport, Course(purpose="prove", user=USER))
        try:
            for outcome in walker.steps():
                if not outcome.passed:
                    raise StepFailedError(outcome.step, outcome.got)
                if not outcome.left_out:
                    yield outcome.step
        finally:
            walker.clean_up()
        for outcome in walker.walk.outcomes:
            if outcome.clean_up and not outcome.passed:
                raise StepFailedError(outcome.step, outcome.got)
        if any(outcome.clean_up for outcome in walker.walk.outcomes):
            yield "clean up"

    def _start_cold(self) -> None:
        """What a function asks for once and keeps is asked for each time."""
        client = self.aws.client("lambda")
        timeout_s = client.get_function_configuration(FunctionName=self.function)["Timeout"]
        client.update_function_configuration(FunctionName=self.function, Timeout=timeout_s)
