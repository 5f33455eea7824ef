"""Making the records of a new deployment, whoever asks for it: the API, CloudFormation or a rollback."""

from __future__ import annotations

import secrets
import string
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.codedeploy import appspec, configs
from tapgen.local.extension.codedeploy.errors import CodeDeployError
from tapgen.local.extension.codedeploy.state import EVENTS, Deployment, Record, Store
from tapgen.local.extension.codedeploy.traffic import function_arn

if TYPE_CHECKING:
    from tapgen.local.extension.codedeploy.appspec import Shift

_ALPHABET = string.ascii_uppercase + string.digits


@dataclass(frozen=True, kw_only=True)
class Request:
    """What CreateDeployment is asked for.

    Attributes:
        application: The application's name.
        group: The deployment group's name.
        content: The AppSpec file.
        overrides: Members of ``deploymentInfo`` that replace what the group says: ``deploymentConfigName``,
            ``autoRollbackConfiguration``, ``overrideAlarmConfiguration``, ``description``.
    """

    application: str
    group: str
    content: str
    overrides: Record = field(default_factory=dict)


def create(store: Store, request: Request) -> Deployment:
    """Record a new deployment.

    Raises:
        CodeDeployError: The group is busy, something it names does not exist, or the revision is not valid.
    """
    group = store.group(request.application, request.group)
    overrides = request.overrides
    name = overrides.get("deploymentConfigName") or group.get("deploymentConfigName") or configs.ALL_AT_ONCE
    store.config(name)
    shift = appspec.read(request.content)
    with store.lock:
        _require_idle(store, request)
        revision = {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": appspec.digest(request.content)}}
        info = _info(request.application, request.group, name, revision) | {
            "creator": "user",
            "autoRollbackConfiguration": overrides.get("autoRollbackConfiguration")
            or group["autoRollbackConfiguration"],
        }
        optional = {
            "previousRevision": group.get("targetRevision"),
            "description": overrides.get("description"),
            "overrideAlarmConfiguration": overrides.get("overrideAlarmConfiguration"),
        }
        info |= {key: value for key, value in optional.items() if value}
        alarms = overrides.get("overrideAlarmConfiguration") or group["alarmConfiguration"]
        deployment = _deployment(info, shift, alarms)
        store.deployments[deployment.id] = deployment
    return deployment


def new_rollback(failed: Deployment) -> Deployment:
    """The deployment that sends an alias back; it uses LambdaAllAtOnce whatever the group uses [inferred]."""
    info = failed.info
    back = replace(failed.shift, current=failed.shift.target, target=failed.shift.current, before="", after="")
    revision = info.get("previousRevision") or {
        "revisionType": "AppSpecContent",
        "appSpecContent": {"sha256": appspec.digest(appspec.write(back))},
    }
    rollback = _info(info["applicationName"], info["deploymentGroupName"], configs.ALL_AT_ONCE, revision)
    rollback |= {
        "creator": "codeDeployRollback",
        "previousRevision": info["revision"],
        "autoRollbackConfiguration": {"enabled": False, "events": []},
        "rollbackInfo": {
            "rollbackTriggeringDeploymentId": failed.id,
            "rollbackMessage": f"Deployment {rollback['deploymentId']} is triggered to roll back deployment "
            f"{failed.id}.",
        },
    }
    return _deployment(rollback, back, {"enabled": False})


def _require_idle(store: Store, request: Request) -> None:
    for other in store.deployments_of(request.application, request.group):
        if other.active:
            raise CodeDeployError(
                "DeploymentLimitExceededException",
                f"The Deployment Group '{request.group}' already has an active Deployment '{other.id}'",
            )


def _info(application: str, group: str, config: str, revision: Record) -> Record:
    return {
        "applicationName": application,
        "deploymentGroupName": group,
        "deploymentConfigName": config,
        "deploymentId": "d-" + "".join(secrets.choice(_ALPHABET) for _ in range(9)),
        "revision": revision,
        "status": "Created",
        "createTime": time.time(),
        "deploymentOverview": {"Pending": 1, "InProgress": 0, "Succeeded": 0, "Failed": 0, "Skipped": 0, "Ready": 0},
        "ignoreApplicationStopFailures": False,
        "updateOutdatedInstancesOnly": False,
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "instanceTerminationWaitTimeStarted": False,
        "fileExistsBehavior": "DISALLOW",
        "deploymentStatusMessages": [],
        "computePlatform": "Lambda",
    }


def _deployment(info: Record, shift: Shift, alarms: dict[str, Any]) -> Deployment:
    target = {
        "deploymentId": info["deploymentId"],
        "targetId": f"{shift.function}:{shift.alias}",
        "targetArn": function_arn(shift.function, shift.alias),
        "status": "Pending",
        "lastUpdatedAt": info["createTime"],
        "lifecycleEvents": [{"lifecycleEventName": event, "status": "Pending"} for event in EVENTS],
        "lambdaFunctionInfo": {
            "functionName": shift.function,
            "functionAlias": shift.alias,
            "currentVersion": shift.current,
            "targetVersion": shift.target,
            "targetVersionWeight": 0.0,
        },
    }
    return Deployment(info=info, target=target, shift=shift, alarms=alarms)
