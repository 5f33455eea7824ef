"""Operations on deployments: create, get, list, stop, and the answers of hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.local.extension.codedeploy import deployments, groups, hooks, requests
from tapgen.local.extension.codedeploy.applications import content_of
from tapgen.local.extension.codedeploy.errors import CodeDeployError
from tapgen.local.extension.codedeploy.runs import StopRequest

if TYPE_CHECKING:
    from tapgen.local.extension.codedeploy.applications import Applications
    from tapgen.local.extension.codedeploy.engine import Engine
    from tapgen.local.extension.codedeploy.requests import Request
    from tapgen.local.extension.codedeploy.state import Deployment, Record, Store

_STATUSES = ("Created", "Queued", "InProgress", "Baking", "Succeeded", "Failed", "Stopped", "Ready")


class Deployments:
    """Deployments of Lambda functions.

    Args:
        store: The records.
        engine: What carries deployments out.
        applications: Where revisions are kept.
    """

    def __init__(self, store: Store, engine: Engine, applications: Applications) -> None:
        self._store = store
        self._engine = engine
        self._applications = applications

    def create_deployment(self, request: Request) -> Record:
        """CreateDeployment."""
        application = requests.name(request, "applicationName")
        self._require_lambda(application)
        content = content_of(request)
        deployment = deployments.create(
            self._store,
            deployments.Request(
                application=application,
                group=requests.name(request, "deploymentGroupName"),
                content=content,
                overrides=_overrides(request),
            ),
        )
        self._applications.remember_revision(application, content)
        self._engine.start(deployment)
        return {"deploymentId": deployment.id}

    def get_deployment(self, request: Request) -> Record:
        """GetDeployment."""
        return {"deploymentInfo": self._deployment(request).info}

    def batch_get_deployments(self, request: Request) -> Record:
        """BatchGetDeployments, at most 25."""
        wanted = requests.batch(request, "deploymentIds", most=25, required="DeploymentIdRequiredException")
        known = [self._store.deployments.get(requests.checked_deployment_id(name)) for name in wanted]
        return {"deploymentsInfo": [deployment.info for deployment in known if deployment]}

    def list_deployments(self, request: Request) -> Record:
        """ListDeployments, the newest first."""
        statuses = request.get("includeOnlyStatuses") or _STATUSES
        if set(statuses) - set(_STATUSES):
            raise CodeDeployError("InvalidDeploymentStatusException", f"The statuses {statuses} are not valid")
        start, end = _time_range(request)
        found = [
            deployment.info
            for deployment in self._selected(request)
            if deployment.info["status"] in statuses and start <= deployment.info["createTime"] <= end
        ]
        found.sort(key=lambda info: -float(info["createTime"]))
        return requests.page(request, "deployments", [info["deploymentId"] for info in found])

    def list_deployment_targets(self, request: Request) -> Record:
        """ListDeploymentTargets: the one target that a Lambda deployment has."""
        return requests.page(request, "targetIds", [self._started(request).target["targetId"]])

    def get_deployment_target(self, request: Request) -> Record:
        """GetDeploymentTarget."""
        if not request.get("targetId"):
            raise CodeDeployError("DeploymentTargetIdRequiredException", "The target ID is required")
        return {"deploymentTarget": _target(self._started(request), request["targetId"])}

    def batch_get_deployment_targets(self, request: Request) -> Record:
        """BatchGetDeploymentTargets, at most 25."""
        wanted = request.get("targetIds") or []
        if not wanted:
            raise CodeDeployError("DeploymentTargetIdRequiredException", "The target IDs are required")
        if len(wanted) > 25:
            raise CodeDeployError("DeploymentTargetListSizeExceededException", f"{len(wanted)} targets; at most 25")
        deployment = self._started(request)
        return {"deploymentTargets": [_target(deployment, target) for target in wanted]}

    def stop_deployment(self, request: Request) -> Record:
        """StopDeployment. The status text is that of EC2 deployments, for Lambda it is [inferred]."""
        deployment = self._deployment(request)
        run = self._engine.run_of(deployment.id)
        if not deployment.active:
            raise CodeDeployError(
                "DeploymentAlreadyCompletedException", f"The deployment {deployment.id} is already completed"
            )
        if run is not None:
            run.stop(StopRequest("a user", request.get("autoRollbackEnabled")))
        return {
            "status": "Succeeded",
            "statusMessage": "No more commands will be scheduled for execution in the deployment instances",
        }

    def continue_deployment(self, request: Request) -> Record:
        """ContinueDeployment: a Lambda deployment never waits to be continued."""
        deployment = self._deployment(request)
        if not deployment.active:
            raise CodeDeployError(
                "DeploymentAlreadyCompletedException", f"The deployment {deployment.id} is already completed"
            )
        raise CodeDeployError(
            "DeploymentIsNotInReadyStateException", f"The deployment {deployment.id} is not in the Ready state"
        )

    def put_lifecycle_event_hook_execution_status(self, request: Request) -> Record:
        """PutLifecycleEventHookExecutionStatus."""
        deployment = self._deployment(request)
        execution_id = str(request.get("lifecycleEventHookExecutionId") or "")
        hooks.answer(deployment, execution_id, request.get("status"))
        run = self._engine.run_of(deployment.id)
        if run is not None:
            run.wake()
        return {"lifecycleEventHookExecutionId": execution_id}

    def _deployment(self, request: Request) -> Deployment:
        return self._store.deployment(requests.deployment_id(request))

    def _started(self, request: Request) -> Deployment:
        deployment = self._deployment(request)
        if deployment.info["status"] == "Created":
            raise CodeDeployError(
                "DeploymentNotStartedException", f"The deployment {deployment.id} has not started yet"
            )
        return deployment

    def _selected(self, request: Request) -> list[Deployment]:
        """The deployments of the group that the request names, or all; application and group only go together."""
        application, group = request.get("applicationName"), request.get("deploymentGroupName")
        if application and not group:
            raise CodeDeployError("DeploymentGroupNameRequiredException", "deploymentGroupName is required")
        if group and not application:
            raise CodeDeployError("ApplicationNameRequiredException", "applicationName is required")
        if application and group:
            self._store.group(application, group)
            return self._store.deployments_of(application, group)
        external = request.get("externalId")
        every: list[Deployment] = self._store.deployments.values()
        return [deployment for deployment in every if not external or deployment.info.get("externalId") == external]

    def _require_lambda(self, application: str) -> None:
        platform = self._store.application(application)["computePlatform"]
        if platform != "Lambda":
            raise CodeDeployError(
                "InvalidComputePlatformException",
                f"The embedded AWS deploys to Lambda only; the application {application} is for {platform}",
            )


def _overrides(request: Request) -> Record:
    """What CreateDeployment may replace of the group's settings, validated."""
    if len(request.get("description") or "") > 256:
        raise CodeDeployError("DescriptionTooLongException", "The description has more than 256 characters")
    if request.get("deploymentMode") == "RESTART":
        raise CodeDeployError("InvalidInputException", "RESTART is not valid for a Lambda deployment")
    overrides: Record = {key: request.get(key) for key in ("deploymentConfigName", "description")}
    if request.get("autoRollbackConfiguration"):
        value = groups.auto_rollback_configuration(request["autoRollbackConfiguration"])
        overrides["autoRollbackConfiguration"] = value
    if request.get("overrideAlarmConfiguration"):
        overrides["overrideAlarmConfiguration"] = groups.alarm_configuration(request["overrideAlarmConfiguration"])
    return overrides


def _time_range(request: Request) -> tuple[float, float]:
    wanted: Any = request.get("createTimeRange") or {}
    start, end = float(wanted.get("start") or 0), float(wanted.get("end") or "inf")
    if start > end:
        raise CodeDeployError("InvalidTimeRangeException", "The start of the time range is after its end")
    return start, end


def _target(deployment: Deployment, target_id: str) -> Record:
    if target_id != deployment.target["targetId"]:
        raise CodeDeployError(
            "DeploymentTargetDoesNotExistException", f"The deployment {deployment.id} has no target {target_id}"
        )
    return {"deploymentTargetType": "LambdaTarget", "lambdaTarget": deployment.target}
