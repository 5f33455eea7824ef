"""Which queues SNS sends to on a topic's behalf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.senders import Sender
from tapgen.parts.names import make_arn
from tapgen.parts.topic.model import Notifications, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.naming import Names
    from tapgen.service.model import Model

_SNS = "sns.amazonaws.com"


def list_senders(names: Names, service: Model) -> Iterator[Sender]:
    """Each queue that a topic tells, and each that gets what could not be delivered."""
    for topic in service.of(Topic):
        for queue in topic.queues:
            yield Sender(queue=queue, principal=_SNS, source_arn=make_arn(names, topic))
    for function in service.functions:
        for source in function.sources:
            if isinstance(source, Notifications) and source.on_failure:
                yield Sender(queue=source.on_failure, principal=_SNS, source_arn=make_arn(names, source.part))
