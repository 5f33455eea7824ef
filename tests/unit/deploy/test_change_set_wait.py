"""Waiting for a change set has an end."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber

from tapgen.aws.session import Aws, Target
from tapgen.deploy.change_sets.change_set import LONGEST_MAKING_S, await_change_set
from tapgen.engine.context import Context
from tapgen.errors import AwsError

_ID = "arn:aws:cloudformation:eu-west-1:111122223333:changeSet/release-1/2"


class _Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        """Seconds so far."""
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Let them pass."""
        self.now_s += seconds


def test_a_change_set_that_is_never_made_is_not_waited_for_without_end() -> None:
    """After half an hour: what CloudFormation says of it, its id, and what to do next."""
    aws = Aws(Target(region="eu-west-1", access_key_id="x", secret_access_key="x"))  # noqa: S106 - not a secret
    clock = _Clock()
    answer: dict[str, Any] = {"Status": "CREATE_IN_PROGRESS", "StatusReason": "nested change sets are being made"}
    with Stubber(aws.client("cloudformation")) as stubber:
        for _ in range(600):
            stubber.add_response("describe_change_set", answer, {"ChangeSetName": _ID})

        with pytest.raises(AwsError, match="has not made the change set in 30 min") as caught:
            await_change_set(Context(aws=aws, emit=lambda _: None, clock=clock), _ID)

    assert clock.now_s >= LONGEST_MAKING_S
    assert "nested change sets are being made" in caught.value.why
    assert _ID in caught.value.why
    assert caught.value.hint
