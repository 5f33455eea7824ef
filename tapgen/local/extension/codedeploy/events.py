"""What CodeDeploy tells EventBridge of its deployments.

Source: CodeDeploy User Guide, "Monitoring deployments with Amazon CloudWatch Events"; the event's fields are those of
EventBridge's example events.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from ministack.core.responses import get_region
from ministack.services import eventbridge

from tapgen.local.extension.codedeploy import arns
from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from tapgen.local.extension.codedeploy.state import Deployment

SEAMS = (
    Seam(
        module="ministack.services.eventbridge",
        attribute="_put_events",
        parameters=("data", "allow_aws_source"),
        gap="called only: rules of the default bus see the event",
    ),
)

_STATES = {"InProgress": "START", "Succeeded": "SUCCESS", "Failed": "FAILURE", "Stopped": "STOP"}
_LOG = logging.getLogger("codedeploy")


def publish(deployment: Deployment) -> None:
    """Tell the default bus of the state that a deployment has reached."""
    info = deployment.info
    application, group = info["applicationName"], info["deploymentGroupName"]
    entry = {
        "Source": "aws.codedeploy",
        "DetailType": "CodeDeploy Deployment State-change Notification",
        "Resources": [
            arns.application(application),
            arns.group(application, group),
        ],
        "Detail": json.dumps(
            {
                "region": get_region(),
                "application": application,
                "deploymentGroup": group,
                "deploymentId": deployment.id,
                "state": _STATES[info["status"]],
            }
        ),
    }
    try:
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)  # noqa: SLF001 - a seam
    except Exception:  # noqa: BLE001 - a lost event must not end a deployment
        _LOG.exception("%s: EventBridge could not be told", deployment.id)
