"""Retry policies of deliveries: how often, how long, and what is not tried again."""

from __future__ import annotations

import pytest

from tapgen.local.extension.delivery.failures import Undelivered, no_permission
from tapgen.local.extension.delivery.retries import RetryPolicy
from tapgen.local.extension.time_scale import TimeScale

FAST = TimeScale(0.001)
BUSY = Undelivered("THROTTLING", "Rate exceeded", lasting=False)


class Deliveries:
    """Fails as often as it is told, and remembers the numbers of its attempts."""

    def __init__(self, failures: int, error: Undelivered = BUSY) -> None:
        self.numbers: list[int] = []
        self._left = failures
        self._error = error

    def deliver(self, number: int) -> None:
        self.numbers.append(number)
        if self._left:
            self._left -= 1
            raise self._error


def test_it_is_tried_until_it_succeeds() -> None:
    """Within the attempts of the policy, each with its number."""
    deliveries = Deliveries(2)
    policy = RetryPolicy.read({"MaximumRetryAttempts": 3})
    assert policy.follow(deliveries.deliver, FAST) is None
    assert deliveries.numbers == [0, 1, 2]


@pytest.mark.parametrize("tried", [0, 1])
def test_attempts_are_used_up(tried: int) -> None:
    """What the caller has tried before counts; the letter names the bound."""
    deliveries = Deliveries(9)
    failure = RetryPolicy.read({"MaximumRetryAttempts": 2}).follow(deliveries.deliver, FAST, tried=tried)
    assert deliveries.numbers == [0, 1, 2][tried:]
    assert failure is not None
    assert failure.attributes() == {
        "ERROR_CODE": "THROTTLING",
        "ERROR_MESSAGE": "Rate exceeded",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "RETRY_ATTEMPTS": "2",
    }


def test_an_event_grows_too_old() -> None:
    """The next wait would pass the age that the policy allows."""
    failure = RetryPolicy.read({"MaximumEventAgeInSeconds": 60}).follow(Deliveries(99).deliver, FAST)
    assert failure is not None
    assert failure.condition == "MaximumEventAgeInSeconds"


def test_what_cannot_get_better_is_not_tried_again() -> None:
    """A missing permission: no bound of the policy has ended it."""
    deliveries = Deliveries(9, no_permission("lambda:InvokeFunction", "arn:aws:lambda:::function:orders"))
    failure = RetryPolicy().follow(deliveries.deliver, FAST)
    assert deliveries.numbers == [0]
    assert failure is not None
    assert failure.attributes()["EXHAUSTED_RETRY_CONDITION"] == ""
