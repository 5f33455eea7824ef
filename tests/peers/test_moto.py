"""A second control plane, which none of us wrote: what moto implements of tapgen's calls is answered as on AWS.

There is no third. LocalStack 4.14, the last release that wants no account, starts without Docker under Python 3.13
alone, with five packages older than it asks for; it has no CodeDeploy, deletes no object on a condition, detects no
drift, and runs functions in Docker. What else there is on the index is a client, or a wrapper around an image.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.errors import TapgenError
from tests.local.deploy.service import queue
from tests.peers.calls import CALLS
from tests.peers.models import find_faults, newest_models
from tests.peers.operations import called_operations
from tests.peers.recording import RecordingAws, Request, Traffic
from tests.peers.story import PeerService, steps
from tests.peers.subject import make_subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.aws.target import Target

pytestmark = pytest.mark.network
_UNKNOWN = "moto does not know the operation"
_RUNS_NOWHERE = "moto finishes every operation within its call: nothing can be cancelled, continued or rolled back"
_TEMPLATE_ALONE = "moto compares templates alone, and refuses a change set of an unchanged one at its creation"
LACKING: dict[str, str] = {
    "cloudformation.CancelUpdateStack": _RUNS_NOWHERE,
    "cloudformation.ContinueUpdateRollback": _RUNS_NOWHERE,
    "cloudformation.DeleteChangeSet": f"only asked of one that is not wanted; {_TEMPLATE_ALONE}",
    "cloudformation.DescribeEvents": _UNKNOWN,
    "cloudformation.DescribeStackDriftDetectionStatus": _UNKNOWN,
    "cloudformation.DescribeStackResourceDrifts": _UNKNOWN,
    "cloudformation.DescribeStackResources": "moto finds the resources of a named stack, not the stack of a resource",
    "cloudformation.DescribeType": _UNKNOWN,
    "cloudformation.DetectStackDrift": _UNKNOWN,
    "cloudformation.RollbackStack": _RUNS_NOWHERE,
    "cloudformation.UpdateTerminationProtection": _UNKNOWN,
    "cloudwatch.DescribeAlarmHistory": _UNKNOWN,
    "codedeploy.GetApplicationRevision": _UNKNOWN,
    "codedeploy.GetDeploymentConfig": _UNKNOWN,
    "codedeploy.GetDeploymentTarget": _UNKNOWN,
    "codedeploy.ListDeploymentTargets": _UNKNOWN,
    "codedeploy.StopDeployment": _UNKNOWN,
    "iam.SimulatePrincipalPolicy": _UNKNOWN,
    "lambda.GetAccountSettings": _UNKNOWN,
    "service-quotas.ListServiceQuotas": "moto lists the quotas of VPCs alone",
}
"""Operations of tapgen that moto does not answer → why."""
_UNANSWERED = {
    "drift of one stack": "DetectStackDrift",
    "drifts listed": "DescribeStackResourceDrifts",
    "termination protection": "UpdateTerminationProtection",
    "change set deleted": _TEMPLATE_ALONE,
    "change of one stack": _TEMPLATE_ALONE,
    "validations": "DescribeEvents",
    "update cancelled": _RUNS_NOWHERE,
    "rollback continued": _RUNS_NOWHERE,
    "stack rolled back": _RUNS_NOWHERE,
    "unreserved concurrency": "GetAccountSettings",
    "quota": "ListServiceQuotas",
    "simulation": "SimulatePrincipalPolicy",
    "alarm changes": "DescribeAlarmHistory",
    "alarm acts": "DescribeAlarmHistory",
    "shift": "ListDeploymentTargets",
    "target version": "ListDeploymentTargets",
    "shift stopped": "StopDeployment",
    "schema": "DescribeType",
    "invocation": "moto runs functions in Docker, and answers with the words of its absence",
}


@dataclass(frozen=True, kw_only=True)
class Walk:
    """What came of every step and call.

    Attributes:
        found: What each answered.
        errors: What those said that were not answered.
        traffic: What went over the wire.
    """

    found: dict[str, Any]
    errors: dict[str, TapgenError]
    traffic: Traffic


@pytest.fixture(name="walk", scope="module")
def _walk(moto_target: Target, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """A deployment's life and every single call, once for all tests."""
    aws = RecordingAws(moto_target)
    walk = Walk(found={}, errors={}, traffic=aws.traffic)
    name = f"shop-{uuid.uuid4().hex[:8]}"
    service = PeerService(
        aws=aws,
        folder=tmp_path_factory.mktemp("peers"),
        name=name,
        resources={"Data": {"Orders": queue(f"{name}-orders")}, "Compute": {"Jobs": queue(f"{name}-jobs")}},
    )
    service.create_bucket()
    for step, take in steps(service):
        _take(walk, step, take)
    # Its own requests are boto3's and not tapgen's.
    subject = make_subject(RecordingAws(moto_target), name)
    for call, make in CALLS.items():
        _take(walk, call, lambda make=make: make(aws, subject))  # type: ignore[misc]  # bound at once
    return walk


def _take(walk: Walk, name: str, take: Callable[[], Any]) -> None:
    try:
        walk.found[name] = take()
    except TapgenError as error:
        walk.errors[name] = error


def test_a_deployment_lives_on_moto(walk: Walk) -> None:
    """Bootstrap, first release, nothing to do, a change, a rollback, garbage collection and the end go through."""
    expected = {
        "bootstrap": "done",
        # AWS refuses an update that changes nothing; moto carries it out.
        "bootstrap again": "done",
        "deploy": "done",
        "deploy again": "unchanged",
        "deploy a change": "done",
        "releases": [True, True],
        "attach": "unchanged",
        "rollback": "done",
        "unlock": "unchanged",
        "recover": "unchanged",
        "gc": "done",
        "destroy": "done",
    }

    assert {name: walk.found.get(name) for name in expected} == expected


def test_conditional_writes_hold_on_moto(walk: Walk) -> None:
    """Whoever comes second writes nothing: the lock and the ledger rest on it."""
    found = walk.found["objects"]
    assert found.pop("listed") == ["daily/1", "lock", "note"]

    assert found == {
        "created": True,
        "second refused": True,
        "replaced": True,
        "stale refused": True,
        "read": b"third",
        "absent": None,
        "stale delete refused": True,
        "deleted": True,
        "still there": False,
    }


def test_what_moto_does_not_answer_is_explained(walk: Walk) -> None:
    """An operation that moto lacks ends in an error that says what could not be done; nothing else ends in one."""
    assert sorted(walk.errors) == sorted(_UNANSWERED)
    assert [name for name, error in walk.errors.items() if not (error.what and error.why and error.hint)] == []


def test_every_operation_is_answered_or_named(walk: Walk) -> None:
    """What moto implements of tapgen's calls goes through it; what it lacks is listed, and still lacks."""
    assert sorted(called_operations() - walk.traffic.answered) == sorted(LACKING)


def test_every_request_fits_the_newest_models(walk: Walk) -> None:
    """Nothing that tapgen sends is unknown to, refused or given up by the newest service models."""
    models = newest_models()

    faults = {fault for request in walk.traffic.requests for fault in find_faults(request, models)}

    assert faults == set()


def test_a_request_that_a_model_refuses_is_found() -> None:
    """An operation, a member, a value and a length that the model does not know are each told."""
    models = newest_models()
    name, values = "cloudformation", {"StackName": "", "OnFailure": "EXPLODE", "Colour": "red"}

    (said, enumerated) = find_faults(Request(service=name, operation="CreateStack", parameters=values), models)
    (unknown,) = find_faults(Request(service=name, operation="PaintStack", parameters={}), models)

    assert "Colour" in said
    assert "StackName" in said
    assert "'EXPLODE', and not one of DO_NOTHING, ROLLBACK, DELETE" in enumerated
    assert unknown == "cloudformation.PaintStack: no such operation"
