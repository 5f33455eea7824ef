"""Each assertion passes on what tapgen renders, and fails on the change that it is there for."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from tapgen import testing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.testing import RenderedEnvironment

INTAKE = {"dynamodb:GetItem", "dynamodb:PutItem", "sqs:SendMessage"}
PASSING: dict[str, Callable[[RenderedEnvironment], None]] = {
    "least privilege": testing.assert_least_privilege,
    "allows only": lambda rendered: testing.assert_allows_only(rendered, "intake", INTAKE),
    "encrypted": testing.assert_encrypted,
    "customer key": lambda rendered: testing.assert_encrypted(rendered, key="customer-managed"),
    "retained": testing.assert_retained,
    "private": testing.assert_private,
    "guarded": testing.assert_guarded,
    "authorized": testing.assert_authorized,
    "logs": lambda rendered: testing.assert_logs_expire(rendered, at_least_days=365),
    "tagged": lambda rendered: testing.assert_tagged(rendered, "Owner"),
    "alarmed": testing.assert_alarmed,
}


@pytest.mark.parametrize("name", PASSING)
def test_production_keeps_every_promise(prod: RenderedEnvironment, name: str) -> None:
    """What tapgen renders for production passes each assertion."""
    PASSING[name](prod)


def refused(assertion: Callable[[RenderedEnvironment], None], mutant: RenderedEnvironment) -> str:
    with pytest.raises(AssertionError) as caught:
        assertion(mutant)
    return str(caught.value)


def with_statement(rendered: RenderedEnvironment, **statement: Any) -> RenderedEnvironment:
    """The intake's role with one more statement."""
    role = rendered.resource("AWS::IAM::Role", kind="function", part="intake")
    policies = copy.deepcopy(list(role.properties["Policies"]))
    policies[0]["PolicyDocument"]["Statement"].append({"Effect": "Allow", "Sid": "Mutant", **statement})
    return rendered.changed(role, properties={"Policies": policies})


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ({"Action": ["dynamodb:*"], "Resource": ["arn:aws:dynamodb:eu-west-1:1:table/x"]}, "name each action"),
        ({"Action": ["dynamodb:Scan"], "Resource": ["*"]}, "allows every resource"),
        ({"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]}, "which no verb grants"),
    ],
)
def test_permission_beyond_the_grants_is_found(
    prod: RenderedEnvironment, statement: dict[str, Any], finding: str
) -> None:
    """A wildcard action, an open resource, and an action that nobody granted are named with their function or role."""
    text = refused(testing.assert_least_privilege, with_statement(prod, **statement))

    assert finding in text
    assert text.startswith("assert_least_privilege: ")
    assert "in prod\n" in text


def test_permission_of_an_attached_policy_is_found(prod: RenderedEnvironment) -> None:
    """A policy beside the role counts as one in it."""
    role = prod.resource("AWS::IAM::Role", kind="function", part="intake")
    mutant = copy.deepcopy(dict(prod.templates))
    mutant[role.stack]["Resources"]["More"] = {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "Roles": [{"Ref": role.logical_id}],
            "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": "arn:aws:x"}},
        },
    }

    text = refused(PASSING["allows only"], testing.RenderedEnvironment(environment=prod.environment, templates=mutant))

    assert "intake may dynamodb:Scan, which is not listed" in text


def test_actions_are_pinned_in_both_directions(prod: RenderedEnvironment) -> None:
    """One action more or less than listed is a finding, and each is named."""
    text = refused(lambda rendered: testing.assert_allows_only(rendered, "worker", {"dynamodb:GetItem"}), prod)

    assert "function worker may dynamodb:UpdateItem, which is not listed" in text
    assert "function worker may not dynamodb:GetItem, which is listed" in text


def test_actions_of_an_unknown_function_are_no_finding(prod: RenderedEnvironment) -> None:
    """A function that there is not is a mistake in the test, with the functions that there are."""
    with pytest.raises(LookupError, match="function intake, function worker, function sweep"):
        testing.assert_allows_only(prod, "intakes", set())


def test_table_without_the_key_is_found(prod: RenderedEnvironment) -> None:
    """With a key of the deployment's own, a table on AWS's is a finding."""
    mutant = prod.changed(prod.resource("AWS::DynamoDB::Table"), properties={"SSESpecification": None})

    assert "data.JobsTable: does not use the customer-managed key" in refused(testing.assert_encrypted, mutant)


def test_queue_without_encryption_is_found(local: RenderedEnvironment) -> None:
    """A queue that nothing encrypts is a finding, and so is AWS's key where an own one is wanted."""
    queue = local.resource("AWS::SQS::Queue", kind="queue", part="work")

    assert "is not encrypted" in refused(
        testing.assert_encrypted, local.changed(queue, properties={"SqsManagedSseEnabled": False})
    )
    assert "'aws-owned'" in refused(PASSING["customer key"], local)


def test_table_that_goes_with_its_stack_is_found(prod: RenderedEnvironment) -> None:
    """A table that is deleted with its stack, or with its replacement, is a finding."""
    table = prod.resource("AWS::DynamoDB::Table")

    assert "data.JobsTable" in refused(testing.assert_retained, prod.changed(table, DeletionPolicy="Delete"))
    assert "data.JobsTable" in refused(testing.assert_retained, prod.changed(table, UpdateReplacePolicy="Delete"))


def test_queue_over_plain_http_is_found(prod: RenderedEnvironment) -> None:
    """A queue whose policy does not refuse plain HTTP is a finding."""
    policy = prod.resources("AWS::SQS::QueuePolicy")[0]
    mutant = prod.changed(policy, properties={"PolicyDocument": {"Statement": []}})

    assert "plain HTTP" in refused(testing.assert_private, mutant)


def test_unguarded_function_is_found(prod: RenderedEnvironment) -> None:
    """A group without alarms, an alias that moves at once, and an event that goes past the alias are findings."""
    group = prod.resource("AWS::CodeDeploy::DeploymentGroup", kind="function", part="worker")
    alias = prod.resource("AWS::Lambda::Alias", kind="function", part="worker")
    source = prod.resource("AWS::Lambda::EventSourceMapping")

    assert "0 guard alarms" in refused(
        testing.assert_guarded, prod.changed(group, properties={"AlarmConfiguration": {"Enabled": True}})
    )
    assert "moves all traffic at once" in refused(testing.assert_guarded, prod.changed(alias, UpdatePolicy=None))
    past = prod.changed(source, properties={"FunctionName": {"Ref": "WorkerFunction"}})
    assert "invokes WorkerFunction past its live alias" in refused(testing.assert_guarded, past)


def test_function_without_alias_is_found(prod: RenderedEnvironment) -> None:
    """A function that has no alias at all is a finding."""
    alias = prod.resource("AWS::Lambda::Alias", kind="function", part="intake")
    mutant = prod.changed(alias, Type="AWS::Lambda::Version")

    assert "function intake has no live alias" in refused(testing.assert_guarded, mutant)


def test_open_route_is_found(prod: RenderedEnvironment) -> None:
    """A route that asks nobody is a finding unless it is public on purpose; a public one that is gone is, too."""
    route = next(item for item in prod.resources("AWS::ApiGatewayV2::Route") if "POST" in item.properties["RouteKey"])
    mutant = prod.changed(route, properties={"AuthorizationType": "NONE"})

    assert "POST /jobs is open to everybody" in refused(testing.assert_authorized, mutant)
    testing.assert_authorized(mutant, public=["GET /health", "POST /jobs"])
    gone = refused(lambda rendered: testing.assert_authorized(rendered, public=["GET /health", "GET /status"]), prod)
    assert "no route 'GET /status'" in gone


def test_log_without_an_end_is_found(prod: RenderedEnvironment) -> None:
    """A log group for ever, and one that ends before it may, are findings."""
    group = prod.resource("AWS::Logs::LogGroup", kind="function", part="worker")

    assert "for ever" in refused(PASSING["logs"], prod.changed(group, properties={"RetentionInDays": None}))
    short = refused(PASSING["logs"], prod.changed(group, properties={"RetentionInDays": 7}))
    assert "for 7 days; 365 are wanted" in short


def test_missing_tag_is_found(prod: RenderedEnvironment) -> None:
    """A resource without its tags, and a key that the environment does not give, are findings."""
    mutant = prod.changed(prod.resource("AWS::DynamoDB::Table"), properties={"Tags": []})

    assert "data.JobsTable: lacks" in refused(PASSING["tagged"], mutant)
    assert "'Team' is no tag" in refused(lambda rendered: testing.assert_tagged(rendered, "Team"), prod)


def test_missing_alarm_is_found(prod: RenderedEnvironment) -> None:
    """A function whose errors nobody hears of, and a queue of failures that nobody watches, are findings."""
    mutant = prod
    for alarm in prod.resources("AWS::CloudWatch::Alarm"):
        if alarm.stack == "observability":
            mutant = mutant.changed(alarm, Type="AWS::CloudWatch::Dashboard")

    text = refused(testing.assert_alarmed, mutant)

    assert "function intake: no alarm watches its errors" in text
    assert "queue work-dead-letters: it holds failures" in text


def test_every_finding_is_listed(prod: RenderedEnvironment) -> None:
    """One error has all findings, each on a line."""
    mutant = prod
    for queue in prod.resources("AWS::SQS::Queue"):
        mutant = mutant.changed(queue, properties={"KmsMasterKeyId": None})

    assert refused(testing.assert_encrypted, mutant).startswith("assert_encrypted: 2 findings in prod\n  ")
