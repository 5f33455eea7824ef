"""Triggers of a deployment group: what CodeDeploy tells SNS topics about its deployments.

Source: CodeDeploy User Guide, "Monitoring deployments with Amazon SNS event notifications" and "JSON data formats for
CodeDeploy triggers". Publishing needs sns:Publish of the service role; without it the message is silently lost.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from typing import TYPE_CHECKING

from ministack.core.responses import get_account_id, get_region
from ministack.services import sns

from tapgen.local.extension.codedeploy import service_role
from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from tapgen.local.extension.codedeploy.state import Deployment, Record, Store

SEAMS = (
    Seam(
        module="ministack.services.sns",
        attribute="_fanout",
        parameters=("topic_arn", "msg_id", "message", "subject"),
        gap="called only: delivery of a message to a topic's subscriptions",
    ),
)

_END_EVENTS = {"Succeeded": "DeploymentSuccess", "Failed": "DeploymentFailure", "Stopped": "DeploymentStop"}
_LOG = logging.getLogger("codedeploy")


def publish(store: Store, deployment: Deployment, event: str) -> None:
    """Tell the topics that listen to ``event``."""
    info = deployment.info
    group = store.groups.get(f"{info['applicationName']}/{info['deploymentGroupName']}") or {}
    for trigger in group.get("triggerConfigurations", []):
        if event in trigger.get("triggerEvents", []):
            _send(trigger, group["serviceRoleArn"], deployment)


def publish_end(store: Store, deployment: Deployment) -> None:
    """Tell the topics how a deployment has ended, and that a rollback has started when one has."""
    publish(store, deployment, _END_EVENTS[deployment.info["status"]])
    if "rollbackDeploymentId" in deployment.info.get("rollbackInfo", {}):
        publish(store, deployment, "DeploymentRollback")


def _send(trigger: Record, role_arn: str, deployment: Deployment) -> None:
    topic = trigger["triggerTargetArn"]
    if not service_role.allows(role_arn, "sns:Publish", topic):
        _LOG.warning("%s: the service role %s may not publish to %s", deployment.id, role_arn, topic)
        return
    info = deployment.info
    subject = f"{info['status'].upper()}: AWS CodeDeploy {deployment.id} in {get_region()} to {info['applicationName']}"
    try:
        sns._fanout(topic, str(uuid.uuid4()), json.dumps(_message(trigger, deployment)), subject[:100])  # noqa: SLF001 - a seam
    except Exception:  # noqa: BLE001 - a lost message must not end a deployment
        _LOG.exception("%s: %s could not be told", deployment.id, topic)


def _message(trigger: Record, deployment: Deployment) -> Record:
    info = deployment.info
    message = {
        "region": get_region(),
        "accountId": get_account_id(),
        "eventTriggerName": trigger.get("triggerName", ""),
        "applicationName": info["applicationName"],
        "deploymentId": deployment.id,
        "deploymentGroupName": info["deploymentGroupName"],
        "createTime": _date(info["createTime"]),
        "completeTime": _date(info.get("completeTime")),
        "deploymentOverview": json.dumps(info["deploymentOverview"]),
        "status": "IN_PROGRESS" if info["status"] == "InProgress" else info["status"].upper(),
    }
    if "errorInformation" in info:
        error = info["errorInformation"]
        message["errorInformation"] = json.dumps({"ErrorCode": error["code"], "ErrorMessage": error["message"]})
    if "rollbackInfo" in info:
        message["rollbackInformation"] = json.dumps(info["rollbackInfo"])
    return message


def _date(moment: float | None) -> str | None:
    return None if moment is None else time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(moment))
