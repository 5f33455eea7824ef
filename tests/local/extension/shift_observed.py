"""What AWS says about a guarded function: its alias, its deployments, its events, its metrics, its notifications."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.shift_service import AT_ONCE

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks


class Observed:
    """What AWS says about a guarded function.

    Args:
        client: Makes the clients.
        name: The function's name.
    """

    def __init__(self, client: ClientFactory, name: str) -> None:
        self._lambda = client("lambda")
        self.codedeploy = client("codedeploy")
        self._name = name

    def alias(self) -> tuple[str, dict[str, float]]:
        """The alias's version and its additional weights."""
        alias = self._lambda.get_alias(FunctionName=self._name, Name="live")
        return alias["FunctionVersion"], alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    def deployments(self) -> list[dict[str, Any]]:
        """``deploymentInfo`` of every deployment of the group, the oldest first."""
        group = {"applicationName": self._name, "deploymentGroupName": f"{self._name}-group"}
        found = self.codedeploy.list_deployments(**group)["deployments"]
        return [self.codedeploy.get_deployment(deploymentId=name)["deploymentInfo"] for name in reversed(found)]

    def target(self, deployment_id: str) -> dict[str, Any]:
        """``lambdaTarget`` of a deployment."""
        (target,) = self.codedeploy.list_deployment_targets(deploymentId=deployment_id)["targetIds"]
        found = self.codedeploy.get_deployment_target(deploymentId=deployment_id, targetId=target)
        lambda_target: dict[str, Any] = found["deploymentTarget"]["lambdaTarget"]
        return lambda_target

    def event_statuses(self, deployment_id: str) -> list[str]:
        """The statuses of the three lifecycle events."""
        return [event["status"] for event in self.target(deployment_id)["lifecycleEvents"]]

    def waits_in(self, event: str) -> bool:
        """Whether the newest deployment is in this lifecycle event."""
        found = self.deployments()
        if not found or found[-1]["status"] == "Created":
            return False
        events = self.target(found[-1]["deploymentId"])["lifecycleEvents"]
        return any(each["lifecycleEventName"] == event and each["status"] == "InProgress" for each in events)

    def invoke(self, qualifier: str = "live", *, event: Any = None) -> tuple[str, Any]:
        """The version that answered and its payload."""
        answer = self._lambda.invoke(FunctionName=self._name, Qualifier=qualifier, Payload=json.dumps(event))
        return answer["ExecutedVersion"], json.loads(answer["Payload"].read())


def begin_update(stacks: Stacks, name: str, template: dict[str, Any]) -> None:
    """Start the update of a stack without waiting for its end."""
    stacks.cfn.update_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])


def reasons(stacks: Stacks, name: str, logical_id: str) -> list[tuple[str, str]]:
    """Status and reason of a resource's events, oldest first."""
    return [(status, reason) for resource, status, reason in stacks.events(name) if resource == logical_id]


def total(client: ClientFactory, namespace: str, metric: str, **dimensions: str) -> float:
    """The sum of a metric in the last hour, for exactly these dimensions."""
    now = datetime.now(UTC)
    found = client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=60,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in found["Datapoints"]))


def assert_linked(failed: dict[str, Any], rollback: dict[str, Any]) -> None:
    """The rollback of a deployment is one of its own, and the two name each other in AWS's words."""
    first, second = failed["deploymentId"], rollback["deploymentId"]
    assert failed["rollbackInfo"] == {
        "rollbackDeploymentId": second,
        "rollbackMessage": f"Deployment {first} terminated. Automatic rollback is triggered with a DeploymentId "
        f"{second}.",
    }
    assert rollback["rollbackInfo"] == {
        "rollbackTriggeringDeploymentId": first,
        "rollbackMessage": f"Deployment {second} is triggered to roll back deployment {first}.",
    }
    assert (rollback["creator"], rollback["status"]) == ("codeDeployRollback", "Succeeded")
    assert rollback["deploymentConfigName"] == AT_ONCE
    assert "errorInformation" not in rollback


def assert_told(told: list[tuple[str, str]], failed: dict[str, Any], rollback: dict[str, Any]) -> None:
    """The events of an alias whose shift has failed, in AWS's words and order."""
    first, second = failed["deploymentId"], rollback["deploymentId"]
    begun, started, went_back, (status, reason), restored = told[-5:]
    assert begun == ("UPDATE_IN_PROGRESS", "")
    assert started == ("UPDATE_IN_PROGRESS", f"CodeDeploy deployment started: {first}")
    assert went_back == ("UPDATE_IN_PROGRESS", f"CodeDeploy rollback deployment started: {second}")
    text = f'Resource handler returned message: "{first} failed. {failed["errorInformation"]["message"]}"'
    assert status == "UPDATE_FAILED"
    assert reason.startswith(f"{text} (RequestToken: ")
    assert reason.endswith(", HandlerErrorCode: InternalFailure)")
    assert restored == ("UPDATE_COMPLETE", "")


def code(call: Any, **request: Any) -> str:
    """The error code with which a request is refused."""
    with pytest.raises(ClientError) as refusal:
        call(**request)
    return str(refusal.value.response["Error"]["Code"])


class Inbox:
    """A topic, and a queue that receives what is published to it.

    Args:
        client: Makes the clients.
        name: The name of both.
    """

    def __init__(self, client: ClientFactory, name: str) -> None:
        self._sqs = client("sqs")
        self._received: list[dict[str, Any]] = []
        self.topic = client("sns").create_topic(Name=name)["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._sqs.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": policy})
        raw = {"RawMessageDelivery": "true"}
        client("sns").subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn, Attributes=raw)

    def messages(self) -> list[dict[str, Any]]:
        """Everything received so far."""
        found = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
        self._received += [json.loads(message["Body"]) for message in found]
        return self._received
