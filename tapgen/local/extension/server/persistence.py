"""State that survives: saved soon after a change instead of only at a clean stop, and put right when it is found again.

MiniStack writes its state when it is shut down, so a crash would lose a deployed stack. Here the state is written a
moment after the last request, a few seconds after the first at the latest, and only where it has changed; and before
CloudFormation tells anybody that a stack's operation has ended, so that what somebody has been told is never lost. An
operation that was interrupted is found again as failed, in a state from which AWS lets a stack go on.
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.stack_operations.operation import IN_FLIGHT
from tapgen.local.extension.cloudformation.stack_operations.outcome import interrupt
from tapgen.local.extension.seams import Seam, original, replace
from tapgen.local.record import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tapgen.local.extension.settings import Settings

_PERSISTENCE = "ministack.core.persistence"

_SAVE_ALL = Seam(
    module="ministack.app",
    attribute="save_all",
    parameters=("services",),
    gap="State is written at a clean stop alone, and every file of it whether it has changed or not.",
)
_STATE_GETTERS = Seam(
    module="ministack.app",
    attribute="_build_persistence_save_dict",
    parameters=(),
    gap="Used: what each service that has been used would save.",
)
_JSON_DEFAULT = Seam(
    module=_PERSISTENCE, attribute="_json_default", parameters=("obj",), gap="Used: MiniStack's types as JSON."
)
_FORMAT_VERSION = Seam(
    module=_PERSISTENCE,
    attribute="_state_format_version",
    parameters=("service",),
    gap="Used: the version that a state file must carry to be read back.",
)
_STATE_DIR = Seam(module=_PERSISTENCE, attribute="STATE_DIR", parameters=None, gap="Used: where state is read from.")
_LOAD_STACKS = Seam(
    module="ministack.services.cloudformation",
    attribute="load_persisted_state",
    parameters=("data",),
    gap="A stack whose operation was interrupted stays in progress for ever.",
)

SEAMS: tuple[Seam, ...] = (
    _SAVE_ALL,
    _STATE_GETTERS,
    _JSON_DEFAULT,
    _FORMAT_VERSION,
    _STATE_DIR,
    _LOAD_STACKS,
    cfn.STACKS,
    cfn.STACK_EVENTS,
)

_LOG = logging.getLogger(__name__)
_ATTEMPTS = 5
_STACKS_SERVICE = "cloudformation"
_INTERRUPTED = "The embedded AWS was stopped during this operation"
_AFTER_INTERRUPTION = {
    "CREATE_IN_PROGRESS": "CREATE_FAILED",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_FAILED",
    "UPDATE_IN_PROGRESS": "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS": "UPDATE_ROLLBACK_FAILED",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "DELETE_IN_PROGRESS": "DELETE_FAILED",
}
_UNDOABLE = {"UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"}


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Save only what has changed, and put interrupted stacks right when they are loaded."""
    replace(_SAVE_ALL, save_changed)
    load = original(_LOAD_STACKS)

    @functools.wraps(load)
    def load_and_settle(data: dict[str, Any]) -> None:
        load(data)
        for _, stack in original(cfn.STACKS).all_items():
            _settle(stack)

    replace(_LOAD_STACKS, load_and_settle)


def save_changed(services: Mapping[str, Callable[[], dict[str, Any] | None]]) -> None:
    """Write the state of each service whose file does not hold it; what cannot be read now is left for later."""
    folder = Path(original(_STATE_DIR))
    # The stacks last: whoever finds an operation ended finds what it made, too.
    for service, get_state in sorted(services.items(), key=lambda item: item[0] == _STACKS_SERVICE):
        content = _serialized(service, get_state)
        path = folder / f"{service}.json"
        if content is not None and content != (path.read_bytes() if path.exists() else b""):
            write_atomically(path, content)


class _End(NamedTuple):
    """The end of an operation on a root stack: its id, its status, and how many events it has."""

    stack_id: str
    status: str
    events: int


class AnySaver(Protocol):
    """Whoever decides when the state is saved."""

    def start(self) -> None:
        """Begin to watch."""

    async def stop(self) -> None:
        """End, after a save that is under way."""

    def note_request(self) -> None:
        """Something may have changed."""

    async def save_ends(self) -> None:
        """Return once the ends of operations on stacks are saved, if they are to be."""


class StopSaver:
    """Saves nothing: MiniStack does, when it is shut down.

    What is saved is all of the state, each time, so the cost of a change grows with what came before it. Whoever throws
    the embedded AWS away at the end need not pay it.
    """

    def start(self) -> None:
        """There is nothing to watch."""

    async def stop(self) -> None:
        """No save is under way."""

    def note_request(self) -> None:
        """It is saved at the end."""

    async def save_ends(self) -> None:
        """They are saved at the end, too."""


class Saver:
    """Saves after changes.

    Args:
        idle_s: How long nothing may have happened before it saves.
        longest_s: How long after the first change it saves even though more is happening.
    """

    def __init__(self, *, idle_s: float = 1.0, longest_s: float = 4.0) -> None:
        self._idle_s = idle_s
        self._longest_s = longest_s
        self._last = 0.0
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._saving = asyncio.Lock()
        self._saved: frozenset[_End] = frozenset()

    def start(self) -> None:
        """Begin to watch; needs a running event loop."""
        self._saved = _ends()
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Stop watching, after a save that is under way; MiniStack itself saves once more when it is shut down."""
        async with self._saving:
            if self._task:
                self._task.cancel()

    def note_request(self) -> None:
        """Something may have changed."""
        self._last = time.monotonic()
        self._changed.set()

    async def save_ends(self) -> None:
        """Save unless that has been done since the last operation on a stack has ended."""
        if _ends() <= self._saved:
            return
        async with self._saving:
            # Whoever waited here finds it done.
            if not _ends() <= self._saved:
                await self._save()

    async def _save(self) -> None:
        ends = _ends()
        await asyncio.shield(asyncio.to_thread(_save))
        self._saved = ends

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            await self._settle(time.monotonic())
            self._changed.clear()
            async with self._saving:
                await self._save()
            if _operation_runs():
                self._changed.set()

    async def _settle(self, first: float) -> None:
        while (now := time.monotonic()) < min(self._last + self._idle_s, first + self._longest_s):  # noqa: ASYNC110 - waits for silence, which no event tells
            await asyncio.sleep(min(self._last + self._idle_s, first + self._longest_s) - now)


def _save() -> None:
    try:
        original(_SAVE_ALL)(original(_STATE_GETTERS)())
    except OSError:
        _LOG.exception("The state could not be saved")


def _serialized(service: str, get_state: Callable[[], dict[str, Any] | None]) -> bytes | None:
    """The content of a service's state file; None when it has none, or keeps changing while it is read."""
    for _ in range(_ATTEMPTS):
        try:
            state = get_state()
            if state is None:
                return None
            document = {"__ministack_format__": original(_FORMAT_VERSION)(service), "payload": state}
            return json.dumps(document, default=original(_JSON_DEFAULT)).encode()
        except RuntimeError:  # a dictionary has changed its size under the iteration of another thread
            time.sleep(0.01)
        except Exception:  # noqa: BLE001 - one service's state must not keep the others from being saved
            _LOG.exception("The state of %s could not be read", service)
            return None
    _LOG.warning("The state of %s changes too fast to be saved now", service)
    return None


def _ends() -> frozenset[_End]:
    """How the last operation on each root stack has ended; of those that run, nothing."""
    events = {stack_id: len(found) for (*_, stack_id), found in original(cfn.STACK_EVENTS).all_items()}
    return frozenset(
        _End(stack["StackId"], stack["StackStatus"], events.get(stack["StackId"], 0))
        for _, stack in original(cfn.STACKS).all_items()
        if not stack.get("ParentId") and stack["StackStatus"] not in _AFTER_INTERRUPTION
    )


def _operation_runs() -> bool:
    return any(stack["StackStatus"] in _AFTER_INTERRUPTION for _, stack in original(cfn.STACKS).all_items())


def _settle(stack: cfn.Stack) -> None:
    failed = _AFTER_INTERRUPTION.get(stack["StackStatus"])
    record = stack.pop(IN_FLIGHT, None)
    if record and stack["StackStatus"] in _UNDOABLE:
        interrupt(stack, record)
        stack["StackStatusReason"] = _INTERRUPTED
    elif failed:
        stack["StackStatus"] = failed
        stack["StackStatusReason"] = "" if failed.endswith("_COMPLETE") else _INTERRUPTED
