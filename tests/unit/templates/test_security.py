"""The security stack: the key and who may use it for what, and a role for each principal."""

from __future__ import annotations

import pytest

from tests.unit.templates.variants import VARIANTS, Template, environment, of_type, properties, templates


def _security(name: str = "prod") -> Template:
    return templates(environment(name))["security"]


def _key_statements() -> dict[str, Template]:
    return {statement["Sid"]: statement for statement in properties(_security(), "Key")["KeyPolicy"]["Statement"]}


def test_key_only_when_it_is_the_customers() -> None:
    """AWS-owned encryption makes no key and hands none on."""
    security = _security("dev")

    assert of_type(security, "AWS::KMS::Key") == {}
    assert "KeyArn" not in security["Outputs"]


def test_key_rotates_and_stays() -> None:
    """Losing the key is losing the data: it rotates, is retained, and waits 30 days when somebody deletes it."""
    security = _security()

    key = security["Resources"]["Key"]
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["Properties"]["PendingWindowInDays"] == 30
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert properties(security, "KeyAlias")["AliasName"] == "alias/transactions-prod-eu-west-1"


def test_administration_cannot_read() -> None:
    """Whoever administers the key cannot decrypt with it."""
    actions = set(_key_statements()["AdministerByAccount"]["Action"])

    assert not actions & {"kms:Decrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:CreateGrant"}
    # Without this one nobody could ever change the policy again.
    assert "kms:PutKeyPolicy" in actions


@pytest.mark.parametrize(
    "sid",
    ["UseThroughServices", "GrantToServices", "DecryptEnvironments", "EncryptLogs", "PublishAlarms", "PublishEvents"],
)
def test_every_use_is_limited(sid: str) -> None:
    """Each use of the key has a condition: a service on the caller's behalf, or the data that it is for."""
    conditions = _key_statements()[sid]["Condition"]

    keys = {key for operator in conditions.values() for key in operator}
    assert any(key == "kms:ViaService" or key.startswith("kms:EncryptionContext:") for key in keys)


def test_grants_are_for_aws_services_alone() -> None:
    """A grant to a person would pass by the key policy."""
    assert _key_statements()["GrantToServices"]["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


def test_log_groups_in_the_policy_are_those_of_the_deployment() -> None:
    """CloudWatch Logs uses the key for exactly the groups that the compute stack makes."""
    context = _key_statements()["EncryptLogs"]["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"]
    groups = of_type(templates(VARIANTS["prod"])["compute"], "AWS::Logs::LogGroup").values()

    assert {arn["Fn::Sub"].partition(":log-group:")[2] for arn in context} == {
        group["Properties"]["LogGroupName"] for group in groups
    }


def test_functions_in_the_policy_are_those_of_the_deployment() -> None:
    """Environments are decrypted for exactly the functions that the compute stack makes."""
    context = _key_statements()["DecryptEnvironments"]["Condition"]["ArnEquals"]
    functions = of_type(templates(VARIANTS["prod"])["compute"], "AWS::Lambda::Function").values()

    assert {
        arn["Fn::Sub"].partition(":function:")[2] for arn in context["kms:EncryptionContext:aws:lambda:FunctionArn"]
    } == {function["Properties"]["FunctionName"] for function in functions}


def test_topics_in_the_policy_are_those_of_the_deployment() -> None:
    """CloudWatch and EventBridge use the key for exactly the topics that the observability stack makes."""
    topics = of_type(templates(VARIANTS["prod"])["observability"], "AWS::SNS::Topic").values()
    statements = _key_statements()

    for sid in ("PublishAlarms", "PublishEvents"):
        context = statements[sid]["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:sns:topicArn"]
        assert {arn["Fn::Sub"].rpartition(":")[2] for arn in context} == {
            topic["Properties"]["TopicName"] for topic in topics
        }


def test_events_carry_no_source() -> None:
    """A source condition would drop every notification of EventBridge to an encrypted topic, without a word."""
    conditions = _key_statements()["PublishEvents"]["Condition"]

    assert not {key for operator in conditions.values() for key in operator if key.startswith("aws:Source")}


@pytest.mark.parametrize(
    ("role", "service"),
    [
        ("ApiRole", "lambda"),
        ("ArchiverRole", "lambda"),
        ("BeforeHookRole", "lambda"),
        ("AfterHookRole", "lambda"),
        ("CodeDeployRole", "codedeploy"),
    ],
)
def test_a_role_for_each_principal(role: str, service: str) -> None:
    """Each role is assumed by its service alone."""
    (statement,) = properties(_security(), role)["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole"]


def test_functions_use_their_own_roles() -> None:
    """No function runs with another one's permissions."""
    compute = templates(environment("prod"))["compute"]

    for role in ("Api", "Archiver", "BeforeHook", "AfterHook"):
        assert properties(compute, f"{role}Function")["Role"] == {"Ref": f"{role}RoleArn"}
