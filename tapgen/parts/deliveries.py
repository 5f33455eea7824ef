"""What AWS's services send to the queues of a service, by every kind that has them send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.parts.registry import list_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.senders import Sender
    from tapgen.naming import Names
    from tapgen.service.model import Model


def list_senders(names: Names, service: Model) -> Iterator[Sender]:
    """Every sender of every kind."""
    for kind in list_kinds():
        module = kind.load("senders")
        if module is not None:
            yield from module.list_senders(names, service)
