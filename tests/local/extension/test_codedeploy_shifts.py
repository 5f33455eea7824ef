"""UpdatePolicy of an alias: which updates shift traffic, and how the traffic moves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.conftest import until
from tests.local.extension.shift_observed import Observed, begin_update, reasons
from tests.local.extension.shift_service import CANARY, GOOD, LINEAR, Guarded

if TYPE_CHECKING:
    from tapgen.local.server import LocalAws
    from tests.local.conftest import Stacks


def test_creating_an_alias_runs_no_deployment(guarded: Guarded, observed: Observed) -> None:
    """The first version has nothing to shift from."""
    assert guarded.release == 1
    assert observed.alias() == ("1", {})
    assert observed.deployments() == []


def test_all_at_once_moves_the_alias_in_one_deployment(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """The deployment is the user's, and every lifecycle event is reported although there are no hooks."""
    guarded.release = 2
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_COMPLETE"

    assert observed.alias() == ("2", {})
    (deployment,) = observed.deployments()
    assert (deployment["status"], deployment["creator"]) == ("Succeeded", "user")
    target = observed.target(deployment["deploymentId"])
    assert [event["status"] for event in target["lifecycleEvents"]] == ["Succeeded"] * 3
    assert target["lambdaFunctionInfo"] == {
        "functionName": name,
        "functionAlias": "live",
        "currentVersion": "1",
        "targetVersion": "2",
        "targetVersionWeight": 1.0,
    }
    assert ("UPDATE_IN_PROGRESS", f"CodeDeploy deployment started: {deployment['deploymentId']}") in reasons(
        shift_stacks, name, "Alias"
    )


def test_a_canary_leaves_the_alias_on_its_version_until_the_end(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """Ten percent go to the new version by weight; the alias itself moves at 100 percent."""
    guarded.release, guarded.config = 2, CANARY
    begin_update(shift_stacks, name, guarded.template())
    until(lambda: observed.alias()[1])

    assert observed.alias() == ("1", {"2": 0.1})
    (deployment,) = observed.deployments()
    assert deployment["status"] == "InProgress"
    assert observed.target(deployment["deploymentId"])["lambdaFunctionInfo"]["targetVersionWeight"] == 0.1
    assert observed.event_statuses(deployment["deploymentId"]) == ["Succeeded", "InProgress", "Pending"]
    assert shift_stacks.settled(name) == "UPDATE_COMPLETE"
    assert observed.alias() == ("2", {})


def test_a_linear_shift_grows_by_its_percentage(
    guarded: Guarded, observed: Observed, shift_aws: LocalAws, shift_stacks: Stacks, name: str
) -> None:
    """Ten to ninety percent in nine steps, never less than before; the log tells AWS's minutes and those lived here."""
    guarded.release, guarded.config = 2, LINEAR
    begin_update(shift_stacks, name, guarded.template())
    seen: list[float] = []
    while observed.alias()[0] == "1":
        weight = observed.alias()[1].get("2", 0.0)
        if weight and weight not in seen:
            seen.append(weight)

    assert shift_stacks.settled(name) == "UPDATE_COMPLETE"
    assert observed.alias() == ("2", {})
    assert seen == sorted(seen)
    assert set(seen) <= {step / 10 for step in range(1, 10)}
    told = [line for line in shift_aws.logs(lines=100_000) if f"of {name}:live to version 2" in line]
    assert [int(line.partition(" sends ")[2].split()[0]) for line in told] == list(range(10, 100, 10))
    assert all(line.endswith("for 1 min (0.2 s here)") for line in told)
    (deployment,) = observed.deployments()
    ended = rf"{deployment['deploymentId']} Succeeded after \d+ s of AWS time \([\d.]+ s here\)$"
    assert any(re.search(ended, line) for line in shift_aws.logs(lines=100_000))


def test_a_custom_configuration_is_followed(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """A template may bring its own configuration."""
    config = {
        "Type": "AWS::CodeDeploy::DeploymentConfig",
        "Properties": {
            "ComputePlatform": "Lambda",
            "DeploymentConfigName": f"{name}-third",
            "TrafficRoutingConfig": {
                "Type": "TimeBasedCanary",
                "TimeBasedCanary": {"CanaryPercentage": "33", "CanaryInterval": "2"},
            },
        },
    }
    guarded.release, guarded.config = 2, {"Ref": "Config"}
    begin_update(shift_stacks, name, guarded.template(Config=config))
    until(lambda: observed.alias()[1])

    assert observed.alias() == ("1", {"2": 0.33})
    assert shift_stacks.settled(name) == "UPDATE_COMPLETE"
    with pytest.raises(ClientError, match="DeploymentConfigInUseException"):
        observed.codedeploy.delete_deployment_config(deploymentConfigName=f"{name}-third")


def test_a_change_of_the_description_runs_no_deployment(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """CodeDeploy is asked only when the version changes."""
    template = guarded.template()
    template["Resources"]["Alias"]["Properties"]["Description"] = "another text"
    assert shift_stacks.update(name, template) == "UPDATE_COMPLETE"
    assert observed.deployments() == []


def test_new_code_without_a_new_version_runs_no_deployment(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """The alias goes on serving the version that it has."""
    template = guarded.template()
    template["Resources"]["Function"]["Properties"]["Code"] = {"ZipFile": GOOD % 2}
    assert shift_stacks.update(name, template) == "UPDATE_COMPLETE"
    assert observed.deployments() == []
    assert observed.alias() == ("1", {})
    assert observed.invoke()[1]["release"] == 1


def test_a_change_of_the_group_runs_no_deployment(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """The group takes its new configuration, and the alias stays untouched."""
    guarded.config = CANARY
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_COMPLETE"
    assert observed.deployments() == []
    group = observed.codedeploy.get_deployment_group(applicationName=name, deploymentGroupName=f"{name}-group")
    assert group["deploymentGroupInfo"]["deploymentConfigName"] == CANARY


def test_alarms_that_a_template_drops_stay_on_the_group(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """A property that is left out keeps its value, as in AWS; only saying so switches the alarms off."""
    guarded.alarms = ["somewhere"]
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_COMPLETE"
    template = guarded.template()
    del template["Resources"]["Group"]["Properties"]["AlarmConfiguration"]
    assert shift_stacks.update(name, template) == "UPDATE_COMPLETE"

    def enabled() -> bool:
        group = {"applicationName": name, "deploymentGroupName": f"{name}-group"}
        found = observed.codedeploy.get_deployment_group(**group)["deploymentGroupInfo"]
        return bool(found["alarmConfiguration"]["enabled"])

    assert enabled()
    guarded.alarms = []
    assert shift_stacks.update(name, guarded.template()) == "UPDATE_COMPLETE"
    assert not enabled()


def test_replacing_the_alias_runs_no_deployment(
    guarded: Guarded, observed: Observed, shift_stacks: Stacks, name: str
) -> None:
    """A new name is a new alias, made without a shift even though the version changes too."""
    guarded.release = 2
    template = guarded.template()
    template["Resources"]["Alias"]["Properties"]["Name"] = "fresh"
    assert shift_stacks.update(name, template) == "UPDATE_COMPLETE"
    assert observed.deployments() == []
