"""Hosted zones with an id that the caller gives: a domain's settings name a zone that others own, by the id it has.

Route 53 makes ids up. A zone of the embedded AWS stands in for that one when its ``CallerReference`` is
``id:Z0123456789ABC``; every other reference gets an id as in AWS.
"""

from __future__ import annotations

import functools
import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_MODULE = "ministack.services.route53"
_CREATE = Seam(
    module=_MODULE,
    attribute="_create_hosted_zone",
    parameters=("body",),
    gap="Used: the request, which may name the id.",
)
_MAKE_ID = Seam(module=_MODULE, attribute="_zone_id", parameters=(), gap="Makes up every id.")
SEAMS: tuple[Seam, ...] = (_CREATE, _MAKE_ID)

_REFERENCE = re.compile(r"<CallerReference>id:(Z[A-Z0-9]+)</CallerReference>")
_wanted: ContextVar[str] = ContextVar("wanted_zone_id", default="")


def install(settings: Settings) -> None:
    """Take the id from the request."""
    del settings
    replace(_CREATE, _remembering(original(_CREATE)))
    make = original(_MAKE_ID)
    replace(_MAKE_ID, lambda: _wanted.get() or make())


def _remembering(create: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(create)
    def create_zone(body: bytes, *rest: Any, **options: Any) -> Any:
        found = _REFERENCE.search(body.decode("utf-8", errors="replace"))
        token = _wanted.set(found[1] if found else "")
        try:
            return create(body, *rest, **options)
        finally:
            _wanted.reset(token)

    return create_zone
