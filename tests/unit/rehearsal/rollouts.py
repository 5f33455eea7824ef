"""Rollouts as a rehearsal may see them, one for each way that they end; tests change what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tapgen.deploy.traffic import Call
from tapgen.model import AliasState, GuardAlarm, Shift
from tapgen.rehearsal.observation import AlarmState, Observation, Sample, ShiftState, StackStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

FUNCTION = "shop-prod-eu-west-1-api"
ERRORS, LATENCY, SERVER_ERRORS = GUARDS = (
    "shop-prod-eu-west-1-guard-api-errors-abc",
    "shop-prod-eu-west-1-guard-api-latency-abc",
    "shop-prod-eu-west-1-guard-api-5xx",
)
HOOKS = (("BeforeAllowTraffic", "CodeDeployHook_before"), ("AfterAllowTraffic", "CodeDeployHook_after"))
MINUTE_S = 0.5
"""Seconds of an AWS minute: neither 1 nor 60, so that no test passes by a mistaken unit."""


def alias(version: str = "1", **weights: float) -> AliasState:
    """``alias("1", v2=0.1)``: version 1, with a tenth to version 2."""
    shares = {name.removeprefix("v"): share for name, share in weights.items()}
    return AliasState(function=FUNCTION, name="live", version=version, weights=shares)


def samples(*states: AliasState, every_s: float = 1.0) -> tuple[Sample, ...]:
    """A look at the alias each second, which takes a tenth of one."""
    return tuple(
        Sample(at_s=index * every_s, until_s=index * every_s + 0.1, alias=state) for index, state in enumerate(states)
    )


def call(at_s: float, *, status: int = 200, duration_s: float = 0.02) -> Call:
    """A read that was sent at a moment."""
    return Call(operation="read", status=status, started_s=at_s, duration_s=duration_s, good=status == 200)


def calls(*, until_s: float, every_s: float = 0.05) -> tuple[Call, ...]:
    """Good answers all the time."""
    return tuple(call(index * every_s) for index in range(round(until_s / every_s)))


def with_bad(good: Iterable[Call], *at_s: float, status: int = 502) -> tuple[Call, ...]:
    """The calls, with a bad answer at each moment."""
    return (*good, *(call(moment, status=status) for moment in at_s))


def red(name: str, *, at_s: float) -> tuple[AlarmState, ...]:
    """A guard that was calm and turned red."""
    return (
        AlarmState(at_s=0.5, name=name, state="OK", reason="no data"),
        AlarmState(at_s=at_s, name=name, state="ALARM", reason="Threshold Crossed: 1 datapoint [3.0]"),
    )


def shift(status: str, code: str = "", *, weight: float = 0.1, failed: str = "") -> Shift:
    """The shift from version 1 to 2, with the lifecycle event that failed."""
    order = ("BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic")
    ends = dict.fromkeys(order, "Succeeded")
    if failed:
        ends |= {failed: "Failed"} | dict.fromkeys(order[order.index(failed) + 1 :], "Skipped")
    return Shift(
        deployment_id="d-1",
        status=status,
        function=FUNCTION,
        alias="live",
        current_version="1",
        target_version="2",
        target_weight=weight,
        steps=tuple(ends.items()),
        hooks=HOOKS,
        alarms=tuple(GuardAlarm(name=name, state="OK", reason="") for name in GUARDS),
        error_code=code,
    )


def rollout(
    *states: AliasState, ended: Shift | None, outcome: str = "deployment-failed", **fields: object
) -> Observation:
    """A rollout with an alias that was seen in these states, one a second."""
    length_s = float(len(states))
    shipped = outcome in {"done", "unchanged"}
    running: Literal["InProgress"] = "InProgress"
    values = {
        "minute_s": MINUTE_S,
        "outcome": outcome,
        "error": "" if shipped else "d-1 failed",
        "stack_status": "UPDATE_COMPLETE" if shipped else "UPDATE_ROLLBACK_COMPLETE",
        "deployed_s": length_s - 1.0,
        "stopped_s": None,
        "guards": GUARDS,
        "samples": samples(*states),
        "alarm_states": tuple(AlarmState(at_s=0.5, name=name, state="OK", reason="no data") for name in GUARDS),
        "shifts": (ShiftState(at_s=0.4, shift=shift(running)), ShiftState(at_s=length_s - 1.5, shift=ended))
        if ended
        else (),
        "stack_statuses": (
            StackStatus(
                at_s=0.2, is_root=True, stack="root", logical_id="shop", status="UPDATE_IN_PROGRESS", reason=""
            ),
        ),
        "calls": calls(until_s=length_s),
    }
    return Observation(**(values | fields))  # type: ignore[arg-type]  # the fields are the test's own


def shipped() -> Observation:
    """A good candidate: a tenth for two seconds, then all."""
    return rollout(
        alias(),
        alias("1", v2=0.1),
        alias("1", v2=0.1),
        alias("2"),
        alias("2"),
        ended=shift("Succeeded", weight=1.0),
        outcome="done",
    )


def stopped_by(guard: str, *bad_at_s: float) -> Observation:
    """A bad candidate that its guard stops two seconds after it got a tenth."""
    states = (alias(), alias("1", v2=0.1), alias("1", v2=0.1), alias(), alias())
    return rollout(
        *states,
        ended=shift("Stopped", "ALARM_ACTIVE", failed="AllowTraffic"),
        alarm_states=red(guard, at_s=2.5),
        calls=with_bad(calls(until_s=5.0), *bad_at_s),
    )


def refused_by(hook: str) -> Observation:
    """A candidate that a hook refuses, before the traffic or after it."""
    after = hook == "AfterAllowTraffic"
    between = (alias("1", v2=0.1), alias("2")) if after else (alias(), alias())
    ended = shift("Failed", "HOOK_EXECUTION_FAILURE", weight=1.0 if after else 0.0, failed=hook)
    return rollout(alias(), *between, alias(), alias(), ended=ended)
