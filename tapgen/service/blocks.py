"""Which block of nested stacks each part belongs to, and the file that keeps it so.

A block is a set of the four nested stacks. Most services have one. A part that does not fit into it goes to the next,
and stays there: CloudFormation cannot move a resource between stacks, it would make a second one of the same name and
delete the first with its data. So ``config/stacks.lock.json`` keeps where each part is, from half a block on; a part
that it does not name takes the first block with room. Nothing here knows a template; sizes are estimates.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from tapgen.errors import ConfigError
from tapgen.files import keep_or_replace_file
from tapgen.parts.function.model import Function
from tapgen.parts.registry import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tapgen.parts.part import Part

LOCK_FILE = "stacks.lock.json"
CAPACITY: Mapping[str, int] = {"compute": 400, "compute outputs": 150, "data": 300, "data outputs": 180}
"""What a block is filled to: resources of a stack (CloudFormation takes 500) and its outputs (200).

The alarms of what fits are fewer than 400: at most 7 of a function and 4 of a part that keeps something.

The rest is room for what a part grows by later, since no part ever moves.
"""
_VERSION = 1
_FIRST = 1
_SHOWN = 5


def key_of(part: Part) -> str:
    """``table/orders``: as the lock names a part."""
    return f"{part.kind}/{part.name}"


def assign(parts: Iterable[Part], recorded: Mapping[str, int], *, capacity: Mapping[str, int]) -> dict[str, int]:
    """Key of each part → its block, 1 for the four stacks that every service has.

    Args:
        parts: In the order in which they were written.
        recorded: What the lock says; it wins over any estimate.
        capacity: Of a block, as in ``CAPACITY``.
    """
    parts = tuple(parts)
    found: dict[str, int] = {}
    filled: dict[int, Counter[str]] = {}
    for part in parts:
        key = key_of(part)
        if key in recorded or not _is_movable(part):
            found[key] = recorded.get(key, _FIRST)
            filled.setdefault(found[key], Counter()).update(_sizes(part))
    # A queue and its dead letters refer to each other: whichever is new goes where the other is.
    pairs = [(key_of(part), key_of(dead)) for part in parts if (dead := getattr(part, "dead_letters", None))]
    partner = {dead: queue for queue, dead in pairs} | dict(pairs)
    # The stage names routes with limits of their own and is in the first block: their functions have the first choice.
    for part in sorted(parts, key=lambda each: not _is_limited(each)):
        key = key_of(part)
        if key not in found:
            beside = found.get(partner.get(key, ""))
            found[key] = beside or _first_with_room(_sizes(part), filled, capacity)
            filled.setdefault(found[key], Counter()).update(_sizes(part))
    return {key_of(part): found[key_of(part)] for part in parts}


def needs_lock(parts: Iterable[Part], *, capacity: Mapping[str, int]) -> bool:
    """Whether the parts fill more than half a block, so that one change could make them more than a block holds."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(_sizes(part))
    return any(2 * total[name] > most for name, most in capacity.items())


def read_lock(folder: Path) -> dict[str, int]:
    """Key of each recorded part → its block; empty without a file.

    Raises:
        ConfigError: The file is none of ours, or was edited into something that cannot be.
    """
    file = folder / LOCK_FILE
    try:
        content: Any = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(file, str(error)) from error
    if (
        not isinstance(content, dict)
        or content.get("version") != _VERSION
        or not isinstance(content.get("parts"), dict)
    ):
        raise _unreadable(file, f'it must be {{"version": {_VERSION}, "parts": {{…}}}}')
    for key, block in content["parts"].items():
        if not isinstance(block, int) or isinstance(block, bool) or block < _FIRST:
            raise _unreadable(file, f"{key}: {block!r} is no number of a block; they count from {_FIRST}")
    return dict(content["parts"])


def write_lock(folder: Path, blocks: Mapping[str, int]) -> None:
    """Write the lock; nothing happens where it says so already, and where a small service needs none."""
    if blocks:
        content = json.dumps({"version": _VERSION, "parts": dict(sorted(blocks.items()))}, indent=2) + "\n"
        keep_or_replace_file(folder / LOCK_FILE, content.encode())


def refuse_unrecorded(folder: Path, blocks: Mapping[str, int]) -> None:
    """Refuse parts of further blocks that no lock names: for a machine whose files nobody commits.

    Raises:
        ConfigError: There are some.
    """
    recorded = read_lock(folder)
    missing = sorted(key for key, block in blocks.items() if block > _FIRST and key not in recorded)
    if missing:
        raise ConfigError(
            f"{folder / LOCK_FILE} does not name {len(missing)} parts of further nested stacks",
            why=", ".join(missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else ""),
            hint="run `tapgen render` outside of CI and commit the file: without it a part could move, with its data",
            code="stacks-lock-stale",
        )


def check_lock(folder: Path, parts: Iterable[Part], recorded: Mapping[str, int]) -> None:
    """Refuse a lock that places what always stands in the first block.

    Raises:
        ConfigError: It does; every such part is named.
    """
    wrong = [
        f"{key_of(part)}: block {recorded[key_of(part)]}, and every {part.kind} is in block {_FIRST}"
        for part in parts
        if recorded.get(key_of(part), _FIRST) != _FIRST and not _is_movable(part)
    ]
    if wrong:
        raise _unreadable(folder / LOCK_FILE, "\n".join(wrong))


def _is_movable(part: Part) -> bool:
    return isinstance(part, Function) or kind_of(part).spread


def _is_limited(part: Part) -> bool:
    return isinstance(part, Function) and any(route.rate_rps or route.burst for route in part.routes)


def _sizes(part: Part) -> dict[str, int]:
    """What a part adds to each stack of its block, with some room."""
    if part.existing_arn:
        return {}
    if isinstance(part, Function):
        # Log group, function, version, two guards, group, alias, integration, asynchronous calls, scaling.
        return {"compute": 10 + 2 * len(part.routes) + 2 * len(part.sources), "compute outputs": 5}
    return {"data": 5 + len(getattr(part, "queues", ())), "data outputs": 3} if kind_of(part).stack == "data" else {}


def _first_with_room(sizes: Mapping[str, int], filled: Mapping[int, Counter[str]], capacity: Mapping[str, int]) -> int:
    """The first block that takes all of it; a part that is larger than a block gets one for itself."""
    block = _FIRST
    while block in filled and any(filled[block][name] + size > capacity[name] for name, size in sizes.items()):
        block += 1
    return block


def _unreadable(file: Path, why: str) -> ConfigError:
    return ConfigError(
        f"{file} cannot be used: it says in which nested stack each part is",
        why=why,
        hint="take it from the last commit that was deployed; after a merge keep both sides' lines, "
        "and where they differ for a part the one that is deployed",
        code="stacks-lock",
    )
