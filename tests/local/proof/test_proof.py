"""The proof of the real service: one stage, its roles as they are, and with a permission too many or too few."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.build import Builder, BuildRequest
from tapgen.iam.grants import grants_of
from tapgen.iam.stated import Stated
from tapgen.local.authorizations import principal_name
from tapgen.naming import Names
from tapgen.proof.need import record_need
from tapgen.proof.stage import Play, Stage, open_stage
from tapgen.toolkit.bootstrap_request import bootstrap_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.proof.prove import Proof, Prover, Subject
    from tapgen.proof.scenarios import Scenario

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(name="play", scope="module")
def _play() -> Play:
    builder = Builder(REPOSITORY)
    environment = builder.environments.resolve("local")
    return Play(
        project=REPOSITORY,
        environment=environment,
        rendered=builder.load_or_render(BuildRequest(environment="local")),
        bootstrap=bootstrap_request(environment),
        tell=lambda _: None,
    )


@pytest.fixture(name="stage", scope="module")
def _stage(play: Play) -> Iterator[Stage]:
    with open_stage(play) as stage:
        yield stage


def _prove(prover: Prover, stage: Stage, role: str) -> Proof:
    return prover.prove([_subject(stage, role)])


def _subject(stage: Stage, role: str) -> Subject:
    return next(subject for subject in stage.subjects if subject.role == role)


@contextmanager
def _changed(stage: Stage, role: str, *, add: str = "", remove: str = "") -> Iterator[None]:
    """The role with an action more in its last statement, or one less."""
    policies = stage.prover.policies
    before = policies.read(role)["operations"]
    document = json.loads(json.dumps(before))
    for statement in document["Statement"]:
        statement["Action"] = [action for action in statement["Action"] if action != remove]
    document["Statement"][-1]["Action"] += [add] if add else []
    policies.write(role, "operations", document)
    yield
    policies.write(role, "operations", before)


@pytest.fixture(name="runtime", scope="module")
def _runtime(play: Play, stage: Stage) -> list[Subject]:
    """The service's own roles."""
    names = Names(play.environment)
    return [subject for subject in stage.subjects if subject.role not in (names.deployer_role, names.execution_role)]


def test_every_role_is_exact(stage: Stage, runtime: list[Subject]) -> None:
    """All mutants of all roles are caught, each by an operation that failed, and the witnesses agree."""
    proof = stage.prover.prove(runtime)

    assert proof.faults() == []
    assert len(proof.caught) == proof.total
    assert {item.mutant.role for item in proof.caught} == {subject.role for subject in runtime}
    assert all(item.step and item.got for item in proof.caught)
    assert all(item.source for _, item in proof.stated)


def test_every_role_of_the_templates_is_proven(play: Play, runtime: list[Subject]) -> None:
    """A role that is added to the templates must be added to the proof."""
    templates = [json.loads(template.body) for template in play.rendered.templates]
    resources = [resource for template in templates for resource in template["Resources"].values()]
    names = {item["Properties"]["RoleName"] for item in resources if item["Type"] == "AWS::IAM::Role"}

    assert {subject.role for subject in runtime} == names


def test_the_deployer_role_is_enough_to_deploy(play: Play, stage: Stage) -> None:
    """Every command of the role, and deploys with every end, all as the role that bootstrap made.

    CloudFormation assumes the execution role, and every role of the service carries the boundary.
    """
    names = Names(play.environment)
    scenarios = [scenario for scenario in stage.prover.scenarios if names.deployer_role in scenario.roles]
    need = record_need(scenarios, stage.prover.log, tell=lambda _: None)

    assert need.failed == ()
    assert {use.step for use in need.uses} == {scenario.name for scenario in scenarios}
    assert stage.compare_execution() == ()
    stack = stage.aws.client("cloudformation").describe_stacks(StackName=names.root_stack)["Stacks"][0]
    assert stack["RoleARN"].endswith(f":role/{names.execution_role}")
    for subject in stage.subjects:
        role = stage.aws.client("iam").get_role(RoleName=subject.role)["Role"]
        boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
        ours = subject.role not in (names.deployer_role, names.execution_role)
        assert boundary.endswith(f":policy/{names.boundary}") == ours


def test_the_deployer_without_a_permission_fails_by_name(play: Play, stage: Stage) -> None:
    """The command that needs it says so, and so does the proof."""
    name = Names(play.environment).deployer_role
    with _changed(stage, name, remove="cloudformation:ListStackResources"):
        proof = _prove(replace(stage.prover, scenarios=_named(stage, "status")), stage, name)

    assert not proof.holds
    assert proof.faults()[0].startswith("status: AccessDenied")
    assert f"{name} lacks cloudformation:ListStackResources" in proof.faults()[0]


def test_the_deployer_with_an_action_more_fails_by_name(play: Play, stage: Stage) -> None:
    """What no command of the deployer uses is named, like anybody's; what else it has is taken as stated here."""
    name = Names(play.environment).deployer_role
    granted = {grant.action for grant in grants_of(stage.policies.read(name)["operations"])}
    others = Stated(actions=frozenset(granted), resource="*", reason="proven elsewhere", source="this test")
    with _changed(stage, name, add="cloudformation:DeleteStack"):
        prover = replace(stage.prover, scenarios=_named(stage, "a declined deploy"))
        proof = prover.prove([replace(_subject(stage, name), stated=(others,))])

    assert proof.faults() == [
        f"{name}: action cloudformation:DeleteStack of PassExecutionRole is not needed: no scenario uses it"
    ]


def test_the_execution_role_is_exact(play: Play, stage: Stage) -> None:
    """Without any of its actions or patterns CloudFormation is refused an operation by name."""
    name = Names(play.environment).execution_role
    proof = _prove(stage.prover, stage, name)

    assert proof.faults() == []
    assert len(proof.caught) == proof.total
    created = next(item for item in proof.caught if str(item.mutant.part).startswith("action dynamodb:CreateTable "))
    assert created.step.startswith(("create TransactionsTable of ", "update TransactionsTable of "))
    assert "because no identity-based policy allows the dynamodb:CreateTable action" in created.got


def test_the_execution_role_with_an_action_more_or_less_fails_by_name(play: Play, stage: Stage) -> None:
    """Changed in IAM, not in our templates: the action is named, and what needs it."""
    name = Names(play.environment).execution_role
    with _managed(stage, name, add="sqs:SendMessage", remove="dynamodb:CreateTable"):
        more, less = sorted(stage.compare_execution(), reverse=True)

    assert f"{name}: action sqs:SendMessage of " in more
    assert "is not needed: no type of the templates uses it" in more
    assert less.startswith(f"create AWS::DynamoDB::Table: {name} lacks dynamodb:CreateTable")
    assert stage.compare_execution() == ()


@contextmanager
def _managed(stage: Stage, role: str, *, add: str, remove: str) -> Iterator[None]:
    """The role's managed policies with one action more in each and another one gone."""
    iam, before = stage.aws.client("iam"), {}
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = policy["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document: Any = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        before[arn] = json.dumps(document)
        for statement in document["Statement"]:
            statement["Action"] = [action for action in [*statement["Action"], add] if action != remove]
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
    yield
    for arn, text in before.items():
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)


def _named(stage: Stage, name: str) -> tuple[Scenario, ...]:
    return tuple(scenario for scenario in stage.prover.scenarios if scenario.name == name)


@pytest.mark.parametrize(
    ("role", "action"),
    [
        ("api", "dynamodb:Scan"),
        ("archiver", "s3:DeleteObject"),
        ("codedeploy", "lambda:DeleteAlias"),
        ("hook-before", "lambda:UpdateAlias"),
    ],
)
def test_an_added_action_is_named(play: Play, stage: Stage, role: str, action: str) -> None:
    """One action that nobody uses is enough to fail."""
    name = Names(play.environment).function_role(role)
    with _changed(stage, name, add=action):
        proof = _prove(stage.prover, stage, name)

    assert not proof.holds
    faults = proof.faults()
    assert len(faults) == 1, faults
    (fault,) = faults
    assert f"action {action}" in fault
    assert fault.startswith(name)


@pytest.mark.parametrize(
    ("role", "action", "operation"),
    [
        ("api", "dynamodb:Query", "list"),
        ("archiver", "sqs:SendMessage", "refuse a record"),
        ("codedeploy", "lambda:UpdateAlias", "AllowTraffic of the api function"),
        ("hook-before", "codedeploy:PutLifecycleEventHookExecutionStatus", "BeforeAllowTraffic of the api function"),
    ],
)
def test_a_removed_action_is_named_with_its_operation(
    play: Play, stage: Stage, role: str, action: str, operation: str
) -> None:
    """One action too few fails the operation that needs it, and says which one it was."""
    name = Names(play.environment).function_role(role)
    with _changed(stage, name, remove=action):
        proof = _prove(stage.prover, stage, name)

    assert not proof.holds
    assert proof.faults()[0].startswith(f"{operation}: ")
    assert f"{name} lacks {action} on " in proof.faults()[0]


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:sts::1:assumed-role/shop-api/session", "shop-api"),
        ("arn:aws:iam::1:user/ada", "ada"),
        ("arn:aws:iam::1:role/path/shop-api", "shop-api"),
    ],
)
def test_a_session_counts_as_its_role(arn: str, name: str) -> None:
    """The record speaks of roles, whoever assumed them."""
    assert principal_name(arn) == name
