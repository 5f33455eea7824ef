"""Invocations of Lambda functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.aws.failures import translated
from tapgen.errors import AwsError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def invoke(client: LambdaClient, function: str, event: dict[str, Any], *, qualifier: str) -> Any:
    """Invoke an alias and wait for its answer, which is parsed JSON.

    Raises:
        AwsError: Lambda refuses the call, or the function failed.
    """
    with translated(f"invoke {function}:{qualifier}"):
        answer = client.invoke(FunctionName=function, Qualifier=qualifier, Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        message = payload.get("errorMessage", "") if isinstance(payload, dict) else ""
        raise AwsError(f"{function} failed", why=str(message), hint="see its log group", code="function-failed")
    return payload
