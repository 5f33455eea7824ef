"""The lock: one holder, a lease that ends, takeovers that fence, and a way out."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws import objects
from tapgen.aws.storage import Bucket
from tapgen.engine.lock import LockRequest, break_lock, hold_lock, read_lock
from tapgen.errors import RefusedError
from tapgen.events import Noted

if TYPE_CHECKING:
    from tests.local.deploy.service import Service


@pytest.fixture(name="request_")
def _request(service: Service) -> LockRequest:
    bucket = Bucket(name=service.bucket, account_id="000000000000")
    return LockRequest(bucket=bucket, deployment=service.name, options="--env dev", operation="deploy")


def test_second_operation_is_told_who_and_since_when(service: Service, request_: LockRequest) -> None:
    """While one holds the lock another is refused with operation, caller, process and start; afterwards it is free."""
    with hold_lock(service.context, request_):
        with pytest.raises(RefusedError) as caught, hold_lock(service.context, request_):
            pass
        assert caught.value.code == "locked"
        assert "deploy by arn:aws:iam::000000000000:root" in caught.value.what
        assert "running since 20" in caught.value.why
        assert "--wait" in caught.value.hint
        assert "tapgen unlock --env dev" in caught.value.hint

    with hold_lock(service.context, request_):
        pass
    assert read_lock(service.context, request_.bucket, service.name) is None


def test_lock_is_given_back_whatever_happens(service: Service, request_: LockRequest) -> None:
    """An error inside releases the lock."""
    with pytest.raises(ValueError, match="boom"), hold_lock(service.context, request_):
        raise ValueError("boom")

    assert read_lock(service.context, request_.bucket, service.name) is None


def test_waiting_goes_on_when_the_holder_is_done(service: Service, request_: LockRequest) -> None:
    """--wait queues, says for whom, and gets the lock afterwards."""
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with hold_lock(service.context, request_):
            held.set()
            let_go.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    threading.Timer(0.3, let_go.set).start()
    with hold_lock(service.context, replace(request_, wait=True)) as lock:
        lock.require_held()
    thread.join()

    assert "waiting for a deploy by" in service.seen(Noted)[0].text


def test_lease_is_renewed_while_the_holder_lives(service: Service, request_: LockRequest) -> None:
    """A lease much shorter than the operation does not end it: another is still refused."""
    with hold_lock(service.context, replace(request_, lease_s=0.9)):
        first = read_lock(service.context, request_.bucket, service.name)
        assert first is not None
        _until(lambda: _etag(service, request_) != first.etag)
        renewed = read_lock(service.context, request_.bucket, service.name)
        assert renewed is not None
        assert renewed.holder == first.holder


def test_lease_that_ended_is_taken_over_and_the_old_holder_fenced(service: Service, request_: LockRequest) -> None:
    """A holder elsewhere that stopped renewing loses the lock after its lease, and finds out before its next step."""
    with hold_lock(service.context, replace(request_, lease_s=1.5)) as lock:
        _pretend_elsewhere(service, request_, lease_s=0)
        _until(lambda: _age(service, request_) > 0)
        with hold_lock(service.context, request_):
            _until(lambda: _is_lost(lock))

    assert any("took over the lock of a deploy" in note.text for note in service.seen(Noted))


def test_dead_process_of_this_machine_holds_nothing(service: Service, request_: LockRequest) -> None:
    """The lock of a process that was killed here is taken over at once, long before its lease ends."""
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    with hold_lock(service.context, request_):
        document = _document(service, request_)
    document |= {"pid": int(gone.stdout), "process_started": "1", "lease_s": 3600}
    objects.create_object(service.aws.client("s3"), request_.bucket, request_.key, json.dumps(document).encode())

    with hold_lock(service.context, request_):
        pass

    assert "on this machine is gone" in service.seen(Noted)[-1].text


def test_unlocking_hits_only_the_lock_that_was_shown(service: Service, request_: LockRequest) -> None:
    """A lock that changed hands while somebody was asked about it stays."""
    with hold_lock(service.context, request_):
        seen = read_lock(service.context, request_.bucket, service.name)
        assert seen is not None
        assert break_lock(service.context, request_.bucket, service.name, seen=replace(seen, etag='"old"')) is False
        assert break_lock(service.context, request_.bucket, service.name, seen=seen) is True
    assert read_lock(service.context, request_.bucket, service.name) is None


def _document(service: Service, request: LockRequest) -> dict[str, Any]:
    stored = objects.read_object(service.aws.client("s3"), request.bucket, request.key)
    assert stored is not None
    document: dict[str, Any] = json.loads(stored.body)
    return document


def _pretend_elsewhere(service: Service, request: LockRequest, *, lease_s: float) -> None:
    document = _document(service, request) | {"machine": "another", "lease_s": lease_s}
    body = json.dumps(document).encode()
    assert objects.replace_object(
        service.aws.client("s3"), request.bucket, request.key, body, etag=_etag(service, request)
    )


def _etag(service: Service, request: LockRequest) -> str:
    seen = read_lock(service.context, request.bucket, service.name)
    return seen.etag if seen else ""


def _age(service: Service, request: LockRequest) -> float:
    seen = read_lock(service.context, request.bucket, service.name)
    return seen.age_s if seen else -1


def _is_lost(lock: Any) -> bool:
    try:
        lock.require_held()
    except RefusedError:
        return True
    return False


def _until(condition: Any) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
