"""Lifecycle event hooks: how they are called, what their answers do, and what happens without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import Stacks, client_factory
from tests.local.extension.conftest import start, until
from tests.local.extension.shift_observed import Observed, assert_linked, assert_told, begin_update, reasons, total
from tests.local.extension.shift_service import ANSWERS, Guarded, alarm, hook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.conftest import ClientFactory

BEFORE, AFTER = "BeforeAllowTrafficHook", "AfterAllowTrafficHook"
CHECKS_KEYS = ANSWERS.replace(
    'os.environ["ANSWER"]',
    '"Succeeded" if sorted(event) == ["DeploymentId", "LifecycleEventHookExecutionId"] else "Failed"',
)
SILENT = "def handler(event, context):\n    return None\n"


@pytest.fixture(scope="module")
def hasty_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientFactory]:
    """Clients of an embedded AWS in which an hour takes a good second."""
    aws = start(tmp_path_factory.mktemp("hasty-aws"), "0.02")
    yield client_factory(aws.status())
    aws.stop()


def guarded(name: str, stacks: Stacks, event: str, hooks: dict[str, object]) -> Guarded:
    """A function at release 1 whose next update calls a hook."""
    service = Guarded(name, policy={event: {"Ref": "Hook"}})
    assert stacks.create(name, service.template(**hooks)) == "CREATE_COMPLETE"
    service.release = 2
    return service


@pytest.mark.parametrize("event", [BEFORE, AFTER])
def test_a_hook_gets_two_keys_and_lets_the_shift_go_on(
    shift_stacks: Stacks, observed: Observed, name: str, event: str
) -> None:
    """The payload names the deployment and the execution, and nothing else."""
    hooks = hook(f"CodeDeployHook_{name}", "Succeeded", CHECKS_KEYS)
    service = guarded(name, shift_stacks, event, hooks)
    assert shift_stacks.update(name, service.template(**hooks)) == "UPDATE_COMPLETE"
    assert observed.alias() == ("2", {})
    assert len(observed.deployments()) == 1


@pytest.mark.parametrize(
    ("event", "statuses"),
    [(BEFORE, ["Failed", "Skipped", "Skipped"]), (AFTER, ["Succeeded", "Succeeded", "Failed"])],
)
def test_a_failed_hook_fails_the_deployment_and_rolls_back(
    shift_stacks: Stacks, observed: Observed, name: str, event: str, statuses: list[str]
) -> None:
    """Failed with AWS's code and text; the rollback calls no hook, so it succeeds."""
    hooks = hook(f"CodeDeployHook_{name}", "Failed")
    service = guarded(name, shift_stacks, event, hooks)
    assert shift_stacks.update(name, service.template(**hooks)) == "UPDATE_ROLLBACK_COMPLETE"

    failed, rollback = observed.deployments()
    assert failed["status"] == "Failed"
    assert failed["errorInformation"] == {
        "code": "HOOK_EXECUTION_FAILURE",
        "message": "The deployment failed because one or more of the lifecycle event validation functions failed.",
    }
    assert observed.event_statuses(failed["deploymentId"]) == statuses
    assert observed.event_statuses(rollback["deploymentId"]) == ["Succeeded"] * 3
    assert_linked(failed, rollback)
    assert_told(reasons(shift_stacks, name, "Alias"), failed, rollback)
    assert observed.alias() == ("1", {})


@pytest.mark.parametrize(
    "case", [(BEFORE, ["Failed", "Skipped", "Skipped"], "1"), (AFTER, ["Succeeded", "Succeeded", "Failed"], "2")]
)
def test_an_alarm_counts_while_a_hook_runs(
    shift_stacks: Stacks, shift_client: ClientFactory, observed: Observed, name: str, case: tuple[str, list[str], str]
) -> None:
    """Before any traffic has moved, and after all of it has: Stopped, and the alias is sent back."""
    event, statuses, version = case
    hooks = {**hook(f"CodeDeployHook_{name}", "", SILENT), "Alarm": alarm(name)}
    service = guarded(name, shift_stacks, event, hooks)
    service.alarms = [name]
    begin_update(shift_stacks, name, service.template(**hooks))
    until(lambda: observed.waits_in(event.removesuffix("Hook")))
    assert observed.alias() == (version, {})
    shift_client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"

    stopped, rollback = observed.deployments()
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert observed.event_statuses(stopped["deploymentId"]) == statuses
    assert_linked(stopped, rollback)
    assert_told(reasons(shift_stacks, name, "Alias"), stopped, rollback)
    assert observed.alias() == ("1", {})


@pytest.mark.parametrize(
    ("event", "statuses"),
    [(BEFORE, ["Failed", "Skipped", "Skipped"]), (AFTER, ["Succeeded", "Succeeded", "Failed"])],
)
def test_a_hook_that_never_answers_fails_after_an_hour(
    hasty_client: ClientFactory, name: str, event: str, statuses: list[str]
) -> None:
    """Silence, a crash for example, is no answer; the hour is as short as the minutes are."""
    stacks, observed = Stacks(hasty_client), Observed(hasty_client, name)
    hooks = hook(f"CodeDeployHook_{name}", "", SILENT)
    service = guarded(name, stacks, event, hooks)
    assert stacks.update(name, service.template(**hooks)) == "UPDATE_ROLLBACK_COMPLETE"
    failed, rollback = observed.deployments()
    assert (failed["status"], failed["errorInformation"]["code"]) == ("Failed", "TIMEOUT")
    assert observed.event_statuses(failed["deploymentId"]) == statuses
    assert_linked(failed, rollback)
    assert_told(reasons(stacks, name, "Alias"), failed, rollback)
    assert observed.alias() == ("1", {})


def test_a_hook_has_its_own_time(hasty_client: ClientFactory, name: str) -> None:
    """An invocation that takes longer than the short hour is waited for: in AWS no invocation takes an hour."""
    stacks, observed = Stacks(hasty_client), Observed(hasty_client, name)
    slow = ANSWERS.replace("import boto3, os", "import boto3, os, time").replace(
        "def handler(event, context):\n", "def handler(event, context):\n    time.sleep(3)\n"
    )
    hooks = hook(f"CodeDeployHook_{name}", "Succeeded", slow)
    service = guarded(name, stacks, BEFORE, hooks)
    assert stacks.update(name, service.template(**hooks)) == "UPDATE_COMPLETE"
    assert observed.alias() == ("2", {})


def test_the_service_role_must_be_allowed_to_invoke_the_hook(
    shift_stacks: Stacks, observed: Observed, name: str
) -> None:
    """The managed policy allows functions named CodeDeployHook_* alone."""
    hooks = hook(f"{name}-check", "Succeeded")
    service = guarded(name, shift_stacks, BEFORE, hooks)
    assert shift_stacks.update(name, service.template(**hooks)) == "UPDATE_ROLLBACK_COMPLETE"
    error = observed.deployments()[0]["errorInformation"]
    assert error["code"] == "IAM_ROLE_PERMISSIONS"
    assert (
        "does not give you permission to perform operations in the following AWS service: AWSLambda."
        in (error["message"])
    )


def test_the_hook_needs_permission_to_answer(
    shift_stacks: Stacks, shift_client: ClientFactory, observed: Observed, name: str
) -> None:
    """Its role is enforced: without codedeploy:PutLifecycleEventHookExecutionStatus the hook only errs."""
    hooks = hook(f"CodeDeployHook_{name}", "Succeeded")
    del hooks["HookRole"]["Properties"]["Policies"]
    service = guarded(name, shift_stacks, BEFORE, hooks)
    begin_update(shift_stacks, name, service.template(**hooks))
    until(lambda: total(shift_client, "AWS/Lambda", "Errors", FunctionName=f"CodeDeployHook_{name}") > 0)

    (running,) = observed.deployments()
    assert observed.event_statuses(running["deploymentId"]) == ["InProgress", "Pending", "Pending"]
    observed.codedeploy.stop_deployment(deploymentId=running["deploymentId"])
    assert shift_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"


def test_answers_are_checked(shift_stacks: Stacks, observed: Observed, name: str) -> None:
    """Nobody answers for a hook that was not called, after the end, or with another word."""
    hooks = hook(f"CodeDeployHook_{name}", "Succeeded")
    service = guarded(name, shift_stacks, BEFORE, hooks)
    assert shift_stacks.update(name, service.template(**hooks)) == "UPDATE_COMPLETE"
    (done,) = observed.deployments()

    def answer(deployment_id: str, status: str) -> str:
        with pytest.raises(ClientError) as refusal:
            observed.codedeploy.put_lifecycle_event_hook_execution_status(
                deploymentId=deployment_id, lifecycleEventHookExecutionId="unknown", status=status
            )
        return str(refusal.value.response["Error"]["Code"])

    assert answer(done["deploymentId"], "Succeeded") == "InvalidLifecycleEventHookExecutionIdException"
    assert answer(done["deploymentId"], "Skipped") == "InvalidLifecycleEventHookExecutionStatusException"
    assert answer("d-000000000", "Succeeded") == "DeploymentDoesNotExistException"
    assert answer("nonsense", "Succeeded") == "InvalidDeploymentIdException"
