"""A key that others own encrypts what names it, and a function may use it for what it uses of that alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.testing import assert_encrypted, assert_least_privilege, load_project

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.testing import RenderedEnvironment

KEY = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/mrk-1"
THEIRS = "arn:aws:kms:eu-west-1:210987654321:key/mrk-2"
SERVICE = f"""
from tapgen.service import Service, existing

service = Service("shop")
key = existing.key({KEY!r})
orders = service.table("orders", partition_key="id", key=key)
jobs = service.queue("jobs", dead_letter_after=3, key=key)
plain = service.queue("plain")
news = service.topic("news", key=key)
files = service.bucket("files", key=key)
password = service.secret("password", key=key)
theirs = existing.queue("arn:aws:sqs:eu-west-1:210987654321:billing", key=existing.key({THEIRS!r}))
service.http_api(key=key)
api = service.function("api", key=key)
api.route("GET /orders").may(orders.get, jobs.send, plain.send, files.put("x/*"), theirs.send)
service.function("other").may(plain.send, news.publish, password.read)
"""
PROPERTIES = {
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
    "AWS::Lambda::Function": ("KmsKeyArn",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
}


@pytest.fixture(name="rendered", scope="module", params=["aws-owned", "customer-managed"])
def _rendered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RenderedEnvironment:
    folder: Path = tmp_path_factory.mktemp("keys")
    (folder / "config").mkdir()
    (folder / "config" / "service.py").write_text(SERVICE, encoding="utf-8")
    text = (
        "project: shop\nenvironments:\n  prod:\n    account_id: '123456789012'\n    region: eu-west-1\n"
        f"    production: true\n    encryption: {request.param}\n"
    )
    (folder / "config" / "environments.yaml").write_text(text, encoding="utf-8")
    for name in ("api", "other"):
        (folder / "handlers" / name).mkdir(parents=True)
        (folder / "handlers" / name / "app.py").write_text("def handler(event, context): ...\n", encoding="utf-8")
    return load_project(folder).render("prod")


def _key_of(rendered: RenderedEnvironment, logical_id: str) -> Any:
    for template in rendered.templates.values():
        if logical_id in template["Resources"]:
            resource = template["Resources"][logical_id]
            value = resource["Properties"]
            for name in PROPERTIES[resource["Type"]]:
                value = value.get(name, {})
            return value
    raise LookupError(logical_id)


def _statements(rendered: RenderedEnvironment, function: str) -> dict[str, Any]:
    """Sid → (key, actions, condition) of what a function may do with keys."""
    for resource in rendered.templates["security"]["Resources"].values():
        name = json.dumps(resource.get("Properties", {}).get("RoleName", ""))
        if resource["Type"] == "AWS::IAM::Role" and f"-{function}" in name:
            (policy,) = resource["Properties"]["Policies"]
            return {
                each["Sid"]: each
                for each in policy["PolicyDocument"]["Statement"]
                if any(action.startswith("kms:") for action in each["Action"])
            }
    raise LookupError(function)


def test_what_names_a_key_is_encrypted_with_it(rendered: RenderedEnvironment) -> None:
    """Whatever the environment's encryption; the named checks take it, and what names none is as before."""
    for name in ("OrdersTable", "JobsQueue", "JobsDeadLetterQueue", "NewsTopic", "PasswordSecret", "ApiFunction"):
        assert _key_of(rendered, name) == {"Fn::Sub": KEY}, name
    assert _key_of(rendered, "ApiLogGroup") == _key_of(rendered, "AccessLogGroup") == {"Fn::Sub": KEY}
    assert _key_of(rendered, "PlainQueue") == ({"Ref": "KeyArn"} if rendered.environment.customer_managed else {})
    assert_encrypted(rendered)
    assert_least_privilege(rendered)


def test_a_function_may_use_the_key_for_what_it_uses(rendered: RenderedEnvironment) -> None:
    """By the exact ARN and the conditions that hold for a key of tapgen's own; a key of others' queue counts, too."""
    own = rendered.environment.customer_managed
    found = _statements(rendered, "api")
    resources = {sid: each["Resource"] for sid, each in found.items()}
    own_use = ("UseKeyOfOrdersTable", "UseKeyOfJobsQueue", "UseKeyOfFilesBucket", "DecryptEnvironment")
    expected: dict[str, Any] = {sid: [{"Fn::Sub": KEY}] for sid in own_use}
    expected["UseKeyOfExistingBillingQueue"] = [THEIRS]
    if own:
        expected["UseKeyOfPlainQueue"] = [{"Fn::GetAtt": ["Key", "Arn"]}]
    assert resources == expected
    assert found["UseKeyOfOrdersTable"]["Action"] == ["kms:Decrypt"]
    assert "kms:EncryptionContext:aws:dynamodb:tableName" in found["UseKeyOfOrdersTable"]["Condition"]["StringEquals"]
    assert all("StringEquals" in each["Condition"] for each in found.values())


def test_the_own_key_lets_nobody_use_it_for_what_it_does_not_encrypt(rendered: RenderedEnvironment) -> None:
    """Its policy names the function, the log groups and the senders of what has no other key."""
    if not rendered.environment.customer_managed:
        assert "Key" not in rendered.templates["security"]["Resources"]
        return
    policy = json.dumps(rendered.templates["security"]["Resources"]["Key"]["Properties"]["KeyPolicy"])
    assert "function:shop-prod-eu-west-1-other" in policy
    assert "function:shop-prod-eu-west-1-api" not in policy
    assert "vendedlogs/apigateway" not in policy
