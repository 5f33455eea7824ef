"""What the end of a followed operation means: what each shift proved, and success or the first real cause.

Pure: what is read from AWS for it is ``shift_outcomes``'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tapgen.engine.root_cause import find_cause
from tapgen.errors import AttentionError, DeploymentError
from tapgen.model import ShiftOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.deploy.watch.stack_watcher import Followed
    from tapgen.model import Failure, GuardAlarm, Shift, ShiftPolicy

_SUCCESS = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
_HOOKS = {"BeforeAllowTraffic": "pre-traffic hook", "AfterAllowTraffic": "post-traffic hook"}


def judge_shift(
    shift: Shift, policy: ShiftPolicy | None, *, unproven: bool = False, log_lines: tuple[str, ...] = ()
) -> ShiftOutcome:
    """What came of a shift.

    Args:
        shift: As it was seen last.
        policy: What counts as proof; None asks for none.
        unproven: It was stopped because its version had answered too little.
        log_lines: What the new version's log, or the failed hook's, says of errors.
    """
    judged = policy is not None and shift.function in policy.functions and shift.window_min > 0
    minimum = policy.minimum_requests if policy and judged else 0
    return ShiftOutcome(
        function=shift.function,
        current_version=shift.current_version,
        target_version=shift.target_version,
        outcome=_outcome(shift, minimum),
        requests=shift.served.requests,
        errors=shift.served.errors,
        minimum_requests=minimum,
        window_min=shift.window_min,
        weight=shift.target_weight,
        code="UNPROVEN" if unproven else shift.error_code,
        failed_hook=shift.failed_hook[0] if shift.failed_hook else "",
        red=tuple(alarm for alarm in shift.alarms if alarm.state == "ALARM"),
        log_lines=log_lines,
    )


def explain_outcome(outcome: ShiftOutcome) -> list[str]:
    """An outcome in words: what happened first, then why, one fact a line."""
    return list(_explain(outcome))


def require_success(followed: Followed, outcomes: Sequence[ShiftOutcome], *, environment: str, stack: str) -> None:
    """Go on only when the root stack ended well.

    Raises:
        DeploymentError: It was rolled back; ``why`` is the first real cause, and why a shift was stopped.
        AttentionError: It is in a state that CloudFormation does not leave by itself.
    """
    status = followed.status
    if status in _SUCCESS:
        return
    stopped = [outcome for outcome in outcomes if outcome.outcome == "rolled-back"]
    cause = find_cause(followed.events)
    why = [_explain_cause(cause) if cause else f"{stack} ended in {status}"]
    why += [line for outcome in stopped for line in explain_outcome(outcome)]
    hint = _hint(stopped, cause)
    raise _failed(status, why="\n".join(why), hint=hint, cause=cause, environment=environment).with_shifts(
        tuple(outcomes)
    )


def _failed(
    status: str, *, why: str, hint: str, cause: Failure | None, environment: str
) -> DeploymentError | AttentionError:
    if status == "UPDATE_ROLLBACK_COMPLETE":
        hint = hint or "the release before it is live; correct the cause and deploy again"
        return DeploymentError("the deployment failed and was rolled back", why=why, hint=hint, failure=cause)
    if status == "ROLLBACK_COMPLETE":
        clear = f"`tapgen destroy --env {environment}` removes the empty stack, then deploy again"
        hint = f"{hint}; {clear}" if hint else clear
        return DeploymentError("the first deployment failed and was rolled back", why=why, hint=hint, failure=cause)
    return AttentionError(
        f"the deployment failed and the stack is in {status}",
        why=why,
        hint=f"`tapgen status --env {environment}` says what to do",
        code="stack-stuck",
        failure=cause,
    )


def _outcome(shift: Shift, minimum: int) -> Literal["passed", "inconclusive", "rolled-back"]:
    if shift.status != "Succeeded":
        return "rolled-back"
    return "inconclusive" if shift.served.requests < minimum else "passed"


def _explain(outcome: ShiftOutcome) -> Iterator[str]:
    version = f"{outcome.function} version {outcome.target_version}"
    served = _served(outcome)
    if outcome.outcome == "passed":
        yield f"{version} {served} while its share grew" if outcome.minimum_requests else f"{version} {served}"
        return
    if outcome.outcome == "inconclusive":
        yield f"{version} {served} before all traffic moved: fewer than {outcome.minimum_requests} prove nothing"
        return
    yield f"{version} was stopped at {outcome.weight:.0%} of the traffic; version {outcome.current_version} serves"
    yield f"it {served}"
    yield from _causes(outcome)
    yield from (f"{alarm.name} is in ALARM: {_measured(alarm)}" for alarm in outcome.red)
    whose = "the hook's" if outcome.failed_hook else "its"
    yield from (f"{whose} log: {line}" for line in outcome.log_lines)


def _causes(outcome: ShiftOutcome) -> Iterator[str]:
    if outcome.failed_hook:
        yield f"the {_HOOKS[outcome.failed_hook]} ({outcome.failed_hook}) answered Failed"
    if outcome.code == "UNPROVEN":
        minimum = f"fewer than {outcome.minimum_requests} requests prove nothing (shift.minimum_requests)"
        yield f"tapgen stopped it: {minimum}"
    elif outcome.code == "MANUAL_STOP":
        yield "somebody stopped it"


def _measured(alarm: GuardAlarm) -> str:
    """The rule, then CloudWatch's own words, which carry the datapoints."""
    rule = f"{alarm.metric} {alarm.condition}".strip()
    return f"{rule}; {alarm.reason}" if rule else alarm.reason


def _served(outcome: ShiftOutcome) -> str:
    requests = f"{outcome.requests} request{'' if outcome.requests == 1 else 's'}"
    return f"had answered {requests}, {outcome.errors or 'none'} of them with an error"


def _hint(stopped: Sequence[ShiftOutcome], cause: Failure | None) -> str:
    if any(outcome.code == "UNPROVEN" for outcome in stopped):
        return "raise shift.probes.rate_per_min, lengthen the shift, or lower shift.minimum_requests; then deploy again"
    if any(outcome.code == "MANUAL_STOP" for outcome in stopped):
        return "the release before it is live; deploy again when you are ready"
    return cause.hint if cause else ""


def _explain_cause(cause: Failure) -> str:
    return f"{cause.stack}.{cause.logical_id} ({cause.resource_type}) {cause.status}: {cause.reason}"
