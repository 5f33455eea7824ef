"""Whether shifts may begin: what a release wants, held against what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tapgen.deploy.shifts.shift_preflight import (
    AliasPlan,
    GuardedAlias,
    Judgement,
    check_shifts,
    find_uncallable_hooks,
    plan_shifts,
)
from tapgen.model import AliasState, GuardAlarm, RenderedTemplate
from tapgen.render import canonical_json
from tests.unit.templates.variants import ENVIRONMENTS, environment, templates

RED = GuardAlarm(
    name="guard-5xx", state="ALARM", reason="3 datapoints were over it", metric="Sum 5xx", condition=">= 1"
)
PLAN = AliasPlan(
    function="shop-api",
    alias="live",
    application="shop-shifts",
    group="shop-api",
    version_id="ApiVersion2",
    guards=("guard-errors-2", "guard-5xx"),
    passable=("guard-5xx",),
    hooks=("CodeDeployHook_shop-before",),
    longest_min=11.0,
)
STATE = AliasState(function="shop-api", name="live", version="1")
CALM = GuardedAlias(
    state=STATE,
    stack_version="1",
    version_ids=frozenset({"ApiVersion1"}),
    unfinished=(),
    guards=(replace(RED, state="OK"),),
    silent_guards=(),
    lost_guards=(),
)


def _judge(alias: GuardedAlias, plan: AliasPlan = PLAN, *, break_glass: str = "") -> Judgement:
    return check_shifts([plan], [alias], options="--env dev", break_glass=break_glass)


def _rendered(**changes: Any) -> list[RenderedTemplate]:
    built = templates(environment("prod", **changes))
    return [
        RenderedTemplate(stack=stack, body=canonical_json(body), digest="", resource_count=1)
        for stack, body in built.items()
    ]


def test_calm_aliases_may_shift() -> None:
    """Nothing unfinished, one version, calm guards: nothing to say."""
    assert _judge(CALM) == Judgement()


@pytest.mark.parametrize(
    ("found", "code", "told"),
    [
        ({"guards": (RED,)}, "guard-red", "guard-5xx is in ALARM (Sum 5xx >= 1): 3 datapoints were over it"),
        ({"unfinished": ("d-1",)}, "shift-unfinished", "deployment d-1 of shop-api has not ended"),
        (
            {"state": replace(STATE, weights={"2": 0.1})},
            "alias-split",
            "shop-api:live is split: version 1 and 10% to version 2",
        ),
        ({"lost_guards": ("guard-5xx",)}, "guard-lost", "guard-5xx does not exist any more"),
        ({"state": replace(STATE, version="7")}, "alias-differs", "points at version 7, but the stack made version 1"),
    ],
)
def test_what_cannot_end_well_is_refused(found: dict[str, Any], code: str, told: str) -> None:
    """Each reason names what was found and a way out."""
    (refusal,) = _judge(replace(CALM, **found)).refusals

    assert refusal.code == code
    assert told in refusal.text
    assert refusal.hint


def test_a_shift_longer_than_cloudformation_waits_is_refused() -> None:
    """Hooks count: CloudFormation waits for them, too."""
    assert not _judge(CALM, replace(PLAN, longest_min=100.0)).refusals
    (refusal,) = _judge(CALM, replace(PLAN, longest_min=100.5)).refusals
    assert refusal.code == "shift-too-long"


def test_a_running_shift_is_one_reason_not_three() -> None:
    """While CodeDeploy works, the alias is split and differs from the stack by design."""
    busy = replace(CALM, unfinished=("d-1",), state=replace(STATE, weights={"2": 0.1}, version="2"))

    assert [reason.code for reason in _judge(busy).refusals] == ["shift-unfinished"]


def test_a_red_guard_matters_to_an_alias_that_shifts() -> None:
    """What keeps its version, or is made, runs no shift that a guard could stop."""
    unchanged = replace(CALM, guards=(RED,), version_ids=frozenset({"ApiVersion2"}))
    absent = replace(CALM, guards=(RED,), state=None, stack_version="", version_ids=frozenset())

    assert not _judge(unchanged).refusals
    assert not _judge(absent).refusals


def test_glass_is_broken_past_standing_guards_alone() -> None:
    """A reason passes the guard that outlives versions; a red guard of the new version itself stops in any case."""
    own = replace(RED, name="guard-errors-2")

    passed = _judge(replace(CALM, guards=(RED,)), break_glass="the fix")
    refused = _judge(replace(CALM, guards=(RED, own)), break_glass="the fix")

    assert (passed.passed, passed.refusals) == (("guard-5xx",), ())
    assert [reason.text.split()[2] for reason in refused.refusals] == ["guard-errors-2"]
    assert "--break-glass" not in refused.refusals[0].hint
    assert "--break-glass --reason" in _judge(replace(CALM, guards=(RED,))).refusals[0].hint


def test_a_guard_without_data_is_a_warning() -> None:
    """It may be a quiet service, or an alarm that can never bite: people must know."""
    judgement = _judge(replace(CALM, silent_guards=("guard-5xx",)))

    assert not judgement.refusals
    assert [reason.code for reason in judgement.warnings] == ["guard-silent"]


@pytest.mark.parametrize(
    ("shift", "minutes"),
    [
        (("canary", 10, 10), 10),
        (("canary", 20, 7), 7),
        (("linear", 10, 3), 27),
        (("linear", 30, 2), 6),
    ],
)
def test_a_plan_is_read_from_the_templates(shift: tuple[str, int, int], minutes: int) -> None:
    """Names, guards and the time of a shift come from what ships, not from the configuration."""
    kind, percentage, interval_min = shift
    api, archiver = plan_shifts(
        _rendered(shift__type=kind, shift__percentage=percentage, shift__interval_min=interval_min)
    )

    prefix = "transactions-prod-eu-west-1"
    assert (api.function, api.alias, api.group) == (f"{prefix}-api", "live", f"{prefix}-api")
    assert api.application == archiver.application == f"{prefix}-shifts"
    assert api.version_id.startswith("ApiVersion")
    assert api.passable == (f"{prefix}-guard-api-5xx",)
    assert set(api.passable) < set(api.guards)
    assert not archiver.passable
    assert minutes <= api.longest_min <= minutes + 20


def test_every_shipped_environment_can_call_its_hooks() -> None:
    """No environment names a hook that its own service role may not invoke."""
    for each in ENVIRONMENTS.resolve_all():
        rendered = [
            RenderedTemplate(stack=stack, body=canonical_json(body), digest="", resource_count=1)
            for stack, body in templates(each).items()
        ]
        assert not find_uncallable_hooks(rendered, plan_shifts(rendered))


def test_a_hook_that_the_service_role_may_not_invoke_is_found() -> None:
    """The role's own statements decide, or the prefix that AWS's managed policy allows."""
    named = replace(PLAN, hooks=("CodeDeployHook_shop-before", "shop-check"))

    def role(**properties: Any) -> RenderedTemplate:
        trust = {"Statement": [{"Principal": {"Service": "codedeploy.amazonaws.com"}}]}
        resource = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **properties}}
        body = canonical_json({"Resources": {"Role": resource}})
        return RenderedTemplate(stack="security", body=body, digest="", resource_count=1)

    invoke = {
        "Effect": "Allow",
        "Action": ["lambda:InvokeFunction"],
        "Resource": [{"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:shop-check"}],
    }
    managed = role(ManagedPolicyArns=["arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited"])
    exact = role(Policies=[{"PolicyDocument": {"Statement": [invoke]}}])

    assert find_uncallable_hooks([role()], [named]) == ("CodeDeployHook_shop-before", "shop-check")
    assert find_uncallable_hooks([managed], [named]) == ("shop-check",)
    assert find_uncallable_hooks([exact], [named]) == ("CodeDeployHook_shop-before",)
