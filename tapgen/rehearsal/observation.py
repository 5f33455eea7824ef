"""What was seen of one rollout, as frozen values. All times are seconds since the rollout began, by one clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tapgen.deploy.traffic import Call
    from tapgen.model import AliasState, Shift


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The alias at one moment, as exactly as a look at it can tell."""

    at_s: float
    """When the look at the alias began: what it shows was true no earlier."""
    until_s: float
    """When it had ended: what it shows was true no later."""
    alias: AliasState


@dataclass(frozen=True, kw_only=True)
class AlarmState:
    """A guard alarm's new state."""

    at_s: float
    name: str
    state: str
    """``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``."""
    reason: str


@dataclass(frozen=True, kw_only=True)
class StackStatus:
    """A stack's or a resource's new status."""

    at_s: float
    is_root: bool
    """It is the root stack's own status."""
    stack: str
    logical_id: str
    status: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ShiftState:
    """The shift of the function's alias at one moment."""

    at_s: float
    shift: Shift


@dataclass(frozen=True, kw_only=True)
class Companion:
    """Another function that the candidate changes."""

    function: str
    shifts: tuple[ShiftState, ...]
    before: AliasState
    after: AliasState
    """Its alias at the rollout's beginning and end."""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One rollout from the deploy's start until some time after its end."""

    minute_s: float
    """Seconds that an AWS minute took."""
    outcome: str
    """``done``, ``unchanged``, or the code of the error that the deploy ended with."""
    error: str
    """What that error said; empty without one."""
    stack_status: str
    """Of the root stack, at the end."""
    deployed_s: float
    """When the deploy had ended."""
    stopped_s: float | None
    """When an operator stopped the shift."""
    guards: tuple[str, ...]
    """Names of the alarms that guard the candidate's shift, by its template."""
    samples: tuple[Sample, ...]
    """In order; the first was taken before anything happened, the last after everything had."""
    alarm_states: tuple[AlarmState, ...]
    """Changes of the candidate's guards, in order, by CloudWatch's own history."""
    shifts: tuple[ShiftState, ...]
    stack_statuses: tuple[StackStatus, ...]
    calls: tuple[Call, ...]
    """``started_s`` counts from the rollout's beginning as well."""
    companions: tuple[Companion, ...] = ()

    @property
    def before(self) -> AliasState:
        """The alias before the rollout."""
        return self.samples[0].alias

    @property
    def after(self) -> AliasState:
        """The alias at the end."""
        return self.samples[-1].alias

    @property
    def shift(self) -> Shift | None:
        """The shift as it ended; None when there was none."""
        return self.shifts[-1].shift if self.shifts else None

    @property
    def share(self) -> float:
        """The largest share of the traffic that the new version had while the alias was on the old one."""
        return max((share for sample in self.samples for share in sample.alias.weights.values()), default=0.0)

    @property
    def split(self) -> tuple[float, float] | None:
        """(from, to) when the new version may have had a share; None when it had none.

        It begins with the last sample before the share was seen, and ends with the first one after it that has all the
        traffic on one version again.
        """
        shared = [index for index, sample in enumerate(self.samples) if sample.alias.weights]
        if not shared:
            return None
        last = min(shared[-1] + 1, len(self.samples) - 1)
        return self.samples[max(0, shared[0] - 1)].at_s, self.samples[last].until_s

    @property
    def red(self) -> tuple[AlarmState, ...]:
        """The guards that turned red, each at its first moment of being so."""
        first: dict[str, AlarmState] = {}
        for change in self.alarm_states:
            if change.state == "ALARM":
                first.setdefault(change.name, change)
        return tuple(first.values())

    def minutes(self, wall_s: float) -> float:
        """AWS minutes that so many seconds here stand for."""
        return wall_s / self.minute_s
