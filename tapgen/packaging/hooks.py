"""The zip of the hooks: tapgen's own ``hook_runtime`` and ``journey``, and the journeys of the service's functions.

The same for every environment: functions have their names in the service there, without the deployment's prefix.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.journey.codec import to_document
from tapgen.packaging.archive import Entry, digest_entries, zip_entries
from tapgen.packaging.functions import FunctionZip
from tapgen.parts.function.model import HOOKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.service.tried import Tried

_TAPGEN = Path(__file__).parents[1]
_FOLDERS = ("hook_runtime", "journey")
_PACKAGE = b'"""The parts of tapgen that run in Lambda."""\n'
_JOURNEYS = "journeys.json"


def zip_hooks(tried: Iterable[Tried]) -> FunctionZip:
    """Zip the hooks of a service."""
    entries = [
        Entry(path="tapgen/__init__.py", data=_PACKAGE),
        *_code(),
        Entry(path=_JOURNEYS, data=write_journeys(tried)),
    ]
    return FunctionZip(
        role=HOOKS,
        data=zip_entries(entries),
        digest=digest_entries(entries),
        unpacked_bytes=sum(len(entry.data) for entry in entries),
    )


def write_journeys(tried: Iterable[Tried]) -> bytes:
    """Function → its routes and its journey, as ``hook_runtime.trials`` reads it."""
    document = {
        each.function: {"routes": list(each.routes), "journey": to_document(each.journey)}
        for each in sorted(tried, key=lambda item: item.function)
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _code() -> Iterator[Entry]:
    for folder in _FOLDERS:
        for path in sorted((_TAPGEN / folder).rglob("*.py")):
            yield Entry(path=f"tapgen/{path.relative_to(_TAPGEN).as_posix()}", data=path.read_bytes())
