"""A proxy in front of the embedded AWS that refuses CloudFormation's events from an execution on, for so many calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from tests.local.deploy.fault_proxy import FaultProxy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Refusal = Literal["throttle", "fail", "drop", "expire"]


class OutageProxy(FaultProxy):
    """Refuses what is asked while an operation runs.

    Args:
        endpoint_url: What answers the other calls.
        refusal: How.
        length: How many calls.
        asking: Whether a call is one of those; its body tells the action.
    """

    def __init__(
        self, endpoint_url: str, *, refusal: Refusal, length: int, asking: Callable[[bytes, Mapping[str, str]], bool]
    ) -> None:
        super().__init__(endpoint_url, rate=0, seed=0)
        self.left = length
        self.executed = False
        self._refusal = refusal
        self._asking = asking

    def choose(self, body: bytes = b"", headers: Mapping[str, str] | None = None) -> str:
        """The fault of a call, or an empty text."""
        with self._lock:
            if b"Action=ExecuteChangeSet" in body or b"Action=DeleteStack" in body:
                self.executed = True
            elif self.executed and self.left > 0 and self._asking(body, headers or {}):
                self.left -= 1
                self.counts[self._refusal] += 1
                return self._refusal
            return ""


def asks_events(body: bytes, _: Mapping[str, str]) -> bool:
    """Whether it is DescribeStackEvents."""
    return b"Action=DescribeStackEvents" in body


def without_retries(aws: Any) -> Any:
    """The same clients, which try nothing twice by themselves: each refusal is one look that failed."""
    for service in ("cloudformation", "codedeploy", "cloudwatch", "sts", "s3", "lambda", "logs"):
        client = aws.client(service)
        # Before botocore's own handler, which is registered for the service.
        name = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"needs-retry.{name}", _never)
    return aws


def _never(**_: object) -> bool:
    return False


def token_of(headers: Mapping[str, str]) -> str:
    """The session token of a call."""
    found = {name.lower(): value for name, value in headers.items()}
    return found.get("x-amz-security-token", "")
