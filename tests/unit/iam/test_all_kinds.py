"""A service with a part of every kind, resources of others, and one that tapgen does not know: roles and ceiling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.config.load import load_environments
from tapgen.iam.boundary import boundary_policy, find_beyond
from tapgen.iam.execution import execution_policies
from tapgen.iam.grants import grants_of
from tapgen.iam.needs import BOUNDARY
from tapgen.iam.policies import MAX_MANAGED_CHARACTERS, characters
from tapgen.templates.blueprint import needs_of
from tapgen.templates.bootstrap import build_bootstrap, make_blueprint

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.config.environment import Environment
    from tapgen.iam.execution import Blueprint

ACCOUNT = "arn:aws:{}:eu-west-1:123456789012:"
LAYER = "arn:aws:lambda:eu-west-1:901920570463:layer:aws-otel-python:4"
SERVICE = f"""
from troposphere.athena import WorkGroup

from tapgen.service import Service, every, existing

service = Service("kinds")
items = service.table("items", partition_key="id")
jobs = service.queue("jobs", dead_letter_after=2)
files = service.bucket("files")
news = service.topic("news")
bus = service.bus("facts")
rule = service.rule("placed", pattern={{"source": ["x"]}}, bus=bus)
secret = service.secret("payment", generated_length=20)
limit = service.parameter("limit")
others = (
    existing.bucket("billing-reports").put("daily/*"),
    existing.queue("arn:aws:sqs:eu-west-1:210987654321:billing").send,
    existing.table("{ACCOUNT.format("dynamodb")}table/billing").get,
    existing.topic("{ACCOUNT.format("sns")}billing").publish,
    existing.bus("{ACCOUNT.format("events")}event-bus/shared").put,
    existing.secret("{ACCOUNT.format("secretsmanager")}secret:pay-AbCdEf", variable="PAY").read,
)
service.function(
    "worker",
    on=[jobs.messages(), items.changes(), news.notifications(), rule.events(), every("1 day")],
    vpc=existing.vpc(subnets=["subnet-1"], security_groups=["sg-1"]),
    layers=["{LAYER}"],
).may(files.put("x/*"), secret.read, limit.read, bus.put, *others)
service.function("api", role=existing.role("arn:aws:iam::123456789012:role/shared/api")).route("GET /x")
service.resource("data", WorkGroup("Reports", Name="kinds-reports"), actions=["athena:CreateWorkGroup"])
"""
CONFIGURATION = """
environments:
  prod: {account_id: "123456789012", region: eu-west-1, production: true}
  dev: {account_id: "123456789012", region: eu-west-1}
"""


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "config").mkdir()
    (folder / "config" / "service.py").write_text(SERVICE, encoding="utf-8")
    (folder / "config" / "environments.yaml").write_text(CONFIGURATION, encoding="utf-8")
    for name in ("worker", "api"):
        (folder / "handlers" / name).mkdir(parents=True)
        (folder / "handlers" / name / "app.py").write_text("def handler(*_): ...", encoding="utf-8")
    return folder


@pytest.fixture(name="environment", scope="module", params=["prod", "dev"])
def _environment(request: pytest.FixtureRequest, folder: Path) -> Environment:
    return load_environments(folder / "config" / "environments.yaml").resolve(request.param)


@pytest.fixture(name="blueprint", scope="module")
def _blueprint(environment: Environment) -> Blueprint:
    return make_blueprint(environment)


def test_no_role_goes_beyond_the_ceiling(blueprint: Blueprint) -> None:
    """Whatever verbs and sources of whatever kind a function has, its boundary allows them."""
    ceiling = boundary_policy(blueprint.names, blueprint.ceiling)

    assert list(find_beyond(ceiling, blueprint.templates)) == []
    assert characters(ceiling) <= MAX_MANAGED_CHARACTERS


def test_the_ceiling_names_what_others_made(blueprint: Blueprint) -> None:
    """Each by its ARN, and the foreign account beside ours."""
    assert {item.arn for item in blueprint.ceiling} == {
        "arn:${AWS::Partition}:s3:::billing-reports",
        "arn:aws:sqs:eu-west-1:210987654321:billing",
        f"{ACCOUNT.format('dynamodb')}table/billing",
        f"{ACCOUNT.format('sns')}billing",
        f"{ACCOUNT.format('events')}event-bus/shared",
        f"{ACCOUNT.format('secretsmanager')}secret:pay-AbCdEf",
    }
    (denied,) = (
        statement
        for statement in boundary_policy(blueprint.names, blueprint.ceiling)["Statement"]
        if statement["Sid"] == "NoOtherAccounts"
    )
    assert "210987654321" in denied["Condition"]["StringNotEquals"]["aws:ResourceAccount"]


def test_cloudformation_may_handle_every_type(blueprint: Blueprint) -> None:
    """Types of all kinds, and the unknown one by what its owner says."""
    granted = {grant.action for document in execution_policies(blueprint) for grant in grants_of(document)}

    assert granted >= {
        "athena:CreateWorkGroup",
        "ec2:DescribeSubnets",
        "events:CreateEventBus",
        "scheduler:CreateSchedule",
        "secretsmanager:CreateSecret",
        "sns:Subscribe",
        "sqs:CreateQueue",
    }


def test_roles_are_handed_to_whom_they_are_for(blueprint: Blueprint) -> None:
    """The services that the roles trust, and Lambda for the role that somebody else made."""
    assert blueprint.services == ("codedeploy.amazonaws.com", "lambda.amazonaws.com", "scheduler.amazonaws.com")


def test_bootstrap_is_made_of_it(environment: Environment, blueprint: Blueprint) -> None:
    """Its own checks take what others made by their ARNs, and it answers the release's digest."""
    needs = needs_of(environment, blueprint.templates)
    template = build_bootstrap(environment)

    assert template["Resources"]["Boundary"]["Properties"]["PolicyDocument"] == needs.policies[BOUNDARY][0]
    assert template["Outputs"]["PoliciesDigest"]["Value"] == needs.digest
