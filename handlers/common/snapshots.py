"""SnapStart: what a function made from a snapshot must not share with the others that were made from it.

Connections belong to the machine that the snapshot was taken on: they are closed, and the next call opens its own.
Randomness is taken from the operating system alone, through ``secrets``, which Lambda seeds anew for each of them
(Lambda developer guide, "Handling uniqueness with Lambda SnapStart"); only ``random`` has to be seeded again, because
botocore spreads its retries with it.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def after_restore(renew: Callable[[], object], environ: Mapping[str, str] | None = None) -> None:
    """Have something renewed in each function that is made from this one's snapshot; nothing without SnapStart.

    The runtime brings the library that knows the hooks, on machines with SnapStart alone.
    """
    if (os.environ if environ is None else environ).get("AWS_LAMBDA_INITIALIZATION_TYPE") != "snap-start":
        return
    from snapshot_restore_py import register_after_restore

    register_after_restore(random.seed)
    register_after_restore(renew)
