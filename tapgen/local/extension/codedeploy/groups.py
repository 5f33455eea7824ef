"""Operations on deployment groups and deployment configurations."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.codedeploy import arns, configs, requests, service_role
from tapgen.local.extension.codedeploy.errors import CodeDeployError

if TYPE_CHECKING:
    from tapgen.local.extension.codedeploy.requests import Request
    from tapgen.local.extension.codedeploy.state import Record, Store

_ROLLBACK_EVENTS = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")
_TRIGGER_EVENTS = (
    *(f"Deployment{event}" for event in ("Start", "Success", "Failure", "Stop", "Rollback", "Ready")),
    *(f"Instance{event}" for event in ("Start", "Success", "Failure", "Ready")),
)
_STYLE = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}


class Groups:
    """Deployment groups and configurations.

    Args:
        store: The records.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def create_deployment_group(self, request: Request) -> Record:
        """CreateDeploymentGroup."""
        application = requests.name(request, "applicationName")
        name = requests.name(request, "deploymentGroupName")
        platform = self._store.application(application)["computePlatform"]
        group = {
            "applicationName": application,
            "deploymentGroupId": str(uuid.uuid4()),
            "deploymentGroupName": name,
            "computePlatform": platform,
            "alarmConfiguration": {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []},
            "autoRollbackConfiguration": {"enabled": False, "events": []},
            "triggerConfigurations": [],
            "deploymentStyle": dict(_STYLE),
            "deploymentConfigName": configs.ALL_AT_ONCE if platform == "Lambda" else "CodeDeployDefault.OneAtATime",
            "outdatedInstancesStrategy": "UPDATE",
            "terminationHookEnabled": False,
        }
        if not request.get("serviceRoleArn"):
            raise CodeDeployError("RoleRequiredException", "The role ARN is required")
        group |= self._changes(request, group)
        with self._store.lock:
            if f"{application}/{name}" in self._store.groups:
                raise CodeDeployError(
                    "DeploymentGroupAlreadyExistsException", f"Deployment Group already exists: {name}"
                )
            self._store.groups[f"{application}/{name}"] = group
            self._store.tags[arns.group(application, name)] = requests.tags(request)
        return {"deploymentGroupId": group["deploymentGroupId"]}

    def update_deployment_group(self, request: Request) -> Record:
        """UpdateDeploymentGroup: a member that is absent keeps its value."""
        application = requests.name(request, "applicationName")
        name = requests.name(request, "currentDeploymentGroupName")
        group = self._store.group(application, name)
        changes = self._changes(request, group)
        with self._store.lock:
            group |= changes
            if request.get("newDeploymentGroupName"):
                self._rename(group, requests.name(request, "newDeploymentGroupName"))
        return {"hooksNotCleanedUp": []}

    def get_deployment_group(self, request: Request) -> Record:
        """GetDeploymentGroup."""
        return {"deploymentGroupInfo": self._group_of(request)}

    def batch_get_deployment_groups(self, request: Request) -> Record:
        """BatchGetDeploymentGroups, at most 100; unknown ones are told in ``errorMessage``."""
        application = requests.name(request, "applicationName")
        wanted = requests.batch(
            request, "deploymentGroupNames", most=100, required="DeploymentGroupNameRequiredException"
        )
        known = {group["deploymentGroupName"]: group for group in self._store.groups_of(application)}
        self._store.application(application)
        unknown = [name for name in wanted if name not in known]
        answer: Record = {"deploymentGroupsInfo": [known[name] for name in wanted if name in known]}
        if unknown:
            answer["errorMessage"] = f"No Deployment Groups found for names: {', '.join(unknown)}"
        return answer

    def list_deployment_groups(self, request: Request) -> Record:
        """ListDeploymentGroups."""
        application = requests.name(request, "applicationName")
        self._store.application(application)
        names = [group["deploymentGroupName"] for group in self._store.groups_of(application)]
        return {"applicationName": application, **requests.page(request, "deploymentGroups", names)}

    def delete_deployment_group(self, request: Request) -> Record:
        """DeleteDeploymentGroup; deleting one that does not exist succeeds."""
        application = requests.name(request, "applicationName")
        name = requests.name(request, "deploymentGroupName")
        self._store.groups.pop(f"{application}/{name}", None)
        self._store.tags.pop(arns.group(application, name), None)
        return {"hooksNotCleanedUp": []}

    def create_deployment_config(self, request: Request) -> Record:
        """CreateDeploymentConfig."""
        name = requests.name(request, "deploymentConfigName")
        if name.startswith(configs.PREFIX):
            raise CodeDeployError(
                "InvalidDeploymentConfigNameException", f"{name} starts with {configs.PREFIX}, which AWS keeps"
            )
        platform = request.get("computePlatform") or "Server"
        if platform not in ("Server", "Lambda", "ECS"):
            raise CodeDeployError("InvalidComputePlatformException", f"The compute platform {platform} is not valid")
        record: Record = {
            "deploymentConfigId": str(uuid.uuid4()),
            "deploymentConfigName": name,
            "computePlatform": platform,
            "createTime": time.time(),
        }
        if platform == "Server":
            record["minimumHealthyHosts"] = request.get("minimumHealthyHosts")
        else:
            record["trafficRoutingConfig"] = configs.validated_routing(request.get("trafficRoutingConfig"))
        with self._store.lock:
            if name in self._store.config_names():
                raise CodeDeployError(
                    "DeploymentConfigAlreadyExistsException", f"Deployment Configuration already exists: {name}"
                )
            self._store.configs[name] = record
        return {"deploymentConfigId": record["deploymentConfigId"]}

    def get_deployment_config(self, request: Request) -> Record:
        """GetDeploymentConfig."""
        return {"deploymentConfigInfo": self._store.config(requests.name(request, "deploymentConfigName"))}

    def list_deployment_configs(self, request: Request) -> Record:
        """ListDeploymentConfigs."""
        return requests.page(request, "deploymentConfigsList", self._store.config_names())

    def delete_deployment_config(self, request: Request) -> Record:
        """DeleteDeploymentConfig; neither a predefined one nor one in use."""
        name = requests.name(request, "deploymentConfigName")
        if name.startswith(configs.PREFIX):
            raise CodeDeployError("InvalidOperationException", f"{name} is predefined and cannot be deleted")
        users = [group["deploymentGroupName"] for group in self._store.groups.values()
                 if group["deploymentConfigName"] == name]  # fmt: skip
        if users:
            raise CodeDeployError("DeploymentConfigInUseException", f"{name} is used by {', '.join(sorted(users))}")
        self._store.configs.pop(name, None)
        return {}

    def _group_of(self, request: Request) -> Record:
        application = requests.name(request, "applicationName")
        return self._store.group(application, requests.name(request, "deploymentGroupName"))

    def _rename(self, group: Record, new: str) -> None:
        application, old = group["applicationName"], group["deploymentGroupName"]
        if new == old:
            return
        if f"{application}/{new}" in self._store.groups:
            raise CodeDeployError("DeploymentGroupAlreadyExistsException", f"Deployment Group already exists: {new}")
        group["deploymentGroupName"] = new
        self._store.groups[f"{application}/{new}"] = self._store.groups.pop(f"{application}/{old}")
        self._store.tags[arns.group(application, new)] = self._store.tags.pop(arns.group(application, old), {})

    def _changes(self, request: Request, group: Record) -> Record:
        """The validated members that the request gives for a group."""
        changes: Record = {}
        if request.get("serviceRoleArn"):
            changes["serviceRoleArn"] = _role(request["serviceRoleArn"], group)
        if request.get("deploymentConfigName"):
            changes["deploymentConfigName"] = self._config_name(request["deploymentConfigName"], group)
        for member, validated in _VALIDATED.items():
            if request.get(member) is not None:
                changes[member] = validated(request[member])
        return changes

    def _config_name(self, name: str, group: Record) -> str:
        platform = self._store.config(name)["computePlatform"]
        if platform != group["computePlatform"]:
            raise CodeDeployError(
                "InvalidDeploymentConfigNameException",
                f"The deployment configuration {name} is for {platform}, not for {group['computePlatform']}",
            )
        return name


def alarm_configuration(value: Record) -> Record:
    """A validated alarm configuration: at most ten alarms, by name."""
    alarms = value.get("alarms") or []
    if len(alarms) > 10:
        raise CodeDeployError("AlarmsLimitExceededException", f"{len(alarms)} alarms; at most 10 are allowed")
    names = [alarm.get("name") for alarm in alarms]
    if not all(names) or len(set(names)) != len(names):
        raise CodeDeployError("InvalidAlarmConfigException", "Every alarm needs a name, and no name may occur twice")
    enabled = bool(value.get("enabled"))
    if enabled and not names:
        raise CodeDeployError("InvalidAlarmConfigException", "An enabled alarm configuration needs an alarm")
    return {
        "enabled": enabled,
        "ignorePollAlarmFailure": bool(value.get("ignorePollAlarmFailure")),
        "alarms": [{"name": name} for name in names],
    }


def auto_rollback_configuration(value: Record) -> Record:
    """A validated automatic rollback configuration."""
    events = value.get("events") or []
    unknown = [event for event in events if event not in _ROLLBACK_EVENTS]
    enabled = bool(value.get("enabled"))
    if unknown or (enabled and not events):
        raise CodeDeployError(
            "InvalidAutoRollbackConfigException",
            f"The rollback events {events} are not valid: some of {', '.join(_ROLLBACK_EVENTS)}",
        )
    return {"enabled": enabled, "events": list(events)}


def _deployment_style(value: Record) -> Record:
    """The one style that Lambda has; the condition for the refusal is [inferred]."""
    if value and {**_STYLE, **value} != _STYLE:
        raise CodeDeployError(
            "InvalidDeploymentStyleException",
            "For Lambda deployment group, the deployment style must be BLUE_GREEN with WITH_TRAFFIC_CONTROL",
        )
    return dict(_STYLE)


def _triggers(value: list[Record]) -> list[Record]:
    if len(value) > 10:
        raise CodeDeployError("TriggerTargetsLimitExceededException", f"{len(value)} triggers; at most 10 are allowed")
    for trigger in value:
        events = trigger.get("triggerEvents") or []
        if not trigger.get("triggerTargetArn") or not events or set(events) - set(_TRIGGER_EVENTS):
            raise CodeDeployError("InvalidTriggerConfigException", f"The trigger {trigger} is not valid")
    return value


def _role(role_arn: str, group: Record) -> str:
    group_arn = arns.group(group["applicationName"], group["deploymentGroupName"])
    if not str(role_arn).startswith("arn:") or not service_role.assumable(role_arn, group_arn):
        raise CodeDeployError(
            "InvalidRoleException",
            f"AWS CodeDeploy does not have the permissions required to assume the role {role_arn}.",
        )
    return str(role_arn)


_VALIDATED: dict[str, Any] = {
    "alarmConfiguration": alarm_configuration,
    "autoRollbackConfiguration": auto_rollback_configuration,
    "deploymentStyle": _deployment_style,
    "triggerConfigurations": _triggers,
}
