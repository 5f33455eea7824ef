"""What CodeDeploy refuses (an API error) and what ends a deployment early (a halt).

Error codes are those of the service model (codedeploy/2014-10-06). A text is AWS's own unless its function says
[inferred].
"""

from __future__ import annotations


class CodeDeployError(Exception):
    """A request that the service refuses.

    Attributes:
        code: The modelled exception, such as ``DeploymentDoesNotExistException``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Halt(Exception):  # noqa: N818 - a deployment that was stopped on purpose did not err
    """The end of a deployment that did not succeed.

    Attributes:
        status: ``Failed`` or ``Stopped``.
        code: ``errorInformation.code`` of GetDeployment.
        message: ``errorInformation.message``.
        event: The automatic rollback event that it is, empty when it must not roll anything back.
    """

    def __init__(self, status: str, code: str, message: str, event: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.event = event


def alarms_active(names: list[str]) -> Halt:
    """An alarm of the group is in ALARM: the deployment is Stopped, not Failed."""
    listed = " ".join(f"<{name}>" for name in names)
    return Halt(
        "Stopped",
        "ALARM_ACTIVE",
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, "
        f"and the affected deployments have been stopped. Activated alarms: {listed}",
        "DEPLOYMENT_STOP_ON_ALARM",
    )


def alarms_unreadable(reason: str) -> Halt:
    """The alarms could not be read and ``ignorePollAlarmFailure`` is off; the text is [inferred]."""
    return Halt(
        "Stopped",
        "ALARM_ACTIVE",
        "The deployment was stopped because alarm status information can't be retrieved from Amazon CloudWatch. "
        f"{reason}",
        "DEPLOYMENT_STOP_ON_ALARM",
    )


def manually_stopped(by: str) -> Halt:
    """StopDeployment was called, by a person or by CloudFormation; the text is [inferred]."""
    return Halt("Stopped", "MANUAL_STOP", f"The deployment was stopped by {by}.", "DEPLOYMENT_STOP_ON_REQUEST")


def hook_failed() -> Halt:
    """A hook answered Failed."""
    return Halt(
        "Failed",
        "HOOK_EXECUTION_FAILURE",
        "The deployment failed because one or more of the lifecycle event validation functions failed.",
        "DEPLOYMENT_FAILURE",
    )


def hook_silent() -> Halt:
    """A hook did not answer for an hour; the text is that of an ECS deployment, for Lambda it is [inferred]."""
    return Halt(
        "Failed",
        "TIMEOUT",
        "The deployment timed out while waiting for a status callback.",
        "DEPLOYMENT_FAILURE",
    )


def role_lacks_permission(role_arn: str, service: str) -> Halt:
    """The service role may not do what the deployment needs.

    Args:
        role_arn: The service role of the deployment group.
        service: CodeDeploy's name of the other service: ``AWSLambda``, ``AmazonCloudWatch``.
    """
    return Halt(
        "Failed",
        "IAM_ROLE_PERMISSIONS",
        f"The IAM role {role_arn} does not give you permission to perform operations in the following AWS service: "
        f"{service}. Contact your AWS administrator if you need help. If you are an AWS administrator, you can grant "
        "permissions to your users or groups by creating IAM policies.",
        "DEPLOYMENT_FAILURE",
    )


def role_missing(role_arn: str) -> Halt:
    """The service role is gone; the text is [inferred]."""
    return Halt(
        "Failed",
        "IAM_ROLE_MISSING",
        f"The IAM role {role_arn} does not exist.",
        "DEPLOYMENT_FAILURE",
    )


def group_missing(name: str) -> Halt:
    """The deployment group was deleted during the deployment; the text is [inferred]."""
    return Halt(
        "Failed",
        "DEPLOYMENT_GROUP_MISSING",
        f"The deployment group {name} does not exist.",
        "DEPLOYMENT_FAILURE",
    )


def configuration_invalid(detail: str) -> Halt:
    """Alias and AppSpec file do not agree before the shift.

    No rollback follows, since no traffic was moved and the AppSpec's current version is not the one that is live
    [inferred]; an alias that an earlier stop left split stays so until somebody clears it.
    """
    return Halt(
        "Failed",
        "INVALID_LAMBDA_CONFIGURATION",
        "The deployment failed because the AppSpec file that specifies the AWS Lambda deployment configuration is "
        f"missing or has an invalid configuration. {detail}",
        "",
    )


def function_invalid(detail: str) -> Halt:
    """The function, its alias, its version or its hook does not exist; the text is [inferred]."""
    return Halt("Failed", "INVALID_LAMBDA_FUNCTION", f"The deployment failed because {detail}", "DEPLOYMENT_FAILURE")


def broken(reason: str) -> Halt:
    """CodeDeploy itself failed."""
    return Halt("Failed", "INTERNAL_ERROR", reason, "DEPLOYMENT_FAILURE")
