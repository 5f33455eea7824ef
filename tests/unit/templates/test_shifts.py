"""The live aliases, their deployment groups, and the guards that stop a shift."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.templates.variants import Template, environment, of_type, only, properties, templates

PREDEFINED = [
    ("all-at-once", 10, 5, "LambdaAllAtOnce"),
    ("canary", 10, 5, "LambdaCanary10Percent5Minutes"),
    ("canary", 10, 10, "LambdaCanary10Percent10Minutes"),
    ("canary", 10, 15, "LambdaCanary10Percent15Minutes"),
    ("canary", 10, 30, "LambdaCanary10Percent30Minutes"),
    ("linear", 10, 1, "LambdaLinear10PercentEvery1Minute"),
    ("linear", 10, 2, "LambdaLinear10PercentEvery2Minutes"),
    ("linear", 10, 3, "LambdaLinear10PercentEvery3Minutes"),
    ("linear", 10, 10, "LambdaLinear10PercentEvery10Minutes"),
]


def _compute(kind: str = "canary", percentage: int = 10, interval_min: int = 10, **changes: Any) -> Template:
    shift = {"shift__type": kind, "shift__percentage": percentage, "shift__interval_min": interval_min}
    return templates(environment("dev", **shift, **changes))["compute"]


@pytest.mark.parametrize(("kind", "percentage", "interval_min", "name"), PREDEFINED)
def test_predefined_configuration_is_used_by_name(kind: str, percentage: int, interval_min: int, name: str) -> None:
    """What CodeDeploy has under a name is not made again."""
    compute = _compute(kind, percentage, interval_min)

    assert of_type(compute, "AWS::CodeDeploy::DeploymentConfig") == {}
    for group in of_type(compute, "AWS::CodeDeploy::DeploymentGroup").values():
        assert _configured(group) == f"CodeDeployDefault.{name}"


@pytest.mark.parametrize(
    ("kind", "percentage", "interval_min", "routing"),
    [
        (
            "canary",
            20,
            5,
            {"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryPercentage": 20, "CanaryInterval": 5}},
        ),
        (
            "canary",
            10,
            7,
            {"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryPercentage": 10, "CanaryInterval": 7}},
        ),
        (
            "linear",
            25,
            1,
            {"Type": "TimeBasedLinear", "TimeBasedLinear": {"LinearPercentage": 25, "LinearInterval": 1}},
        ),
        (
            "linear",
            10,
            5,
            {"Type": "TimeBasedLinear", "TimeBasedLinear": {"LinearPercentage": 10, "LinearInterval": 5}},
        ),
    ],
)
def test_other_configuration_is_made(kind: str, percentage: int, interval_min: int, routing: Template) -> None:
    """Another percentage or interval gets a configuration of its own, named by its values: they are create-only."""
    compute = _compute(kind, percentage, interval_min)
    (logical_id,) = of_type(compute, "AWS::CodeDeploy::DeploymentConfig")

    assert logical_id == f"Shift{kind.capitalize()}{percentage}Percent{interval_min}Min"
    configuration = properties(compute, logical_id)
    assert configuration["TrafficRoutingConfig"] == routing
    assert configuration["DeploymentConfigName"].endswith(f"-{kind}-{percentage}-percent-{interval_min}-min")
    for group in of_type(compute, "AWS::CodeDeploy::DeploymentGroup").values():
        assert _configured(group) == {"Ref": logical_id}


def test_one_operation_may_shift_all_at_once() -> None:
    """A parameter of the root decides, with the configured shift as its default; without one to replace there is none.

    A rollback in an emergency uses it, so that a recorded template need not be rewritten.
    """
    whole = templates(environment("dev", shift__type="canary", shift__percentage=10, shift__interval_min=5))
    for group in of_type(whole["compute"], "AWS::CodeDeploy::DeploymentGroup").values():
        condition, at_once, _ = group["Properties"]["DeploymentConfigName"]["Fn::If"]
        assert at_once == "CodeDeployDefault.LambdaAllAtOnce"
        equals = {"Fn::Equals": [{"Ref": "ShiftConfiguration"}, "all-at-once"]}
        assert whole["compute"]["Conditions"][condition] == equals
    assert whole["root"]["Parameters"]["ShiftConfiguration"]["Default"] == "configured"
    nested = whole["root"]["Resources"]["Compute"]["Properties"]["Parameters"]
    assert nested["ShiftConfiguration"] == {"Ref": "ShiftConfiguration"}
    assert "ShiftConfiguration" not in templates(environment("dev"))["root"]["Parameters"]


def _configured(group: Template) -> Any:
    """What a group shifts by unless one operation says otherwise."""
    name = group["Properties"]["DeploymentConfigName"]
    return name["Fn::If"][2] if isinstance(name, dict) and "Fn::If" in name else name


@pytest.mark.parametrize("role", ["Api", "Archiver"])
def test_alias_is_moved_by_its_own_group_after_its_guards_are_there(role: str) -> None:
    """Only the update policy moves the alias, and group, guards and hooks are in place before it does."""
    compute = _compute()
    alias = compute["Resources"][f"{role}LiveAlias"]

    assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"] == {
        "ApplicationName": {"Ref": "CodeDeployApplication"},
        "DeploymentGroupName": {"Ref": f"{role}DeploymentGroup"},
        "BeforeAllowTrafficHook": {"Ref": "BeforeHookFunction"},
        "AfterAllowTrafficHook": {"Ref": "AfterHookFunction"},
    }
    guards = [name for name in of_type(compute, "AWS::CloudWatch::Alarm") if name.startswith(role)]
    assert sorted(alias["DependsOn"]) == sorted(
        [f"{role}DeploymentGroup", *guards, "BeforeHookFunction", "AfterHookFunction"]
    )
    group = properties(compute, f"{role}DeploymentGroup")
    standing = {"Fn::If": ["StandingGuardsHold", {"Name": {"Ref": "ApiServerErrorsGuard"}}, {"Ref": "AWS::NoValue"}]}
    expected = [standing if name == "ApiServerErrorsGuard" else {"Name": {"Ref": name}} for name in guards]
    assert _in_order(group["AlarmConfiguration"]["Alarms"]) == _in_order(expected)
    assert group["AlarmConfiguration"]["Enabled"] is True
    assert group["AlarmConfiguration"]["IgnorePollAlarmFailure"] is False


def test_glass_can_be_broken_past_the_guard_that_outlives_versions_alone() -> None:
    """The root's parameter, false unless an operation sets it, leaves the guards of the new version in place."""
    built = templates(environment("prod"))
    default = built["root"]["Parameters"]["BreakGlass"]

    assert (default["Default"], default["AllowedValues"]) == ("false", ["false", "true"])
    assert built["root"]["Resources"]["Compute"]["Properties"]["Parameters"]["BreakGlass"] == {"Ref": "BreakGlass"}
    holds = built["compute"]["Conditions"]["StandingGuardsHold"]
    assert holds == {"Fn::Equals": [{"Ref": "BreakGlass"}, "false"]}
    archiver = properties(built["compute"], "ArchiverDeploymentGroup")["AlarmConfiguration"]["Alarms"]
    assert all("Name" in alarm for alarm in archiver)


def _in_order(alarms: list[Template]) -> list[Template]:
    return sorted(alarms, key=str)


def test_all_three_rollback_events() -> None:
    """A stop without rollback would leave a split alias that blocks every later shift."""
    for group in of_type(_compute(), "AWS::CodeDeploy::DeploymentGroup").values():
        assert group["Properties"]["AutoRollbackConfiguration"] == {
            "Enabled": True,
            "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        }


def _guard(compute: Template, prefix: str) -> Template:
    alarms = of_type(compute, "AWS::CloudWatch::Alarm")
    found: Template = only({name: alarm for name, alarm in alarms.items() if name.startswith(prefix)})["Properties"]
    return found


def test_error_guard_bites_at_the_first_bad_minute() -> None:
    """A canary is short: one minute with the configured number of errors of the new version ends it."""
    guard = _guard(_compute(alarms__function_errors=3), "ApiErrorsGuard")

    assert (guard["Namespace"], guard["MetricName"], guard["Statistic"]) == ("AWS/Lambda", "Errors", "Sum")
    assert (guard["Period"], guard["EvaluationPeriods"], guard["DatapointsToAlarm"]) == (60, 1, 1)
    assert (guard["Threshold"], guard["ComparisonOperator"]) == (3, "GreaterThanOrEqualToThreshold")
    assert guard["TreatMissingData"] == "notBreaching"
    assert guard["Dimensions"][:2] == [
        {"Name": "FunctionName", "Value": "transactions-dev-eu-west-1-api"},
        {"Name": "Resource", "Value": "transactions-dev-eu-west-1-api:live"},
    ]


@pytest.mark.parametrize(
    ("shift", "minutes"),
    [
        (("canary", 10, 5), (2, 3)),
        (("linear", 20, 1), (2, 3)),
        (("canary", 10, 3), (1, 1)),
        (("all-at-once", 10, 5), (1, 1)),
    ],
)
def test_latency_guard_fits_the_shift(shift: tuple[str, int, int], minutes: tuple[int, int]) -> None:
    """One slow first call does not stop a shift that leaves time to look again; a shorter one is judged at once."""
    guard = _guard(_compute(*shift), "ApiLatencyGuard")

    assert (guard["DatapointsToAlarm"], guard["EvaluationPeriods"]) == minutes
    assert (guard["MetricName"], guard["ExtendedStatistic"]) == ("Duration", "p90")


def test_latency_thresholds() -> None:
    """The API is held to baseline times tolerance; the archiver, for which nobody waits, to its time limit."""
    compute = _compute(
        alarms__latency_p90_baseline_ms=200, alarms__latency_tolerance=1.5, functions__archiver__timeout_s=30
    )

    assert _guard(compute, "ApiLatencyGuard")["Threshold"] == 300
    assert _guard(compute, "ArchiverLatencyGuard")["Threshold"] == 24_000


def test_answers_of_the_api_guard_it_too() -> None:
    """A handler that catches its exception and answers 500 is no Lambda error."""
    guard = _guard(_compute(alarms__api_5xx=4), "ApiServerErrorsGuard")

    assert (guard["Namespace"], guard["MetricName"], guard["Threshold"]) == ("AWS/ApiGateway", "5xx", 4)
    assert guard["Dimensions"] == [{"Name": "ApiId", "Value": {"Ref": "Api"}}]


def test_guards_call_nobody() -> None:
    """A guard's state is CodeDeploy's to read; people are called by the alarms of the observability stack."""
    for alarm in of_type(_compute(), "AWS::CloudWatch::Alarm").values():
        assert not {"AlarmActions", "OKActions"} & alarm["Properties"].keys()
