"""One operation at a time on a deployment: a lock in the artifact bucket, made and moved by conditional writes alone.

The holder renews its lease as long as it lives; S3's own clock measures the lease, so that no machine's clock counts. A
holder that died keeps the lock until its lease ends, or until somebody on the same machine sees that its process is
gone. Taking a lock over replaces the very object that was judged dead, so of two who try one succeeds, and the renewal
of a holder that was only slow fails: it learns that it lost the lock before its next step (``require_held``).
"""

from __future__ import annotations

import dataclasses
import json
import os
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tapgen import object_keys
from tapgen.aws import objects
from tapgen.engine.polling import Pace, Ticker
from tapgen.errors import AttentionError, RefusedError, TapgenError
from tapgen.events import Noted
from tapgen.processes import Process, start_identity, this_machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.aws.objects import StoredObject
    from tapgen.aws.storage import Bucket
    from tapgen.engine.context import Context

LEASE_S = 60.0
# Two renewals may fail before the lease ends.
_RENEWALS_PER_LEASE = 3
_WAITING = Pace(shortest_s=0.2, longest_s=5.0)


@dataclass(frozen=True, kw_only=True)
class LockRequest:
    """Which lock, and for what."""

    bucket: Bucket
    deployment: str
    options: str
    """``--env X [--suffix Y]``, for hints."""
    operation: str
    """``deploy``, ``rollback`` …"""
    wait: bool = False
    """Wait while somebody else holds it, instead of refusing."""
    lease_s: float = LEASE_S

    @property
    def key(self) -> str:
        """Where the lock is."""
        return object_keys.lock_key(self.deployment)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who holds a lock, as the object says it."""

    token: str
    who: str
    operation: str
    host: str
    machine: str
    pid: int
    process_started: str
    started_at: datetime
    lease_s: float

    @property
    def title(self) -> str:
        """``deploy by arn:… on host (process 42)``."""
        return f"{self.operation} by {self.who} on {self.host} (process {self.pid})"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A lock that is there."""

    holder: Holder
    etag: str
    age_s: float
    """Since the holder made or renewed it."""

    @property
    def ended(self) -> str:
        """Why nobody holds it any more; empty while somebody may."""
        holder = self.holder
        if self.age_s > holder.lease_s:
            return f"its lease of {holder.lease_s:.0f} s ended {self.age_s - holder.lease_s:.0f} s ago"
        process = Process(pid=holder.pid, started=holder.process_started)
        if holder.machine == this_machine() and not process.alive():
            return f"process {holder.pid} on this machine is gone"
        return ""


class Lock:
    """A lock that this process holds."""

    def __init__(self, context: Context, request: LockRequest, holder: Holder, etag: str) -> None:
        self._context = context
        self._request = request
        self._holder = holder
        self._etag = etag
        self._lost = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lock", daemon=True)

    def require_held(self) -> None:
        """Go on only while the lock is ours.

        Raises:
            RefusedError: The lease ended while this machine slept or had no network, and somebody took the lock.
        """
        if self._lost:
            raise RefusedError(
                f"the lock of {self._request.deployment} was taken over by somebody else",
                why="this process could not renew its lease in time",
                hint=f"`tapgen status {self._request.options}` shows who works on it now; rerun after that",
                code="lock-lost",
            )

    def start_renewing(self) -> None:
        """Renew the lease in the background until ``release``."""
        self._thread.start()

    def release(self) -> None:
        """Give the lock back, unless somebody has taken it."""
        self._stop.set()
        self._thread.join()
        try:
            objects.delete_object(
                self._context.aws.client("s3"), self._request.bucket, self._request.key, etag=self._etag
            )
        except TapgenError as error:
            self._context.warn(
                f"the lock could not be given back: {error}", hint="its lease ends by itself", code="lock-kept"
            )

    def _keep(self) -> None:
        while not self._stop.wait(self._request.lease_s / _RENEWALS_PER_LEASE):
            try:
                self._renew()
            except TapgenError as error:
                self._context.warn(f"the lock's lease could not be renewed: {error}", code="lock-unrenewed")
            if self._lost:
                return

    def _renew(self) -> None:
        # Something must differ, or a refused write could be taken for one that was done (``objects``).
        body = _encode(self._holder, renewal=uuid.uuid4().hex)
        etag = objects.replace_object(
            self._context.aws.client("s3"), self._request.bucket, self._request.key, body, etag=self._etag
        )
        if etag is None:
            self._lost = True
        else:
            self._etag = etag


@contextmanager
def hold_lock(context: Context, request: LockRequest) -> Iterator[Lock]:
    """Hold the lock for the block, whatever ends it.

    Raises:
        RefusedError: Somebody else holds it and ``wait`` is not asked for.
        AwsError: The bucket is missing (``NoSuchBucket``) or may not be written.
    """
    lock = _acquire(context, request)
    lock.start_renewing()
    try:
        yield lock
    finally:
        lock.release()


def read_lock(context: Context, bucket: Bucket, deployment: str) -> Seen | None:
    """The lock as it is, for those who only look."""
    stored = objects.read_object(context.aws.client("s3"), bucket, object_keys.lock_key(deployment))
    return _seen(stored) if stored else None


def break_lock(context: Context, bucket: Bucket, deployment: str, *, seen: Seen) -> bool:
    """Delete the very lock that was seen; False when it has changed since."""
    return objects.delete_object(context.aws.client("s3"), bucket, object_keys.lock_key(deployment), etag=seen.etag)


def _acquire(context: Context, request: LockRequest) -> Lock:
    client = context.aws.client("s3")
    holder = _this_holder(context, request)
    body = _encode(holder, renewal="")
    ticker = Ticker(context.clock, _WAITING)
    waiting_for = ""
    while True:
        etag = objects.create_object(client, request.bucket, request.key, body)
        if etag:
            return Lock(context, request, holder, etag)
        stored = objects.read_object(client, request.bucket, request.key)
        if stored is None:
            continue
        seen = _seen(stored)
        if seen.ended:
            etag = objects.replace_object(client, request.bucket, request.key, body, etag=seen.etag)
            if etag:
                text = f"took over the lock of a {seen.holder.title}: {seen.ended}"
                context.emit(Noted(level="info", text=text, code="lock-taken-over"))
                return Lock(context, request, holder, etag)
            continue
        if not request.wait:
            raise _held(request, seen)
        if seen.holder.token != waiting_for:
            waiting_for = seen.holder.token
            context.emit(
                Noted(level="info", text=f"waiting for a {seen.holder.title}, {_since(seen)}", code="lock-waited-for")
            )
        ticker.wait()


def _this_holder(context: Context, request: LockRequest) -> Holder:
    import platform

    return Holder(
        token=uuid.uuid4().hex,
        who=context.aws.identity().arn,
        operation=request.operation,
        host=platform.node(),
        machine=this_machine(),
        pid=os.getpid(),
        process_started=start_identity(os.getpid()),
        started_at=datetime.now(UTC),
        lease_s=request.lease_s,
    )


def _held(request: LockRequest, seen: Seen) -> RefusedError:
    return RefusedError(
        f"{request.deployment} is locked by a {seen.holder.title}",
        why=f"{_since(seen)}; its lease was renewed {max(seen.age_s, 0):.0f} s ago",
        hint=(f"rerun with --wait to queue; if that process cannot exist any more, `tapgen unlock {request.options}`"),
        code="locked",
    )


def _since(seen: Seen) -> str:
    return f"running since {seen.holder.started_at:%Y-%m-%d %H:%M:%S} UTC"


def _encode(holder: Holder, *, renewal: str) -> bytes:
    document: dict[str, Any] = dataclasses.asdict(holder)
    document |= {"schema_version": "1.0", "started_at": holder.started_at.isoformat(), "renewal": renewal}
    return json.dumps(document, indent=1, sort_keys=True).encode()


def _seen(stored: StoredObject) -> Seen:
    try:
        document: Mapping[str, Any] = json.loads(stored.body)
        known = {item.name: document[item.name] for item in dataclasses.fields(Holder)}
        holder = Holder(**{**known, "started_at": datetime.fromisoformat(document["started_at"])})
    except (ValueError, KeyError, TypeError) as error:
        raise AttentionError(
            "the lock in the artifact bucket cannot be read",
            why=f"{type(error).__name__}: {error}; it begins with {stored.body[:60]!r}",
            hint="a newer tapgen may have written it: use that one; otherwise delete the object below locks/",
            code="lock-unreadable",
        ) from error
    return Seen(holder=holder, etag=stored.etag, age_s=stored.age_s)
