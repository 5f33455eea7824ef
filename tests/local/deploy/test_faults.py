"""Calls that fail, processes that are killed, deploys that race: each ends as an undisturbed one does, or says why not.

A few of each here; ``TAPGEN_LONG_FAULTS=1`` runs every call boundary, a hundred random moments and fifty races.
"""

from __future__ import annotations

import dataclasses
import json
import os
import random
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.session import Aws, Target
from tapgen.deploy.retention.gc import GcRequest, collect_garbage
from tapgen.deploy.rollback.execute import RollbackRequest, rollback
from tapgen.deploy.state.observed_state import read_history
from tapgen.deploy.state.release_status import find_orphans, find_unsettled
from tapgen.engine.deployment import deployment_of
from tapgen.engine.lock import read_lock
from tapgen.errors import TapgenError
from tests.local.deploy.driver import make_service, marker_of
from tests.local.deploy.fault_proxy import FaultProxy, running

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local.deploy.service import Service

LONG = bool(os.environ.get("TAPGEN_LONG_FAULTS"))
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(name="shop")
def _shop(aws: Aws, tmp_path: Path) -> Service:
    """The service at its first edition, deployed."""
    service = make_service(aws, tmp_path, f"shop-{uuid.uuid4().hex[:8]}", 1)
    service.create_bucket()
    service.deploy()
    return service


def _at(service: Service, edition: int) -> Service:
    return make_service(Aws(service.aws.target), service.folder, service.name, edition)


def _order(service: Service, edition: int, **options: Any) -> list[str]:
    target: Target = service.aws.target
    order = {
        "endpoint": target.endpoint_url,
        "key": target.access_key_id,
        "secret": target.secret_access_key,
        "folder": str(service.folder),
        "name": service.name,
        "edition": edition,
        **options,
    }
    return [sys.executable, "-m", "tests.local.deploy.driver", json.dumps(order)]


def _run(service: Service, edition: int, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _order(service, edition, **options), cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=120
    )


def _require_undisturbed(service: Service) -> None:
    """The state that a deploy leaves which nothing disturbed: live, recorded, free, nothing left over."""
    deployment, wanted = deployment_of(service.render()), service.render()
    history = read_history(service.context, deployment)
    assert history.root is not None
    assert history.root.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    assert history.root.outputs == {"ReleaseId": wanted.release_id}
    assert history.live is not None
    assert history.live.succeeded
    assert read_lock(service.context, deployment.bucket, service.name) is None
    assert find_orphans(history) == ()
    assert find_unsettled(history) == ()
    sqs = service.aws.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{service.name}-jobs")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    properties = service.resources["Compute"]["Jobs"]["Properties"]
    assert found["VisibilityTimeout"] == str(properties["VisibilityTimeout"])
    bodies = wanted.templates
    listed = service.aws.client("s3").list_objects_v2(Bucket=service.bucket, Prefix="templates/")["Contents"]
    assert {template.key for template in bodies} <= {item["Key"] for item in listed}


def _kills(calls: int) -> list[tuple[int, str]]:
    """At which call, before it is sent or after it was answered."""
    every = [(number, moment) for number in range(1, calls + 1) for moment in ("before", "after")]
    return every if LONG else every[:: max(1, len(every) // 6)]


def test_killed_at_a_call_and_run_again(shop: Service) -> None:
    """Wherever the process is killed, the next run ends as if nothing had happened, and leaves nothing over."""
    undisturbed = json.loads(_run(shop, 2).stdout)
    assert undisturbed["status"] == "done"
    survived = []
    for edition, (number, moment) in enumerate(_kills(len(undisturbed["calls"])), start=3):
        died = _run(shop, edition, kill_at=number, moment=moment)
        # A deploy whose parallel calls came in another order may be through before its number is reached.
        survived.append(died.returncode == 0)
        again = _at(shop, edition)
        assert again.deploy(marker=marker_of(again)).status in {"done", "unchanged"}, (number, moment)
        assert read_lock(again.context, deployment_of(again.render()).bucket, again.name) is None, (number, moment)
        _settle(again)
        _require_undisturbed(again)
    assert survived.count(True) < len(survived) / 2


def test_a_lock_of_a_dead_process_does_not_outlive_the_next_deploy(shop: Service) -> None:
    """Killed with nothing but the lock in its hands; what is live is deployed again, and finds nothing to do."""
    calls = json.loads(_run(shop, 2).stdout)["calls"]
    first_write = calls.index("PutObject") + 1
    died = _run(shop, 3, kill_at=first_write, moment="after")
    again = _at(shop, 2)
    bucket = deployment_of(again.render()).bucket
    assert died.returncode != 0
    assert read_lock(again.context, bucket, again.name) is not None

    assert again.deploy(marker=marker_of(again)).status == "unchanged"

    assert read_lock(again.context, bucket, again.name) is None


def test_killed_at_a_random_moment_of_a_first_deploy(aws: Aws, tmp_path: Path) -> None:
    """A first deploy, too, whatever the clock says: the stack is created in the end, once."""
    seed = time.time_ns()
    chance = random.Random(seed)  # noqa: S311 - moments need no secrecy
    for number in range(100 if LONG else 2):
        service = make_service(aws, tmp_path, f"shop-{uuid.uuid4().hex[:8]}", 1)
        service.create_bucket()
        go = tmp_path / f"go-{number}"
        process = subprocess.Popen(_order(service, 1, go=str(go)), cwd=REPOSITORY, stdout=subprocess.DEVNULL)
        time.sleep(0.7)
        go.touch()
        time.sleep(chance.uniform(0, 0.5))
        process.kill()
        process.wait()
        again = _at(service, 1)
        place = f"seed {seed}, number {number}"
        assert again.deploy(marker=marker_of(again)).status in {"done", "unchanged"}, place
        assert read_lock(again.context, deployment_of(again.render()).bucket, again.name) is None, place
        _settle(again)
        _require_undisturbed(again)


def test_of_two_deploys_at_once_one_runs(shop: Service, tmp_path: Path) -> None:
    """Two processes with the same release: one execution; the other is told who holds the lock, or finds it done."""
    for edition in range(2, 52 if LONG else 4):
        go = tmp_path / f"race-{edition}"
        racers = [
            subprocess.Popen(_order(shop, edition, go=str(go)), cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        time.sleep(0.7)
        go.touch()
        answers = [json.loads(racer.communicate(timeout=120)[0]) for racer in racers]

        assert "done" in {answer["status"] for answer in answers}, answers
        service = _at(shop, edition)
        records = deployment_of(service.render()).ledger(service.context).read_all()
        mine = [record for record in records if record.release_id == service.render().release_id]
        assert len([record for record in mine if record.execution]) == 1, answers
        assert {answer.get("code", "") for answer in answers} <= {"", "locked", "stack-busy"}, answers
        _require_undisturbed(service)


@pytest.mark.parametrize("seed", range(8) if LONG else [1])
def test_every_operation_under_faults(shop: Service, seed: int) -> None:
    """Calls fail every now and then: deploy, rollback and gc end right or say why, and nothing is half-recorded."""
    assert shop.aws.target.endpoint_url
    proxy = FaultProxy(shop.aws.target.endpoint_url, rate=0.2 if LONG else 0.1, seed=seed)
    with running(proxy) as url:
        target = dataclasses.replace(shop.aws.target, endpoint_url=url)
        for edition in (2, 3):
            faulty = make_service(Aws(target), shop.folder, shop.name, edition)
            _attempt(faulty, lambda service: service.deploy())
            whole = _at(shop, edition)
            whole.deploy()
            _settle(whole)
            _require_undisturbed(whole)
        for operate in (_roll_back, _collect):
            _attempt(make_service(Aws(target), shop.folder, shop.name, 3), operate)
    # Whatever the faults left, a deploy without them ends it.
    assert _at(shop, 2).deploy().status in {"done", "unchanged"}
    _settle(_at(shop, 2))
    _require_undisturbed(_at(shop, 2))
    faults = {name for name, count in proxy.counts.items() if name and count}
    assert {"throttle", "fail", "drop", "drop-answer"} <= faults


def _attempt(service: Service, operate: Callable[[Service], object]) -> None:
    """Run it; an error must be one of ours, with a reason."""
    refusal: TapgenError | None = None
    try:
        operate(service)
    except TapgenError as error:
        refusal = error
    assert refusal is None or (refusal.what and refusal.code != "internal")


def _roll_back(service: Service) -> None:
    deployment = deployment_of(service.render())
    rollback(
        service.context,
        RollbackRequest(deployment=deployment, confirm=lambda _: True, confirm_stop=lambda: True),
    )


def _collect(service: Service) -> None:
    request = GcRequest(deployment=deployment_of(service.render()), keep=2, show=lambda _: None, confirm=lambda: True)
    collect_garbage(service.context, request)


def _settle(service: Service) -> None:
    """What `attach` does, and every operation that takes the lock: record ends that nobody watched."""
    from tapgen.deploy.release.reconcile import settle_unwatched

    settle_unwatched(service.context, deployment_of(service.render()))
