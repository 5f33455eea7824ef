"""What AWS does not document, done the other way: aliases that shift back, and shifts that finish when cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.local.extension.settings import ALIAS_ROLLBACK_VARIABLE, CANCELLED_SHIFT_VARIABLE
from tests.local.conftest import Stacks, client_factory
from tests.local.extension.conftest import MINUTE_S, start, until
from tests.local.extension.shift_observed import Observed, begin_update, reasons
from tests.local.extension.shift_service import AT_ONCE, LINEAR, Guarded, nested

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.conftest import ClientFactory


@pytest.fixture(scope="module")
def other_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientFactory]:
    """Clients of an embedded AWS that was told the other way."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(ALIAS_ROLLBACK_VARIABLE, "shift")
        environment.setenv(CANCELLED_SHIFT_VARIABLE, "finish")
        aws = start(tmp_path_factory.mktemp("other-aws"), MINUTE_S)
    yield client_factory(aws.status())
    aws.stop()


@pytest.fixture(scope="module")
def other_stacks(other_client: ClientFactory) -> Stacks:
    return Stacks(other_client)


def there_and_back(observed: Observed) -> list[tuple[str, str, str]]:
    """Status, current and target version of each deployment, the oldest first."""
    targets = [observed.target(each["deploymentId"])["lambdaFunctionInfo"] for each in observed.deployments()]
    statuses = [each["status"] for each in observed.deployments()]
    return [
        (status, target["currentVersion"], target["targetVersion"])
        for status, target in zip(statuses, targets, strict=True)
    ]


@pytest.mark.parametrize("place", ["root", "child"])
def test_a_later_failure_shifts_an_alias_back(
    other_client: ClientFactory, other_stacks: Stacks, name: str, place: str
) -> None:
    """With a deployment of its own, by the policy of the template that the stack goes back to."""
    service, observed = Guarded(name), Observed(other_client, name)

    def template(**more: Any) -> dict[str, Any]:
        if place == "root":
            return service.template(**more)
        root = nested(other_stacks, service.template())
        return {"Resources": {**root["Resources"], **more}}

    assert other_stacks.create(name, template()) == "CREATE_COMPLETE"
    service.release, service.config = 2, AT_ONCE
    broken = {
        "Type": "AWS::CodeDeploy::Application",
        "DependsOn": "Alias" if place == "root" else "Child",
        "Properties": {"ApplicationName": name, "ComputePlatform": "Lambda"},
    }
    assert other_stacks.update(name, template(Broken=broken)) == "UPDATE_ROLLBACK_COMPLETE"
    assert there_and_back(observed) == [("Succeeded", "1", "2"), ("Succeeded", "2", "1")]
    assert observed.alias() == ("1", {})


def test_a_cancelled_update_lets_its_shift_finish(other_client: ClientFactory, other_stacks: Stacks, name: str) -> None:
    """And then sends the alias back."""
    service, observed = Guarded(name), Observed(other_client, name)
    assert other_stacks.create(name, service.template()) == "CREATE_COMPLETE"
    service.release, service.config = 2, LINEAR
    begin_update(other_stacks, name, service.template())
    until(lambda: observed.alias()[1])
    other_stacks.cfn.cancel_update_stack(StackName=name)
    assert other_stacks.settled(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert there_and_back(observed) == [("Succeeded", "1", "2"), ("Succeeded", "2", "1")]
    assert observed.alias() == ("1", {})
    assert ("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated") in reasons(other_stacks, name, name)
