"""Traffic shifts as scenarios: a new version of a function, a CodeDeploy deployment of its alias, both hooks.

They shift all at once and roll nothing back by themselves: what a shift may do is asked here, not how long it takes.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tapgen.naming import HOOKS, LIVE_ALIAS
from tapgen.proof.scenarios import Scenario, StepFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.aws.session import Aws
    from tapgen.local.authorizations import AuthorizationLog
    from tapgen.naming import Names

_AT_ONCE = "CodeDeployDefault.LambdaAllAtOnce"
_POLL_S = 0.05
_TIMEOUT_S = 120.0
_TRIES = 5
_ALARM_ACTIVE = "ALARM_ACTIVE"
_OVER = {"Succeeded", "Failed", "Stopped"}


def shift_scenario(role: str, names: Names, aws: Aws, log: AuthorizationLog) -> Scenario:
    """A shift of one function from its live version to another one with the same code."""
    hooks = {names.hook_role(hook) for hook in names.hooks_of(role)}
    # The hooks call the function on trial, which does its work with its own role.
    roles = frozenset({names.function_role("codedeploy"), names.function_role(role), *hooks})
    shifting = _Shifting(role, names, aws, roles=roles, log=log)
    return Scenario(name=f"a shift of the {role} function", roles=roles, steps=shifting.run)


@dataclass
class _Shifting:
    role: str
    names: Names
    aws: Aws
    roles: frozenset[str] = field(kw_only=True)
    log: AuthorizationLog = field(kw_only=True)

    def run(self) -> Iterator[str]:
        mark = self.log.mark()
        deployment_id = self._start()
        refused = self._await_end(deployment_id, mark)
        for _ in range(_TRIES):
            if self._info(deployment_id).get("errorInformation", {}).get("code") != _ALARM_ACTIVE:
                break
            # Mutants make functions fail, which turns guards red for a while.
            self._await_calm()
            deployment_id = self._start()
            refused = self._await_end(deployment_id, mark)
        yield from self._outcome(deployment_id, refused)

    def _start(self) -> str:
        current, target = self._versions()
        application, group = self._group
        return self.aws.client("codedeploy").create_deployment(
            applicationName=application,
            deploymentGroupName=group,
            deploymentConfigName=_AT_ONCE,
            autoRollbackConfiguration={"enabled": False},
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": self._app_spec(current, target)}},
        )["deploymentId"]

    @property
    def _group(self) -> tuple[str, str]:
        return self.names.application_of(self.role), self.names.deployment_group(self.role)

    def _await_calm(self) -> None:
        """Wait until none of the group's guards is red."""
        application, group = self._group
        found = self.aws.client("codedeploy").get_deployment_group(
            applicationName=application, deploymentGroupName=group
        )
        guards = [alarm["name"] for alarm in found["deploymentGroupInfo"]["alarmConfiguration"]["alarms"]]
        client = self.aws.client("cloudwatch")
        _poll(lambda: not client.describe_alarms(AlarmNames=guards, StateValue="ALARM")["MetricAlarms"])

    def _versions(self) -> tuple[str, str]:
        """The live version, and another one; published the first time."""
        client, function = self.aws.client("lambda"), self.names.function(self.role)
        live = client.get_alias(FunctionName=function, Name=LIVE_ALIAS)["FunctionVersion"]
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function)
        known = [version["Version"] for page in pages for version in page["Versions"]]
        others = [version for version in known if version not in ("$LATEST", live)]
        if others:
            return live, others[-1]
        client.update_function_configuration(FunctionName=function, Description="another version of the same code")
        return live, client.publish_version(FunctionName=function)["Version"]

    def _app_spec(self, current: str, target: str) -> str:
        properties = {
            "Name": self.names.function(self.role),
            "Alias": LIVE_ALIAS,
            "CurrentVersion": current,
            "TargetVersion": target,
        }
        pair = zip(HOOKS, self.names.hooks_of(self.role), strict=True)
        hooks = [{f"{event.title()}AllowTraffic": self.names.hook(hook)} for event, hook in pair]
        resource = {"Type": "AWS::Lambda::Function", "Properties": properties}
        return json.dumps({"version": 0.0, "Resources": [{"function": resource}], "Hooks": hooks})

    def _await_end(self, deployment_id: str, mark: int) -> str:
        """Wait for the end; a hook that was refused may never answer, so a refusal ends the shift. Answers it."""
        refused = ""

        def look() -> bool:
            nonlocal refused
            if self._info(deployment_id)["status"] in _OVER:
                return True
            refused = refused or self._refusal(mark)
            return bool(refused)

        _poll(look)
        if refused:
            # What was refused mostly ends the shift by itself, in words of its own.
            _poll(lambda: self._info(deployment_id)["status"] in _OVER, timeout_s=1.0, required=False)
        if self._info(deployment_id)["status"] not in _OVER:
            self.aws.client("codedeploy").stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=False)
            _poll(lambda: self._info(deployment_id)["status"] in _OVER)
        return refused

    def _refusal(self, mark: int) -> str:
        found = (entry for entry in self.log.since(mark) if not entry.allowed and entry.principal in self.roles)
        return next((f"{entry.action} on {entry.resource}" for entry in found), "")

    def _outcome(self, deployment_id: str, refused: str) -> Iterator[str]:
        info = self._info(deployment_id)
        for event, status in self._events(deployment_id):
            step = f"{event} of the {self.role} function"
            if status != "Succeeded":
                error = info.get("errorInformation", {})
                got = f"no answer, {refused} was refused" if info["status"] == "Stopped" else error.get("code", "")
                raise StepFailedError(step, got or info["status"])
            yield step
        if info["status"] != "Succeeded":
            raise StepFailedError(f"shift of the {self.role} function", info["status"])

    def _events(self, deployment_id: str) -> list[tuple[str, str]]:
        client = self.aws.client("codedeploy")
        (target_id,) = client.list_deployment_targets(deploymentId=deployment_id)["targetIds"]
        target = client.get_deployment_target(deploymentId=deployment_id, targetId=target_id)["deploymentTarget"]
        events = target["lambdaTarget"]["lifecycleEvents"]
        return [(event["lifecycleEventName"], event["status"]) for event in events]

    def _info(self, deployment_id: str) -> Any:
        return self.aws.client("codedeploy").get_deployment(deploymentId=deployment_id)["deploymentInfo"]


def _poll(done: Callable[[], bool], *, timeout_s: float = _TIMEOUT_S, required: bool = True) -> None:
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            if required:
                raise StepFailedError("shift", f"not over after {timeout_s:.0f} s")
            return
        time.sleep(_POLL_S)
