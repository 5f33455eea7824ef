"""Lifecycle event hooks: invoking one, and taking its answer.

Source: CodeDeploy User Guide, "AppSpec 'hooks' section for an AWS Lambda deployment". A hook is invoked asynchronously
and answers with PutLifecycleEventHookExecutionStatus; one that crashes has just not answered.
"""

from __future__ import annotations

import base64
import json
import secrets
from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc

from tapgen.local.extension.codedeploy import service_role
from tapgen.local.extension.codedeploy.errors import CodeDeployError, function_invalid
from tapgen.local.extension.codedeploy.traffic import function_arn
from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from tapgen.local.extension.codedeploy.state import Deployment

TIMEOUT_S = 3600
"""AWS seconds after which a hook that has not answered has failed (CodeDeploy quotas)."""

SEAMS = (
    Seam(
        module="ministack.services.lambda_svc",
        attribute="invoke_async_with_retry",
        parameters=("func", "event"),
        gap="called only: an asynchronous invocation with Lambda's retries",
    ),
    Seam(
        module="ministack.services.lambda_svc",
        attribute="_get_func_record_for_ref",
        parameters=("function_ref",),
        gap="called only: the record and the configuration behind a function's name or ARN",
    ),
    Seam(
        module="ministack.services.lambda_svc",
        attribute="_execution_record_for_config",
        parameters=("func", "config"),
        gap="called only: what an executor takes",
    ),
    Seam(
        module="ministack.services.lambda_svc",
        attribute="executions_in_flight",
        parameters=(),
        gap="called only: how many invocations are under way, by function",
    ),
    Seam(
        module="ministack.services.lambda_svc",
        attribute="_inflight_key",
        parameters=("config",),
        gap="called only: how a function is named there",
    ),
)


def invoke(deployment: Deployment, event: str, hook: str, role_arn: str) -> str:
    """Invoke a hook and return the id of its execution.

    The payload has exactly the two keys that AWS sends; the execution id is opaque.

    Raises:
        Halt: The service role may not invoke the function, or there is none.
    """
    record, config, name = lambda_svc._get_func_record_for_ref(hook)  # noqa: SLF001 - a seam
    service_role.require(role_arn, "lambda:InvokeFunction", function_arn(name))
    if record is None:
        raise function_invalid(f"the hook function {name} does not exist.")
    execution_id = _execution_id()
    deployment.hooks[execution_id] = [event, ""]
    payload = {"DeploymentId": deployment.id, "LifecycleEventHookExecutionId": execution_id}
    lambda_svc.invoke_async_with_retry(
        lambda_svc._execution_record_for_config(record, config),  # noqa: SLF001 - a seam
        payload,
    )
    return execution_id


def running(hook: str) -> bool:
    """Whether an invocation of a hook, by its name or ARN, is under way."""
    _, config, _ = lambda_svc._get_func_record_for_ref(hook)  # noqa: SLF001 - a seam
    _, by_function = lambda_svc.executions_in_flight()
    return bool(config and by_function.get(lambda_svc._inflight_key(config)))  # noqa: SLF001 - a seam


def answer(deployment: Deployment, execution_id: str, status: Any) -> None:
    """Take a hook's answer.

    Raises:
        CodeDeployError: The answer is neither Succeeded nor Failed, nobody asked, or it was given before.
    """
    if status not in ("Succeeded", "Failed"):
        raise CodeDeployError(
            "InvalidLifecycleEventHookExecutionStatusException",
            f"The lifecycle event hook execution status {status} is not valid. Valid values: Succeeded, Failed",
        )
    execution = deployment.hooks.get(execution_id)
    if execution is None:
        raise CodeDeployError(
            "InvalidLifecycleEventHookExecutionIdException",
            "The specified lifecycle event hook execution ID is not valid",
        )
    if execution[1] or not deployment.active:
        raise CodeDeployError(
            "LifecycleEventAlreadyCompletedException",
            f"The lifecycle event {execution[0]} of the deployment {deployment.id} has already completed",
        )
    execution[1] = status


def _execution_id() -> str:
    """Long and opaque, as AWS's are: nothing may be read out of it."""
    sealed = {"encryptedData": secrets.token_urlsafe(96), "ivParameterSpec": secrets.token_urlsafe(12)}
    return base64.urlsafe_b64encode(json.dumps({**sealed, "materialSetSerial": 1}).encode()).decode()
