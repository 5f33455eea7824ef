"""Answers of a later release of AWS, and halves of answers, end well or in an error of the tree: never in a traceback.

Each answer that the embedded AWS gives to each call of tapgen is changed in one place, and the call is made again. CI
leaves out the values that an enumeration has anyway and members that were not there; ``scripts/peers`` takes all.
"""

from __future__ import annotations

import functools
import io
import os
import uuid
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.session import Aws
from tapgen.aws.target import Target
from tapgen.errors import TapgenError
from tapgen.journey.transport import NoAnswerError
from tapgen.local.server import LocalAws
from tapgen.ui.plain import PlainListener
from tests.local.deploy.service import REGION, queue
from tests.peers.calls import CALLS
from tests.peers.mutations import UNKNOWN, mutations
from tests.peers.operations import called_operations
from tests.peers.replay import TapedAws
from tests.peers.story import PeerService, steps
from tests.peers.subject import make_subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.peers.mutations import Mutation
    from tests.peers.replay import Given

pytestmark = pytest.mark.local
LONG = bool(os.environ.get("TAPGEN_LONG_PEERS"))
_SHORT = ("without ", "empty ", f"{UNKNOWN} as ")
# Two answers to the same operation differ in nothing that a third would show.
_SAME = 2 if LONG else 1


@pytest.fixture(name="target", scope="module")
def _target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    aws = LocalAws(tmp_path_factory.mktemp("aws"), lifetime="parent", save="stop")
    status, credentials = aws.ensure_running(), aws.credentials()
    yield Target(
        region=REGION,
        endpoint_url=status.endpoint_url,
        access_key_id=credentials.access_key_id,
        secret_access_key=credentials.secret_access_key,
    )
    aws.stop()


def _faults(aws: TapedAws, tape: list[Given], call: Callable[[], Any], *, share: int) -> Iterator[str]:
    """What a call raises that is no error of the tree, once for each mutation of each of its answers.

    CI takes one mutation in ``share``.
    """
    seen: Counter[str] = Counter()
    for given in tape:
        seen[given.operation] += 1
        if seen[given.operation] > _SAME:
            continue
        for mutation in mutations(given.answer, given.model.output_shape):
            if LONG or (mutation.label.startswith(_SHORT) and _is_sampled(mutation, share)):
                aws.play(tape, spoilt=given, mutation=mutation)
                fault = _fault(call)
                if fault:
                    yield f"{given.operation} {mutation.label}: {fault}"


def _is_sampled(mutation: Mutation, share: int) -> bool:
    """The same ones in every run."""
    return zlib.crc32(mutation.label.encode()) % share == 0


def _fault(call: Callable[[], Any]) -> str:
    try:
        call()
    except (TapgenError, NoAnswerError):
        return ""
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the fault
        return f"{type(error).__name__}: {error}"
    return ""


def test_every_call_takes_what_a_later_aws_answers(target: Target) -> None:
    """Each call of one resource: unknown fields and values, members that are missing, lists that are empty."""
    subject = make_subject(Aws(target), f"later-{uuid.uuid4().hex[:8]}")
    found: list[str] = []
    tried = set()
    for name, call in CALLS.items():
        aws = TapedAws(target)
        assert _fault(functools.partial(call, aws, subject)) == "", name
        tape = list(aws.tape)
        tried |= {given.operation for given in tape}
        again = functools.partial(call, aws, subject)
        found += [f"{name}: {fault}" for fault in _faults(aws, tape, again, share=1)]

    assert found == []
    # The others are of whole stacks: the next test's.
    assert {name for name in called_operations() - tried if not name.startswith("cloudformation.")} == set()


def test_every_operation_takes_what_a_later_aws_answers(target: Target, tmp_path: Any) -> None:
    """A deployment from bootstrap to destroy, and what is told of it to people."""
    aws = TapedAws(target)
    name = f"later-{uuid.uuid4().hex[:8]}"
    service = PeerService(
        aws=aws,
        folder=tmp_path,
        name=name,
        resources={"Data": {"Orders": queue(f"{name}-orders")}, "Compute": {"Jobs": queue(f"{name}-jobs")}},
    )
    service.create_bucket()
    tapes: list[tuple[str, Callable[[], Any], list[Given]]] = []
    for step, take in steps(service):
        aws.rewind()
        assert _fault(take) == "", step
        tapes.append((step, take, list(aws.tape)))
    tried = {given.operation for _, _, tape in tapes for given in tape}
    found: list[str] = []
    for step, take, tape in tapes:
        again = functools.partial(_told, service, take)
        found += [f"{step}: {fault}" for fault in _faults(aws, tape, again, share=8)]

    assert found == []
    assert {name for name in called_operations() - tried if name.startswith("cloudformation.")} <= {
        "cloudformation.DescribeType"
    }


def _told(service: PeerService, take: Callable[[], Any]) -> None:
    """Take a step, and print its events as CI sees them, also those before an error."""
    service.events.clear()
    try:
        take()
    finally:
        listener = PlainListener(io.StringIO(), results=lambda _: None, width=120, color=False)
        for event in service.events:
            listener(event)
