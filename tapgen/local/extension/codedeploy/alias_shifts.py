"""The shift of one alias of a stack: what the stack's events say of it, and how CloudFormation ends it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.local.extension.cloudformation.stack_operations.operation import Cancelled
from tapgen.local.extension.codedeploy.runs import StopRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.cloudformation.stack_operations.operation import Operation
    from tapgen.local.extension.codedeploy.runs import Run

_BY = "CloudFormation"
_POLL_S = 0.02


@dataclass(frozen=True)
class AliasShift:
    """An alias on its way to another version.

    Attributes:
        operation: The stack operation that it is part of.
        logical_id: The alias.
        run: The deployment.
    """

    operation: Operation
    logical_id: str
    run: Run

    def follow(self, *, stops: Callable[[], bool]) -> None:
        """Wait for the end.

        Args:
            stops: Whether CloudFormation should stop the deployment now, and have it rolled back.

        Raises:
            Cancelled: It was stopped so.
            ValueError: It did not succeed for another reason, with AWS's text for the failed update of an alias.
        """
        self._record(f"CodeDeploy deployment started: {self.run.deployment.id}")
        while not self.run.done.wait(_POLL_S):
            if stops():
                self.run.stop(StopRequest(_BY, roll_back=True))
        if self.run.rollback is not None:
            self._record(f"CodeDeploy rollback deployment started: {self.run.rollback.id}")
        if self.run.deployment.info["status"] == "Succeeded":
            return
        if self._cancelled():
            raise Cancelled
        raise ValueError(self._failure())

    def _record(self, reason: str) -> None:
        self.operation.report(self.logical_id, "UPDATE_IN_PROGRESS", reason)

    def _cancelled(self) -> bool:
        request = self.run.stop_request
        code = self.run.deployment.info["errorInformation"]["code"]
        return request is not None and request.by == _BY and code == "MANUAL_STOP"

    def _failure(self) -> str:
        info = self.run.deployment.info
        return (
            f'Resource handler returned message: "{info["deploymentId"]} failed. '
            f'{info["errorInformation"]["message"]}" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: InternalFailure)'
        )
