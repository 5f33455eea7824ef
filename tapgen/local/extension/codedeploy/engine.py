"""The life of a deployment: hooks, alarms and traffic, from Created to its end, and the rollback that follows it.

    Created -> InProgress -> BeforeAllowTraffic -> AllowTraffic -> AfterAllowTraffic -> Succeeded
                    |               |                   |                 |
                    +---------------+------ Halt -------+-----------------+--> Failed | Stopped -> rollback deployment

Each deployment runs on a thread of its own. What it waits for, it waits for in slices of ten AWS seconds, looking at
the group's alarms and at stop requests before each slice: CloudWatch's ALARM was seen to stop deployments within 10 to
20 seconds, and at once when it was there before the start.
"""

from __future__ import annotations

import contextlib
import logging
import time
from typing import TYPE_CHECKING

from ministack.core.concurrency import spawn_background

from tapgen.local.extension.codedeploy import configs, errors, events, guards, hooks, notifications, traffic
from tapgen.local.extension.codedeploy.appspec import AFTER, BEFORE
from tapgen.local.extension.codedeploy.deployments import new_rollback
from tapgen.local.extension.codedeploy.runs import Run
from tapgen.local.extension.codedeploy.state import ALLOW, EVENTS, Deployment, Record, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.local.extension.time_scale import TimeScale

POLL_S = 10
"""AWS seconds between two looks at the alarms."""

_LOG = logging.getLogger("codedeploy")


class Engine:
    """Carries deployments out.

    Args:
        store: The records.
        time_scale: How long an AWS minute takes.
    """

    def __init__(self, store: Store, time_scale: TimeScale) -> None:
        self._store = store
        self._time_scale = time_scale
        self._runs: dict[str, Run] = {}

    def start(self, deployment: Deployment) -> Run:
        """Carry a deployment out in the background, in the caller's account and region."""
        run = Run(deployment)
        self._runs[deployment.id] = run
        spawn_background(self._carry_out, run, thread_name=f"codedeploy-{deployment.id}")
        return run

    def recover(self, deployment: Deployment) -> None:
        """End a deployment that was running when an earlier process ended.

        It cannot go on, since nobody watched its alarms meanwhile: it fails with INTERNAL_ERROR, and is rolled back
        where its configuration rolls failures back.
        """
        for event in deployment.target["lifecycleEvents"]:
            if event["status"] in ("Pending", "InProgress"):
                event["status"] = "Failed" if event["status"] == "InProgress" else "Skipped"
        reason = "The embedded AWS was stopped while the deployment was in progress."
        self._halted(Run(deployment), errors.broken(reason))

    def run_of(self, deployment_id: str) -> Run | None:
        """The run of a deployment that this process started."""
        return self._runs.get(deployment_id)

    def _carry_out(self, run: Run) -> None:
        deployment = run.deployment
        started = time.monotonic()
        try:
            self._begin(deployment)
            self._proceed(run)
            self._end(deployment, "Succeeded")
            notifications.publish_end(self._store, deployment)
            events.publish(deployment)
        except errors.Halt as halt:
            self._halted(run, halt)
        except Exception as error:  # noqa: BLE001 - whatever breaks, the deployment must end and the stack go on
            _LOG.exception("%s broke", deployment.id)
            self._halted(run, errors.broken(f"{type(error).__name__}: {error}"))
        finally:
            self._report(deployment, time.monotonic() - started)
            run.done.set()

    def _begin(self, deployment: Deployment) -> None:
        now = time.time()
        with self._store.lock:
            deployment.info |= {"status": "InProgress", "startTime": now, "deploymentOverview": _overview("InProgress")}
            deployment.target |= {"status": "InProgress", "lastUpdatedAt": now}
        notifications.publish(self._store, deployment, "DeploymentStart")
        events.publish(deployment)

    def _proceed(self, run: Run) -> None:
        shift = run.deployment.shift
        with self._event(run.deployment, BEFORE):
            self._check(run)
            traffic.check(shift, self._role(run.deployment))
            self._call_hook(run, BEFORE, shift.before)
        with self._event(run.deployment, ALLOW):
            self._shift(run)
        with self._event(run.deployment, AFTER):
            self._call_hook(run, AFTER, shift.after)

    @contextlib.contextmanager
    def _event(self, deployment: Deployment, name: str) -> Iterator[None]:
        """The record of a lifecycle event while it happens; the events after a failed one are skipped."""
        self._record(deployment, name, {"status": "InProgress", "startTime": time.time()})
        try:
            yield
        except BaseException as error:
            outcome = {"status": "Failed", "endTime": time.time(), "diagnostics": _diagnostics(error)}
            self._record(deployment, name, outcome)
            for later in EVENTS[EVENTS.index(name) + 1 :]:
                self._record(deployment, later, {"status": "Skipped"})
            raise
        self._record(deployment, name, {"status": "Succeeded", "endTime": time.time()})

    def _record(self, deployment: Deployment, name: str, change: Record) -> None:
        with self._store.lock:  # a request may be reading the record
            record = deployment.event(name)
            record |= change
            deployment.target["lastUpdatedAt"] = time.time()

    def _check(self, run: Run) -> None:
        """Whether the deployment may go on: nobody stopped it and no alarm is active."""
        request = run.stop_request
        if request is not None:
            raise errors.manually_stopped(request.by)
        guards.check(run.deployment.alarms, self._role(run.deployment))

    def _wait(self, run: Run, aws_s: float, until: Callable[[], bool]) -> bool:
        """Wait ``aws_s`` AWS seconds, or until something holds; whether it does."""
        deadline = time.monotonic() + self._time_scale.wall_s(aws_s)
        while True:
            self._check(run)
            if until():
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            run.sleep(min(left, self._time_scale.wall_s(POLL_S)))

    def _call_hook(self, run: Run, event: str, hook: str) -> None:
        if not hook:
            return
        deployment = run.deployment
        execution = deployment.hooks[hooks.invoke(deployment, event, hook, self._role(deployment))]
        _LOG.info("%s waits for %s to answer for %s", deployment.id, hook, event)
        answered = self._wait(run, hooks.TIMEOUT_S, lambda: execution[1] != "")
        while not answered and hooks.running(hook):
            # In AWS the hour is longer than any invocation. A hook's own time is not shortened, so it may not be here.
            answered = self._wait(run, POLL_S, lambda: execution[1] != "")
        if not answered:
            raise errors.hook_silent()
        if execution[1] != "Succeeded":
            raise errors.hook_failed()

    def _shift(self, run: Run) -> None:
        deployment, shift = run.deployment, run.deployment.shift
        routing = self._store.config(deployment.info["deploymentConfigName"])["trafficRoutingConfig"]
        for step in configs.steps(routing):
            traffic.split(shift, step.percentage, self._role(deployment))
            _set_weight(deployment, step.percentage / 100)
            self._log_step(deployment, step)
            self._wait(run, step.minutes * 60, lambda: False)
        traffic.move(shift, shift.target, self._role(deployment))
        _set_weight(deployment, 1.0)

    def _halted(self, run: Run, halt: errors.Halt) -> None:
        """End a deployment that did not succeed, and roll it back where its configuration says so."""
        deployment = run.deployment
        with self._store.lock:  # no other deployment may slip in between the end and the rollback
            if self._wants_rollback(run, halt):
                run.rollback = self._create_rollback(deployment)
            self._end(deployment, halt.status, halt)
        notifications.publish_end(self._store, deployment)
        events.publish(deployment)
        if run.rollback is not None:
            self._roll_back(run.rollback)

    def _wants_rollback(self, run: Run, halt: errors.Halt) -> bool:
        request = run.stop_request
        if halt.event == "DEPLOYMENT_STOP_ON_REQUEST" and request is not None and request.roll_back is not None:
            return request.roll_back
        configuration = run.deployment.info["autoRollbackConfiguration"]
        return bool(configuration.get("enabled")) and halt.event in configuration.get("events", [])

    def _create_rollback(self, deployment: Deployment) -> Deployment:
        rollback = new_rollback(deployment)
        self._store.deployments[rollback.id] = rollback
        deployment.info["rollbackInfo"] = {
            "rollbackDeploymentId": rollback.id,
            "rollbackMessage": f"Deployment {deployment.id} terminated. Automatic rollback is triggered with a "
            f"DeploymentId {rollback.id}.",
        }
        return rollback

    def _roll_back(self, rollback: Deployment) -> None:
        """Send all traffic to the old version at once: no hooks, no alarms, which may well still be red [inferred]."""
        self._begin(rollback)
        try:
            with self._event(rollback, BEFORE):
                pass
            with self._event(rollback, ALLOW):
                traffic.move(rollback.shift, rollback.shift.target, self._role(rollback))
                _set_weight(rollback, 1.0)
            with self._event(rollback, AFTER):
                pass
        except errors.Halt as halt:
            self._end(rollback, halt.status, halt)
        else:
            self._end(rollback, "Succeeded")
        notifications.publish_end(self._store, rollback)
        events.publish(rollback)

    def _end(self, deployment: Deployment, status: str, halt: errors.Halt | None = None) -> None:
        now = time.time()
        with self._store.lock:
            if halt:
                deployment.info["errorInformation"] = {"code": halt.code, "message": halt.message}
            deployment.info |= {"status": status, "completeTime": now}
            deployment.info["deploymentOverview"] = _overview("Succeeded" if status == "Succeeded" else "Failed")
            deployment.target |= {"status": "Succeeded" if status == "Succeeded" else "Failed", "lastUpdatedAt": now}
            self._remember(deployment)

    def _remember(self, deployment: Deployment) -> None:
        """Keep the outcome on the group, as GetDeploymentGroup shows it."""
        info = deployment.info
        group = self._store.groups.get(f"{info['applicationName']}/{info['deploymentGroupName']}")
        if group is None:
            return
        brief = {key: info[key] for key in ("deploymentId", "status", "createTime", "completeTime")}
        brief["endTime"] = brief.pop("completeTime")
        group["lastAttemptedDeployment"] = brief
        if info["status"] == "Succeeded":
            group |= {"lastSuccessfulDeployment": brief, "targetRevision": info["revision"]}

    def _role(self, deployment: Deployment) -> str:
        info = deployment.info
        group = self._store.groups.get(f"{info['applicationName']}/{info['deploymentGroupName']}")
        if group is None:
            raise errors.group_missing(info["deploymentGroupName"])
        return str(group["serviceRoleArn"])

    def _log_step(self, deployment: Deployment, step: configs.Step) -> None:
        shift = deployment.shift
        _LOG.info(
            "%s sends %d %% of %s:%s to version %s for %d min (%.1f s here)",
            deployment.id,
            step.percentage,
            shift.function,
            shift.alias,
            shift.target,
            step.minutes,
            self._time_scale.wall_s(step.minutes * 60),
        )

    def _report(self, deployment: Deployment, wall_s: float) -> None:
        error = deployment.info.get("errorInformation", {})
        _LOG.info(
            "%s %s after %.0f s of AWS time (%.2f s here)%s",
            deployment.id,
            deployment.info["status"],
            self._time_scale.aws_s(wall_s),
            wall_s,
            f": {error['code']}: {error['message']}" if error else "",
        )


def _set_weight(deployment: Deployment, weight: float) -> None:
    deployment.target["lambdaFunctionInfo"]["targetVersionWeight"] = weight
    deployment.target["lastUpdatedAt"] = time.time()


def _overview(status: str) -> Record:
    names = ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready")
    return {name: int(name == status) for name in names}


def _diagnostics(error: BaseException) -> Record:
    code = (
        "ScriptFailed" if isinstance(error, errors.Halt) and error.code == "HOOK_EXECUTION_FAILURE" else "UnknownError"
    )
    return {"errorCode": code, "scriptName": "", "message": str(error), "logTail": ""}
