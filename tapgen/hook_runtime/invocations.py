"""Lambda, as a hook sees it: one version or alias of another function, called and waited for within the hook's time."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from tapgen.journey.matchers import describe
from tapgen.journey.transport import NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

CALL_S = 8
"""The longest that a hook waits for one invocation; the client's read timeout."""
ANSWER_S = 8
"""The longest that telling CodeDeploy takes: two attempts of 1 s to connect and 2 s to read, and a pause."""
CHECK_RESERVE_S = CALL_S + CALL_S + ANSWER_S
"""A check begins when there is time for it, for one call to clean up, and for the answer."""
CLEAN_UP_RESERVE_S = CALL_S + ANSWER_S

_THROTTLED = "TooManyRequestsException"
_ATTEMPTS = 4
_PAUSE_S = 0.25
_MAX_TEXT = 300


@dataclass(frozen=True)
class Invocation:
    """A function's answer."""

    executed_version: str
    document: Any


class Functions:
    """Functions in the hook's account and region.

    Args:
        client: A Lambda client that does not repeat calls: an invocation that came late may have done its work.
        sleep: Waits so many seconds.
    """

    def __init__(self, client: Any, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self.sleep = sleep

    def invoke(self, arn: str, payload: Any) -> tuple[Invocation, bool]:
        """Invoke a version or an alias by its ARN; answers it and whether the function failed."""
        answer = self._invoke(FunctionName=arn, Payload=json.dumps(payload).encode())
        document = json.loads(answer["Payload"].read() or b"null")
        return Invocation(answer.get("ExecutedVersion", ""), document), "FunctionError" in answer

    def _invoke(self, **arguments: Any) -> Any:
        """A throttled call ran nothing, so it may be repeated: all versions of a busy function share its limit."""
        for attempt in range(_ATTEMPTS):
            try:
                return self._client.invoke(**arguments)
            except ClientError as error:
                if error.response["Error"]["Code"] != _THROTTLED or attempt == _ATTEMPTS - 1:
                    raise
            self.sleep(_PAUSE_S * 2**attempt)
        raise AssertionError("the last attempt returns or raises")


@dataclass(frozen=True)
class Qualified:
    """A version or an alias that can be called.

    Args:
        functions: Calls it.
        arn: Its ARN, with the version or the alias at the end.
        remaining_s: How many seconds the hook still has.
        reserve_s: How many of them must be left when a call begins.
    """

    functions: Functions
    arn: str
    remaining_s: Callable[[], float]
    reserve_s: float = CHECK_RESERVE_S

    def call(self, event: Any) -> Invocation:
        """Invoke it with an event.

        Raises:
            NoAnswerError: There is no time for it, no answer, or the function failed.
        """
        if not self.has_time():
            raise NoAnswerError("the hook's own time is used up", expected="an answer in time")
        try:
            invocation, failed = self.functions.invoke(self.arn, event)
        except (BotoCoreError, ClientError) as error:
            raise NoAnswerError(f"{type(error).__name__}: {error}") from error
        if failed:
            raise NoAnswerError(_failure(invocation.document))
        return invocation

    def has_time(self) -> bool:
        """Whether another call may begin."""
        return self.remaining_s() >= self.reserve_s


def _failure(document: Any) -> str:
    """The type and the message of what a function raised; its stack trace is in its own log."""
    if not isinstance(document, dict) or "errorMessage" not in document:
        return describe(document)
    return f"{document.get('errorType', 'an error')}: {document['errorMessage']}"[:_MAX_TEXT]
