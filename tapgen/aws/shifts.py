"""One CodeDeploy deployment of a Lambda alias: looks at it and at the alarms that guard it, and stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.failures import translated
from tapgen.model import GuardAlarm, Shift

if TYPE_CHECKING:
    from mypy_boto3_codedeploy.type_defs import DeploymentInfoTypeDef

    from tapgen.aws.session import Aws


def read_shift(aws: Aws, deployment_id: str) -> Shift:
    """The deployment as it is now, its alias's weights and its guard alarms (five calls)."""
    client = aws.client("codedeploy")
    with translated(f"look at the deployment {deployment_id}"):
        info = client.get_deployment(deploymentId=deployment_id)["deploymentInfo"]
        (target_id,) = client.list_deployment_targets(deploymentId=deployment_id)["targetIds"]
        target = client.get_deployment_target(deploymentId=deployment_id, targetId=target_id)["deploymentTarget"]
    moved = target["lambdaTarget"]
    versions = moved["lambdaFunctionInfo"]
    return Shift(
        deployment_id=deployment_id,
        status=info["status"],
        function=versions["functionName"],
        alias=versions["functionAlias"],
        current_version=versions["currentVersion"],
        target_version=versions["targetVersion"],
        target_weight=versions.get("targetVersionWeight", 0.0),
        steps=tuple((step["lifecycleEventName"], step["status"]) for step in moved.get("lifecycleEvents", ())),
        alarms=_read_alarms(aws, info),
        error=info.get("errorInformation", {}).get("message", ""),
        error_code=info.get("errorInformation", {}).get("code", ""),
    )


def stop_shift(aws: Aws, deployment_id: str) -> None:
    """Stop the deployment and have CodeDeploy bring the alias back to the old version, whatever its group says."""
    with translated(f"stop the deployment {deployment_id}"):
        aws.client("codedeploy").stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)


def _read_alarms(aws: Aws, info: DeploymentInfoTypeDef) -> tuple[GuardAlarm, ...]:
    with translated(f"look at the guard alarms of {info['deploymentGroupName']}"):
        group = aws.client("codedeploy").get_deployment_group(
            applicationName=info["applicationName"], deploymentGroupName=info["deploymentGroupName"]
        )["deploymentGroupInfo"]
        names = [alarm["name"] for alarm in group.get("alarmConfiguration", {}).get("alarms", ())]
        if not names:
            return ()
        found = aws.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    return tuple(
        GuardAlarm(name=alarm["AlarmName"], state=alarm["StateValue"], reason=alarm.get("StateReason", ""))
        for alarm in found
    )
