"""Single calls on CodeDeploy deployments: which run, which alarms guard a group, and how one is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tapgen.aws.failures import error_code, translated
from tapgen.model import GuardAlarm

if TYPE_CHECKING:
    from tapgen.aws.session import Aws

_OVER = "DeploymentAlreadyCompletedException"
_GONE = {"ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"}


def list_running(aws: Aws, *, application: str, group: str) -> tuple[str, ...]:
    """Ids of the deployments of a group that are not over; at most one, by CodeDeploy's own rule."""
    with translated(f"list the deployments of {group}"):
        try:
            pages = (
                aws.client("codedeploy")
                .get_paginator("list_deployments")
                .paginate(
                    applicationName=application,
                    deploymentGroupName=group,
                    includeOnlyStatuses=["Created", "Queued", "InProgress"],
                )
            )
            return tuple(deployment for page in pages for deployment in page["deployments"])
        except ClientError as error:
            if error_code(error) in _GONE:
                return ()
            raise


def read_guards(aws: Aws, *, application: str, group: str) -> tuple[GuardAlarm, ...]:
    """The alarms of a group as they are now; none for a group that is gone."""
    with translated(f"look at the guard alarms of {group}"):
        try:
            answer = aws.client("codedeploy").get_deployment_group(
                applicationName=application, deploymentGroupName=group
            )
        except ClientError as error:
            if error_code(error) in _GONE:
                return ()
            raise
        names = [
            alarm["name"] for alarm in answer["deploymentGroupInfo"].get("alarmConfiguration", {}).get("alarms", ())
        ]
        if not names:
            return ()
        found = aws.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    return tuple(
        GuardAlarm(name=alarm["AlarmName"], state=alarm["StateValue"], reason=alarm.get("StateReason", ""))
        for alarm in found
    )


def stop_deployment(aws: Aws, deployment_id: str) -> bool:
    """Stop a shift and have CodeDeploy return the alias to the old version; False when it was over already."""
    with translated(f"stop the deployment {deployment_id}"):
        try:
            aws.client("codedeploy").stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)
        except ClientError as error:
            if error_code(error) == _OVER:
                return False
            raise
    return True
