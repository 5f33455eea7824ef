"""The shift of one alias of a stack, and what the stack's events say of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.local.extension import cloudformation as cfn
from tapgen.local.extension.codedeploy.runs import StopRequest
from tapgen.local.extension.codedeploy.template_scope import ALIAS_TYPE
from tapgen.local.extension.seams import original

if TYPE_CHECKING:
    from tapgen.local.extension.codedeploy.runs import Run

SEAMS = (cfn.STACKS, cfn.ADD_EVENT)

_BY = "CloudFormation"


@dataclass
class AliasShift:
    """An alias of a stack on its way to another version.

    Attributes:
        stack_name: The stack.
        logical_id: The alias.
        physical_id: Its ARN.
        run: The deployment.
    """

    stack_name: str
    logical_id: str
    physical_id: str
    run: Run

    @property
    def failed(self) -> bool:
        """Whether it has ended, and not well."""
        return self.run.done.is_set() and self.run.deployment.info["status"] != "Succeeded"

    def record(self, status: str, reason: str) -> None:
        """Add an event of the alias to its stack."""
        stack = cfn.stacks()[self.stack_name]
        original(cfn.ADD_EVENT)(
            stack["StackId"], self.stack_name, self.logical_id, ALIAS_TYPE, status, reason, self.physical_id
        )

    def failure(self) -> str:
        """AWS's text for the failed update of the alias."""
        info = self.run.deployment.info
        return (
            f'Resource handler returned message: "{info["deploymentId"]} failed. '
            f'{info["errorInformation"]["message"]}" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: InternalFailure)'
        )

    @property
    def cancelled(self) -> bool:
        """Whether it ended because CloudFormation stopped it."""
        request = self.run.stop_request
        code = self.run.deployment.info.get("errorInformation", {}).get("code")
        return request is not None and request.by == _BY and code == "MANUAL_STOP"


def stop(shifts: list[AliasShift]) -> None:
    """Have CloudFormation stop what has not ended, and roll it back."""
    for shift in shifts:
        if not shift.run.done.is_set():
            shift.run.stop(StopRequest(_BY, roll_back=True))
