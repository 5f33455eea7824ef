"""Watches one rollout: a thread looks at the alias many times in an AWS minute, events and calls are stamped.

Decides nothing. Its clock is the machine's; ``Observation`` counts from the recorder's start.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from tapgen.aws.alarms import read_changes
from tapgen.aws.functions import read_alias
from tapgen.events import ShiftProgressed, StackEvent
from tapgen.model import AliasState
from tapgen.naming import LIVE_ALIAS
from tapgen.rehearsal.observation import AlarmState, Companion, Observation, Sample, ShiftState, StackStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.aws.session import Aws
    from tapgen.deploy.traffic import Call
    from tapgen.engine.context import Clock
    from tapgen.events import Event

# Often enough to tell the moments of a shift apart, seldom enough to leave the machine to the traffic.
_SAMPLES_PER_MIN = 10
_SHORTEST_S = 0.05


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How the deploy ended."""

    outcome: str
    error: str
    stack_status: str
    deployed_s: float
    stopped_s: float | None


class Recorder:
    """Records from ``__enter__`` to ``__exit__``.

    Args:
        aws: Clients of the private AWS.
        function: Whose alias is watched, by its physical name.
        companions: Functions that change with it, by their physical names.
        minute_s: Seconds that an AWS minute takes.
        clock: Stamps everything.
    """

    def __init__(
        self, aws: Aws, function: str, *, companions: tuple[str, ...] = (), minute_s: float, clock: Clock
    ) -> None:
        self._aws = aws
        self._function = function
        self._companions = {name: self._read_alias(name) for name in companions}
        self._minute_s = minute_s
        self._clock = clock
        self.on_sample: Callable[[Sample], None] = lambda _: None
        """Called with each sample, on the recorder's thread."""
        self._began_s = clock.monotonic()
        self._began_at = datetime.now(UTC)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="rehearsal-recorder", daemon=True)
        self._lock = threading.Lock()
        self._samples: list[Sample] = []
        self._shifts: list[ShiftState] = []
        self._others: list[ShiftState] = []
        self._stack_statuses: list[StackStatus] = []
        self._calls: list[Call] = []
        self._failure: Exception | None = None

    def __enter__(self) -> Self:
        self._take_sample()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the recorder was made."""
        return self._clock.monotonic() - self._began_s

    @property
    def deployment_id(self) -> str:
        """Of the function's running shift; empty before there is one."""
        with self._lock:
            return self._shifts[-1].shift.deployment_id if self._shifts else ""

    def note(self, event: Event) -> None:
        """Take an event of the deploy in."""
        at_s = self.elapsed_s
        with self._lock:
            if isinstance(event, ShiftProgressed):
                shifts = self._shifts if event.shift.function == self._function else self._others
                shifts.append(ShiftState(at_s=at_s, shift=event.shift))
            elif isinstance(event, StackEvent):
                self._stack_statuses.append(
                    StackStatus(
                        at_s=at_s,
                        is_root=_is_root(event),
                        stack=event.stack,
                        logical_id=event.logical_id,
                        status=event.status,
                        reason=event.reason,
                    )
                )

    def count(self, call: Call) -> None:
        """Take a call of the traffic in."""
        with self._lock:
            self._calls.append(replace(call, started_s=call.started_s - self._began_s))

    def conclude(self, ending: Ending, *, guards: tuple[str, ...]) -> Observation:
        """Everything that was seen, once the recorder has stopped.

        Args:
            ending: How the deploy ended.
            guards: The alarms whose history counts.

        Raises:
            TapgenError: The recorder could not look; whatever it missed might be what matters.
        """
        if self._failure is not None:
            raise self._failure
        self._take_sample()
        alarm_states = tuple(self._read_alarm_states(guards))
        companions = tuple(self._read_companions())
        with self._lock:
            return Observation(
                minute_s=self._minute_s,
                outcome=ending.outcome,
                error=ending.error,
                stack_status=ending.stack_status,
                deployed_s=ending.deployed_s,
                stopped_s=ending.stopped_s,
                guards=guards,
                alarm_states=alarm_states,
                samples=tuple(self._samples),
                shifts=tuple(self._shifts),
                stack_statuses=tuple(self._stack_statuses),
                calls=tuple(self._calls),
                companions=companions,
            )

    def _watch(self) -> None:
        interval_s = max(_SHORTEST_S, self._minute_s / _SAMPLES_PER_MIN)
        while not self._stopping.wait(interval_s):
            try:
                self.on_sample(self._take_sample())
            except Exception as error:  # noqa: BLE001 - a thread has nobody to raise to; ``conclude`` does it
                self._failure = error
                return

    def _read_alarm_states(self, guards: tuple[str, ...]) -> Iterator[AlarmState]:
        """From the history, which misses nothing: a guard may be red for less than a look, and then deleted."""
        for change in read_changes(self._aws, guards, since=self._began_at):
            at_s = (change.at - self._began_at).total_seconds()
            yield AlarmState(at_s=at_s, name=change.name, state=change.state, reason=change.reason)

    def _read_companions(self) -> Iterator[Companion]:
        for name, before in self._companions.items():
            shifts = tuple(state for state in self._others if state.shift.function == name)
            yield Companion(function=name, shifts=shifts, before=before, after=self._read_alias(name))

    def _read_alias(self, function: str) -> AliasState:
        found = read_alias(self._aws.client("lambda"), function, LIVE_ALIAS)
        return found or AliasState(function=function, name=LIVE_ALIAS, version="")

    def _take_sample(self) -> Sample:
        at_s = self.elapsed_s
        alias = self._read_alias(self._function)
        sample = Sample(at_s=at_s, until_s=self.elapsed_s, alias=alias)
        with self._lock:
            self._samples.append(sample)
        return sample


def _is_root(event: StackEvent) -> bool:
    """CloudFormation writes a stack's own name as logical id and its ARN as physical id."""
    return event.stack == "root" and f":stack/{event.logical_id}/" in event.physical_id
