"""How a service is tried, told once: requests and events with their expected outcomes, and their walker.

A project's ``config/service.py`` uses it; hooks, probes, ``verify``, ``rehearse`` and ``iam prove`` walk it. It is also
copied into the zip of the hooks and runs in Lambda: standard library alone, nothing else of tapgen.
"""

from tapgen.journey.defaults import default_journey
from tapgen.journey.events import bus_event, empty_batch, s3_event, scheduled_event, sns_event, sqs_event, stream_event
from tapgen.journey.matchers import (
    all_of,
    anything,
    below,
    contains,
    each,
    exactly,
    instance_of,
    one_of,
    text,
)
from tapgen.journey.steps import (
    NOBODY,
    Event,
    Expectation,
    Journey,
    Leftovers,
    Purpose,
    Request,
)
from tapgen.journey.values import SYNTHETIC_PREFIX
from tapgen.journey.vocabulary import event, header, leftovers, request

__all__ = [
    "NOBODY",
    "SYNTHETIC_PREFIX",
    "Event",
    "Expectation",
    "Journey",
    "Leftovers",
    "Purpose",
    "Request",
    "all_of",
    "anything",
    "below",
    "bus_event",
    "contains",
    "default_journey",
    "each",
    "empty_batch",
    "event",
    "exactly",
    "header",
    "instance_of",
    "leftovers",
    "one_of",
    "request",
    "s3_event",
    "scheduled_event",
    "sns_event",
    "sqs_event",
    "stream_event",
    "text",
]
