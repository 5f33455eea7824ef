"""Work that goes on in the background for as long as the child lives."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import _request_account_id, _request_region

from tapgen.local.extension.seams import Seam

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEAMS = (
    Seam(
        module="ministack.core.responses",
        attribute="_request_account_id",
        parameters=None,
        gap="set only: the account of work that no request has caused",
    ),
    Seam(module="ministack.core.responses", attribute="_request_region", parameters=None, gap="set only: its region"),
)

_LOG = logging.getLogger("tapgen.local")


def repeat(work: Callable[[], None], *, every_s: float, name: str) -> None:
    """Do ``work`` every ``every_s`` seconds on a thread of its own; a failure is logged and does not end it."""

    def run() -> None:
        while True:
            time.sleep(every_s)
            try:
                work()
            except Exception:  # noqa: BLE001 - the next round may well succeed
                _LOG.exception("%s failed", name)

    threading.Thread(target=run, name=name, daemon=True).start()


def scopes(*stores: Any) -> Iterator[tuple[str, str]]:
    """Enter, one after another, each account and region that has an entry in one of MiniStack's scoped stores.

    Only for threads of our own: what the loop's body does happens in that account and region.
    """
    for account, region in sorted({key[:2] for store in stores for key, _ in store.all_items()}):
        _request_account_id.set(account)
        _request_region.set(region)
        yield account, region
