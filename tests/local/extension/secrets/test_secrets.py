"""Secrets and parameters of templates, read by a function as far as its role may."""

from __future__ import annotations

import json
import string
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.extension.deliveries import Reader, allow, arn, policy, ref, resource

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a type's name
PARAMETER = "AWS::SSM::Parameter"

READS = """import boto3, botocore.exceptions
def handler(event, context):
    client = boto3.client(event["service"])
    try:
        answer = getattr(client, event["call"])(**event["with"])
    except botocore.exceptions.ClientError as error:
        return {"refused": error.response["Error"]["Code"]}
    return {"answer": answer.get("SecretString") or answer.get("Parameter", {}).get("Value")
            or sorted(each["Value"] for each in answer["Parameters"])}
"""


def read(client: ClientFactory, function: str, service: str, call: str, **parameters: Any) -> dict[str, Any]:
    """What the function gets when it makes a call."""
    payload = json.dumps({"service": service, "call": call, "with": parameters})
    answer = client("lambda").invoke(FunctionName=function, Payload=payload)
    found: dict[str, Any] = json.loads(answer["Payload"].read())
    return found


def test_a_generated_secret_is_as_asked(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """Length, excluded characters and template are kept; an update of something else keeps the value."""
    generate = {
        "SecretStringTemplate": '{"username": "orders"}',
        "GenerateStringKey": "password",
        "PasswordLength": 40,
        "ExcludePunctuation": True,
        "ExcludeCharacters": "0O1lI",
    }
    secret = resource(SECRET, GenerateSecretString=generate)
    assert stacks.create(name, {"Resources": {"Secret": secret}}) == "CREATE_COMPLETE"
    identifier = stacks.resources(name)["Secret"]
    assert identifier.startswith("arn:aws:secretsmanager:")
    before = client("secretsmanager").get_secret_value(SecretId=identifier)["SecretString"]
    value = json.loads(before)
    assert value["username"] == "orders"
    assert len(value["password"]) == 40
    assert set(value["password"]) <= set(string.ascii_letters + string.digits) - set("0O1lI")

    described = resource(SECRET, GenerateSecretString=generate, Description="of the orders")
    assert stacks.update(name, {"Resources": {"Secret": described}}) == "UPDATE_COMPLETE"
    assert stacks.resources(name)["Secret"] == identifier
    assert client("secretsmanager").get_secret_value(SecretId=identifier)["SecretString"] == before
    stacks.delete(name)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client("secretsmanager").describe_secret(SecretId=identifier)


def test_a_secret_is_never_taken_over_and_a_name_replaces_it(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """A name that exists fails the stack; another name is another secret."""
    stacks.create(name, {"Resources": {"Secret": resource(SECRET, Name=name, SecretString="first")}})
    other = {"Resources": {"Secret": resource(SECRET, Name=name, SecretString="second")}}
    assert stacks.create(f"{name}-2", other) == "ROLLBACK_COMPLETE"
    assert client("secretsmanager").get_secret_value(SecretId=name)["SecretString"] == "first"
    renamed = {"Resources": {"Secret": resource(SECRET, Name=f"{name}-3", SecretString="third")}}
    assert stacks.update(name, renamed) == "UPDATE_COMPLETE"
    assert client("secretsmanager").get_secret_value(SecretId=f"{name}-3")["SecretString"] == "third"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client("secretsmanager").describe_secret(SecretId=name)


@pytest.mark.parametrize("granted", [True, False])
def test_a_secret_is_read_with_the_permission(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader, *, granted: bool
) -> None:
    """Ref is what a policy names."""
    target = ref("Secret") if granted else ref("Other")
    resources = {
        "Secret": resource(SECRET, SecretString="hidden"),
        "Other": resource(SECRET, SecretString="else"),
        **reader.resources(allow("secretsmanager:GetSecretValue", target), code=READS),
    }
    assert stacks.create(name, {"Resources": resources}) == "CREATE_COMPLETE"
    made = stacks.resources(name)
    answer = read(client, made["Live"], "secretsmanager", "get_secret_value", SecretId=made["Secret"])
    assert answer == ({"answer": "hidden"} if granted else {"refused": "AccessDeniedException"})


def test_a_secrets_own_policy_denies(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """A statement that denies the role wins over what the role may."""
    denial = allow("secretsmanager:GetSecretValue", "*", Principal={"AWS": arn("Role")}) | {"Effect": "Deny"}
    resources = {
        "Secret": resource(SECRET, SecretString="hidden"),
        **reader.resources(allow("secretsmanager:GetSecretValue", ref("Secret")), code=READS),
        "Policy": resource(
            "AWS::SecretsManager::ResourcePolicy", SecretId=ref("Secret"), ResourcePolicy=policy(denial)
        ),
    }
    assert stacks.create(name, {"Resources": resources}) == "CREATE_COMPLETE"
    made = stacks.resources(name)
    parameters = ("secretsmanager", "get_secret_value")
    assert read(client, made["Live"], *parameters, SecretId=made["Secret"]) == {"refused": "AccessDeniedException"}
    del resources["Policy"]
    assert stacks.update(name, {"Resources": resources}) == "UPDATE_COMPLETE"
    assert read(client, made["Live"], *parameters, SecretId=made["Secret"]) == {"answer": "hidden"}


def parameters_of(name: str, reader: Reader, *statements: dict[str, Any]) -> dict[str, Any]:
    made = {
        "One": resource(PARAMETER, Name=f"/{name}/one", Type="String", Value="1"),
        "Two": resource(PARAMETER, Name=f"/{name}/two", Type="StringList", Value="2,3"),
    }
    return {"Resources": made | reader.resources(*statements, code=READS)}


def parameter_arn(path: str) -> dict[str, str]:
    return {"Fn::Sub": f"arn:aws:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter{path}"}


def test_parameters_are_read_with_the_permission(
    stacks: Stacks, client: ClientFactory, name: str, reader: Reader
) -> None:
    """Each one by its ARN, also where a request names several; a path by its own."""
    one = allow(["ssm:GetParameter", "ssm:GetParameters"], parameter_arn(f"/{name}/one"))
    path = allow("ssm:GetParametersByPath", parameter_arn(f"/{name}"))
    assert stacks.create(name, parameters_of(name, reader, one, path)) == "CREATE_COMPLETE"
    live = stacks.resources(name)["Live"]
    refused = {"refused": "AccessDeniedException"}
    assert read(client, live, "ssm", "get_parameter", Name=f"/{name}/one") == {"answer": "1"}
    assert read(client, live, "ssm", "get_parameter", Name=f"/{name}/two") == refused
    assert read(client, live, "ssm", "get_parameters", Names=[f"/{name}/one"]) == {"answer": ["1"]}
    assert read(client, live, "ssm", "get_parameters", Names=[f"/{name}/one", f"/{name}/two"]) == refused
    assert read(client, live, "ssm", "get_parameters_by_path", Path=f"/{name}") == {"answer": ["1", "2,3"]}
    assert read(client, live, "ssm", "get_parameters_by_path", Path="/else") == refused


def test_a_secure_string_is_not_for_templates(stacks: Stacks, name: str) -> None:
    """CloudFormation does not make it; the validation names the type."""
    secure = resource(PARAMETER, Name=f"/{name}", Type="SecureString", Value="no")
    assert stacks.create(name, {"Resources": {"Parameter": secure}}) == "ROLLBACK_COMPLETE"
    events = stacks.cfn.describe_events(StackName=name)["OperationEvents"]
    (found,) = [event for event in events if event["EventType"] == "VALIDATION_ERROR"]
    assert found["ValidationPath"] == "/Resources/Parameter/Properties/Type"
