"""Which queues EventBridge sends to: what it could not deliver for a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.senders import Sender
from tapgen.parts.names import make_arn
from tapgen.parts.rule.model import Events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.naming import Names
    from tapgen.service.model import Model


def list_senders(names: Names, service: Model) -> Iterator[Sender]:
    """Each queue that gets events of a rule that could not be delivered."""
    for function in service.functions:
        for source in function.sources:
            if isinstance(source, Events) and source.on_failure:
                arn = make_arn(names, source.part)
                yield Sender(queue=source.on_failure, principal="events.amazonaws.com", source_arn=arn)
