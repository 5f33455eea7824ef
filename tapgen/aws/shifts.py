"""Reads CodeDeploy deployments of Lambda aliases, and stops one on request. It starts none and moves no alias."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import yaml
from botocore.exceptions import ClientError

from tapgen.aws.alarms import ShiftedVersion, describe_guards, find_alarms, read_figures
from tapgen.aws.failures import error_code, translated
from tapgen.model import Shift

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mypy_boto3_codedeploy.literals import DeploymentStatusType
    from mypy_boto3_codedeploy.type_defs import DeploymentInfoTypeDef, LambdaTargetTypeDef, TrafficRoutingConfigTypeDef

    from tapgen.aws.session import Aws

_UNFINISHED: tuple[DeploymentStatusType, ...] = ("Created", "Queued", "InProgress", "Baking", "Ready")
_NO_GROUP = {"ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"}


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What does not change while a deployment runs."""

    target_id: str
    alarm_names: tuple[str, ...]
    routing: TrafficRoutingConfigTypeDef
    hooks: tuple[tuple[str, str], ...]
    created_at: datetime


class ShiftReader:
    """Reads one deployment again and again; what cannot change is read once.

    Args:
        aws: Clients.
        deployment_id: ``d-…``.
        minute_s: Seconds that a minute of AWS takes there.
    """

    def __init__(self, aws: Aws, deployment_id: str, *, minute_s: float) -> None:
        self._aws = aws
        self._deployment_id = deployment_id
        self._minute_s = minute_s
        self._facts: _Facts | None = None

    def read(self) -> Shift:
        """The deployment as it is now, with its guard alarms and what the new version has served (four calls)."""
        client = self._aws.client("codedeploy")
        with translated(f"look at the deployment {self._deployment_id}"):
            info = client.get_deployment(deploymentId=self._deployment_id)["deploymentInfo"]
            facts = self._facts = self._facts or self._read_facts(info)
            target = client.get_deployment_target(deploymentId=self._deployment_id, targetId=facts.target_id)
        return self._shift(info, target["deploymentTarget"]["lambdaTarget"], facts)

    def _shift(self, info: DeploymentInfoTypeDef, moved: LambdaTargetTypeDef, facts: _Facts) -> Shift:
        versions = moved["lambdaFunctionInfo"]
        version = ShiftedVersion(
            function=versions["functionName"], alias=versions["functionAlias"], version=versions["targetVersion"]
        )
        alarms = find_alarms(self._aws, facts.alarm_names)
        lasts, served = read_figures(self._aws, alarms, version, since=facts.created_at, until=_traffic_ended_at(moved))
        weight = versions.get("targetVersionWeight", 0.0)
        schedule = _schedule(moved, facts.routing, weight=weight, minute_s=self._minute_s)
        error = info.get("errorInformation", {})
        return Shift(
            deployment_id=self._deployment_id,
            status=info["status"],
            function=version.function,
            alias=version.alias,
            current_version=versions["currentVersion"],
            target_version=version.version,
            target_weight=weight,
            steps=tuple((step["lifecycleEventName"], step["status"]) for step in moved.get("lifecycleEvents", ())),
            hooks=facts.hooks,
            window_min=_window_min(facts.routing),
            next_step_at=schedule[0] if schedule else None,
            full_at=schedule[1] if schedule else None,
            minute_s=self._minute_s,
            created_at=facts.created_at,
            served=served,
            alarms=describe_guards(alarms, lasts),
            error=error.get("message", ""),
            error_code=error.get("code", ""),
        )

    def _read_facts(self, info: DeploymentInfoTypeDef) -> _Facts:
        client = self._aws.client("codedeploy")
        (target_id,) = client.list_deployment_targets(deploymentId=self._deployment_id)["targetIds"]
        config = client.get_deployment_config(deploymentConfigName=info["deploymentConfigName"])
        return _Facts(
            target_id=target_id,
            alarm_names=read_alarm_names(self._aws, info["applicationName"], info["deploymentGroupName"]),
            routing=config["deploymentConfigInfo"].get("trafficRoutingConfig", {}),
            hooks=self._read_hooks(info),
            created_at=info["createTime"],
        )

    def _read_hooks(self, info: DeploymentInfoTypeDef) -> tuple[tuple[str, str], ...]:
        """The hooks of the AppSpec, which GetDeployment answers by its hash alone; none when it cannot be read."""
        try:
            found = self._aws.client("codedeploy").get_application_revision(
                applicationName=info["applicationName"], revision=info["revision"]
            )
        except ClientError:
            return ()
        content = found["revision"].get("appSpecContent", {}).get("content", "")
        return parse_hooks(content)


def parse_hooks(app_spec: str) -> tuple[tuple[str, str], ...]:
    """(lifecycle event, function) of each hook of an AppSpec in YAML or JSON; keys in any case."""
    document = yaml.safe_load(app_spec)
    listed = _value(document, "hooks") if isinstance(document, dict) else None
    return tuple((str(event), str(function)) for hook in listed or () for event, function in hook.items())


def _value(document: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in document.items() if key.lower() == name), None)


def read_alarm_names(aws: Aws, application: str, group: str) -> tuple[str, ...]:
    """Names of the alarms that guard a deployment group; none when it watches none or does not exist (one call)."""
    with translated(f"look at the deployment group {group}"):
        try:
            found = aws.client("codedeploy").get_deployment_group(
                applicationName=application, deploymentGroupName=group
            )
        except ClientError as error:
            if error_code(error) in _NO_GROUP:
                return ()
            raise
    configuration = found["deploymentGroupInfo"].get("alarmConfiguration", {})
    if not configuration.get("enabled"):
        return ()
    return tuple(alarm["name"] for alarm in configuration.get("alarms", ()))


def list_unfinished(aws: Aws, application: str, group: str) -> tuple[str, ...]:
    """Ids of the deployments of a group that have not ended (one call)."""
    with translated(f"list the deployments of {group}"):
        try:
            found = aws.client("codedeploy").list_deployments(
                applicationName=application, deploymentGroupName=group, includeOnlyStatuses=list(_UNFINISHED)
            )
        except ClientError as error:
            if error_code(error) in _NO_GROUP:
                return ()
            raise
    return tuple(found.get("deployments", ()))


def read_target_version(aws: Aws, deployment_id: str) -> str:
    """The version that a deployment moves traffic to (two calls)."""
    client = aws.client("codedeploy")
    with translated(f"look at the deployment {deployment_id}"):
        (target_id,) = client.list_deployment_targets(deploymentId=deployment_id)["targetIds"]
        target = client.get_deployment_target(deploymentId=deployment_id, targetId=target_id)
    return target["deploymentTarget"]["lambdaTarget"]["lambdaFunctionInfo"]["targetVersion"]


def stop_shift(aws: Aws, deployment_id: str) -> bool:
    """Stop a deployment and send all traffic back to the old version; False when it had ended already.

    CloudFormation sees the alias's update fail and rolls the stack back.
    """
    with translated(f"stop the deployment {deployment_id}"):
        try:
            aws.client("codedeploy").stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)
        except ClientError as error:
            if error_code(error) == "DeploymentAlreadyCompletedException":
                return False
            raise
    return True


def _schedule(
    moved: LambdaTargetTypeDef, routing: TrafficRoutingConfigTypeDef, *, weight: float, minute_s: float
) -> tuple[datetime, datetime] | None:
    """When CodeDeploy changes the weight next, and when it moves all traffic; None while no time is set.

    Steps are counted from the start of AllowTraffic.
    """
    started_at = _traffic_started_at(moved)
    if started_at is None or not weight:
        return None
    if "timeBasedCanary" in routing:
        step = 1
    elif "timeBasedLinear" in routing:
        step = round(weight * 100 / routing["timeBasedLinear"]["linearPercentage"])
    else:
        return None
    steps, interval_min = _steps(routing)
    interval = timedelta(seconds=interval_min * minute_s)
    return started_at + step * interval, started_at + steps * interval


def _window_min(routing: TrafficRoutingConfigTypeDef) -> float:
    steps, interval_min = _steps(routing)
    return float(steps * interval_min)


def _steps(routing: TrafficRoutingConfigTypeDef) -> tuple[int, int]:
    """How many waits there are before all traffic, and how many minutes each takes."""
    if "timeBasedCanary" in routing:
        return 1, routing["timeBasedCanary"]["canaryInterval"]
    if "timeBasedLinear" in routing:
        linear = routing["timeBasedLinear"]
        return -(-100 // linear["linearPercentage"]) - 1, linear["linearInterval"]
    return 0, 0


def _traffic_ended_at(moved: LambdaTargetTypeDef) -> datetime | None:
    """When all traffic had moved: what the version answers from then on is no part of the trial."""
    for step in moved.get("lifecycleEvents", ()):
        if step["lifecycleEventName"] == "AllowTraffic" and step["status"] not in {"Pending", "InProgress"}:
            return step.get("endTime")
    return None


def _traffic_started_at(moved: LambdaTargetTypeDef) -> datetime | None:
    for step in moved.get("lifecycleEvents", ()):
        if step["lifecycleEventName"] == "AllowTraffic" and step["status"] == "InProgress":
            return step.get("startTime")
    return None
