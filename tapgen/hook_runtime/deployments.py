"""CodeDeploy, as a hook sees it: which version is on trial, and the verdict.

A hook is told the ids of the deployment and of its own execution and nothing else (CodeDeploy user guide, "AppSpec
'hooks' section for an AWS Lambda deployment").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

LifecycleEvent = Literal["BeforeAllowTraffic", "AfterAllowTraffic"]

_OVER = {"Succeeded", "Failed", "Skipped"}


@dataclass(frozen=True)
class Call:
    """What CodeDeploy invokes a hook with."""

    deployment_id: str
    execution_id: str

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Call:
        """The call in a Lambda event.

        Raises:
            KeyError: CodeDeploy has not made this event.
        """
        return cls(event["DeploymentId"], event["LifecycleEventHookExecutionId"])


@dataclass(frozen=True)
class Deployment:
    """A deployment of a Lambda function: its alias goes from one version to another."""

    function: str
    alias: str
    current_version: str
    """Where the traffic comes from."""
    target_version: str
    """Where it goes: the version on trial."""
    over: bool
    """Whether the lifecycle event has ended, so that nobody waits for a verdict."""


class Deployments:
    """Deployments in the function's account and region.

    Args:
        client: A CodeDeploy client.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def find(self, call: Call, lifecycle_event: LifecycleEvent) -> Deployment:
        """What is on trial. A deployment of a Lambda function has exactly one target."""
        (target_id,) = self._client.list_deployment_targets(deploymentId=call.deployment_id)["targetIds"]
        found = self._client.get_deployment_target(deploymentId=call.deployment_id, targetId=target_id)
        target = found["deploymentTarget"]["lambdaTarget"]
        info = target["lambdaFunctionInfo"]
        statuses = {item["lifecycleEventName"]: item["status"] for item in target.get("lifecycleEvents", ())}
        return Deployment(
            # An AppSpec may name the function by its ARN.
            function=info["functionName"].rpartition(":")[2],
            alias=info["functionAlias"],
            current_version=info["currentVersion"],
            target_version=info["targetVersion"],
            over=statuses.get(lifecycle_event) in _OVER,
        )

    def answer(self, call: Call, *, passed: bool) -> bool:
        """Tell CodeDeploy the verdict.

        Returns:
            False when it has one already: Lambda may deliver an event twice, and an operator may have stopped the
            deployment in the meantime.
        """
        try:
            self._client.put_lifecycle_event_hook_execution_status(
                deploymentId=call.deployment_id,
                lifecycleEventHookExecutionId=call.execution_id,
                status="Succeeded" if passed else "Failed",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "LifecycleEventAlreadyCompletedException":
                raise
            return False
        return True
