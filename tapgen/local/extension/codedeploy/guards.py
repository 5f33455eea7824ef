"""The alarms that guard a deployment: a single question, asked again and again while it runs.

Source: CodeDeploy User Guide, "Monitoring deployments with CloudWatch alarms". Only ALARM counts; INSUFFICIENT_DATA
does not. Composite alarms are not read: DescribeAlarms returns metric alarms unless asked otherwise, and CodeDeploy's
documentation names no composite ones [inferred].
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch

from tapgen.local.extension.codedeploy import service_role
from tapgen.local.extension.codedeploy.errors import Halt, alarms_active, alarms_unreadable, role_lacks_permission
from tapgen.local.extension.seams import Seam

SEAMS = (
    Seam(
        module="ministack.services.cloudwatch",
        attribute="_alarms",
        parameters=None,
        gap="read only: the metric alarms with their states",
    ),
)


def check(configuration: dict[str, Any], role_arn: str) -> None:
    """Stop when an alarm is active, or when the alarms cannot be read and that must not be ignored.

    Args:
        configuration: ``alarmConfiguration`` of the deployment group, or what overrides it.
        role_arn: The service role that reads the alarms.

    Raises:
        Halt: ``ALARM_ACTIVE``, or ``IAM_ROLE_PERMISSIONS``.
    """
    if not configuration.get("enabled"):
        return
    names = [alarm["name"] for alarm in configuration.get("alarms", [])]
    fault = _fault(names, role_arn)
    if fault is not None and not configuration.get("ignorePollAlarmFailure"):
        raise fault
    active = [name for name in names if (cloudwatch._alarms.get(name) or {}).get("StateValue") == "ALARM"]  # noqa: SLF001 - a seam
    if active and (fault is None or fault.code == "ALARM_ACTIVE"):
        raise alarms_active(active)


def _fault(names: list[str], role_arn: str) -> Halt | None:
    """Why the alarms cannot be read."""
    resource = f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:*"
    if not service_role.allows(role_arn, "cloudwatch:DescribeAlarms", resource):
        return role_lacks_permission(role_arn, "AmazonCloudWatch")
    missing = [name for name in names if name not in cloudwatch._alarms]  # noqa: SLF001 - a seam
    return alarms_unreadable(f"Alarms not found: {', '.join(missing)}") if missing else None
