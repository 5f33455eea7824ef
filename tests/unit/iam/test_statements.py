"""Statements name exact actions and resources, and are what the handlers call: nothing missing, nothing unused."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.config.load import load_environments
from tapgen.elements.wiring import Context
from tapgen.iam import roles
from tapgen.iam.statements import read_stream
from tapgen.naming import HOOKS, Names
from tapgen.parts.function.role import make_policy

if TYPE_CHECKING:
    from awacs.aws import PolicyDocument

    from tapgen.iam.statements import Key

REPOSITORY = Path(__file__).parents[3]
ENVIRONMENT = load_environments(REPOSITORY / "config" / "environments.yaml").resolve("prod")
NAMES = Names(ENVIRONMENT)
KEY = {"Fn::GetAtt": ["Key", "Arn"]}
STREAM = {"Ref": "StreamArn"}


def _plain(document: PolicyDocument) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(document.to_json())["Statement"]
    return found


def _allowed(document: PolicyDocument, service: str) -> set[str]:
    """Actions on one service, without its prefix."""
    actions = {action for statement in _plain(document) for action in statement["Action"]}
    return {action.partition(":")[2] for action in actions if action.startswith(f"{service}:")}


def _policy(role: str, names: Names = NAMES, *, tracing: bool, key: Key | None) -> PolicyDocument:
    """The policy of a function's role, with tracing and key as asked for."""
    functions = ENVIRONMENT.functions
    traced = {**functions, role: dataclasses.replace(functions[role], tracing=tracing)}
    environment = dataclasses.replace(ENVIRONMENT, parts={**ENVIRONMENT.parts, "functions": traced})
    context = Context(environment=environment, names=names, artifacts={})
    return make_policy(context, ENVIRONMENT.service.function(role), key=key)


POLICIES = {
    "api": _policy("api", tracing=True, key=KEY),
    "archiver": _policy("archiver", tracing=True, key=KEY),
    "stream": roles.document(read_stream(STREAM)),
    "codedeploy": roles.code_deploy_policy(NAMES),
    "before": roles.hook_policy("before", NAMES, tracing=True, key=KEY),
    "after": roles.hook_policy("after", NAMES, tracing=True, key=KEY),
}


def _called(folder: str, *, client: str = "_client") -> set[str]:
    """What a handler calls, as actions: ``self._client.put_object``, ``_call("put_item")``, a transaction's ``Put``.

    A transaction has no permission of its own, its parts have theirs (DynamoDB developer guide, "IAM permissions" of
    transactions).
    """
    found = set()
    for path in (REPOSITORY / folder).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                keys = {key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
                found |= {f"{part}_item" for part in keys & {"ConditionCheck", "Delete", "Put", "Update"}}
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr == "_call" and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
            elif isinstance(node.func.value, ast.Attribute) and node.func.value.attr == client:
                found.add(node.func.attr)
    found.discard("transact_write_items")
    return {"".join(word[:1].upper() + word[1:] for word in name.split("_")) for name in found}


def test_api_may_do_what_its_code_calls() -> None:
    """The API's actions on the table are its code's calls, no more and no fewer."""
    assert _allowed(POLICIES["api"], "dynamodb") == _called("handlers/api") != set()
    assert _allowed(POLICIES["api"], "s3") == set()


def test_archiver_may_do_what_its_code_calls() -> None:
    """The archiver's actions on the bucket are its code's calls; the rest is what the event source needs."""
    assert _allowed(POLICIES["archiver"], "s3") == _called("handlers/archiver") != set()
    assert (
        _allowed(POLICIES["archiver"], "sqs")
        == _called("handlers/archiver", client="_sqs")
        == {"GetQueueUrl", "SendMessage"}
    )
    assert _allowed(POLICIES["archiver"], "dynamodb") == set()


@pytest.mark.parametrize("event", HOOKS)
def test_hooks_may_do_what_their_code_calls(event: str) -> None:
    """Questions and verdicts to CodeDeploy, invocations, and no service's data: they see it as callers do."""
    called = _called("tapgen/hook_runtime")
    asked = _allowed(POLICIES[event], "codedeploy")

    assert asked == {"GetDeploymentTarget", "ListDeploymentTargets", "PutLifecycleEventHookExecutionStatus"}
    assert called == {*asked, "Invoke"}
    assert _allowed(POLICIES[event], "lambda") == {"InvokeFunction"}
    for service in ("dynamodb", "s3", "sqs", "iam"):
        assert _allowed(POLICIES[event], service) == set()


@pytest.mark.parametrize("event", HOOKS)
def test_hooks_judge_and_try_this_service_alone(event: str) -> None:
    """Exactly the two deployment groups, and exactly the versions and aliases of the two functions."""
    statements = {statement["Sid"]: statement for statement in _plain(POLICIES[event])}

    groups = [resource["Fn::Sub"].rpartition(":")[2] for resource in statements["JudgeDeployments"]["Resource"]]
    application = NAMES.deployment_application
    assert groups == [f"{application}/{NAMES.deployment_group(role)}" for role in ("api", "archiver")]
    tried = [resource["Fn::Sub"].partition(":function:")[2] for resource in statements["TryVersions"]["Resource"]]
    assert tried == [f"{NAMES.function('api')}:*", f"{NAMES.function('archiver')}:*"]


def test_stream_is_read_by_its_exact_arn() -> None:
    """The stream has its creation time in its ARN, and nothing else may be read."""
    read, find = _plain(POLICIES["stream"])

    assert read["Resource"] == [STREAM]
    assert set(read["Action"]) == {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}
    assert find["Action"] == ["dynamodb:ListStreams"]
    assert "Condition" in find


@pytest.mark.parametrize("name", POLICIES)
def test_no_action_has_a_wildcard(name: str) -> None:
    """Every action is named."""
    for statement in _plain(POLICIES[name]):
        assert statement["Effect"] == "Allow"
        assert all(re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", action) for action in statement["Action"])


@pytest.mark.parametrize("name", POLICIES)
def test_statements_without_resource_level_say_so(name: str) -> None:
    """Where AWS knows no resource, the statement's id says it and a condition narrows it."""
    for statement in _plain(POLICIES[name]):
        if statement["Resource"] == ["*"]:
            assert statement["Sid"].endswith("NoResourceLevel")
            assert statement["Condition"]


@pytest.mark.parametrize("name", POLICIES)
def test_sids_are_unique(name: str) -> None:
    """A statement is found by its id."""
    sids = [statement["Sid"] for statement in _plain(POLICIES[name])]

    assert len(sids) == len(set(sids))


@pytest.mark.parametrize(
    ("role", "group"),
    [
        *((role, NAMES.function_log_group(role)) for role in ("api", "archiver")),
        *((event, NAMES.hook_log_group(event)) for event in HOOKS),
    ],
)
def test_logs_go_to_the_functions_own_group(role: str, group: str) -> None:
    """No function writes into another one's log, and none makes a group."""
    (statement,) = [item for item in _plain(POLICIES[role]) if item["Sid"] == "WriteOwnLogs"]

    assert set(statement["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}
    (resource,) = statement["Resource"]
    assert resource["Fn::Sub"].endswith(f":log-group:{group}:*")


@pytest.mark.parametrize("role", ["api", "archiver"])
def test_metrics_need_no_permission(role: str) -> None:
    """The handlers write their metrics into their logs."""
    assert _allowed(POLICIES[role], "cloudwatch") == set()


@pytest.mark.parametrize(
    "make", [partial(_policy, "api"), partial(_policy, "archiver"), partial(roles.hook_policy, "before")]
)
def test_tracing_and_key_are_granted_when_they_are_configured(make: Any) -> None:
    """Without tracing nothing may be traced, without a key nothing decrypted."""
    without = make(NAMES, tracing=False, key=None)
    with_both = make(NAMES, tracing=True, key=KEY)

    assert _allowed(without, "xray") == _allowed(without, "kms") == set()
    assert _allowed(with_both, "xray") == {"PutTelemetryRecords", "PutTraceSegments"}
    assert "Decrypt" in _allowed(with_both, "kms")


@pytest.mark.parametrize("name", ["api", "archiver", *HOOKS])
def test_key_is_used_through_a_service_or_for_known_data(name: str) -> None:
    """No use of the key is left open: each names the service that asks, or the data that it is for."""
    used = [statement for statement in _plain(POLICIES[name]) if statement["Resource"] == [KEY]]

    assert used
    for statement in used:
        keys = statement["Condition"]["StringEquals"]
        assert "kms:ViaService" in keys or any(key.startswith("kms:EncryptionContext:") for key in keys)


def test_code_deploy_moves_the_aliases_of_its_functions_alone() -> None:
    """CodeDeploy may update aliases of these functions, look at alarms, and invoke exactly the hooks."""
    statements = {statement["Sid"]: statement for statement in _plain(POLICIES["codedeploy"])}

    moved = [resource["Fn::Sub"] for resource in statements["MoveLiveAliases"]["Resource"]]
    assert [arn.rpartition(":")[2] for arn in moved] == [NAMES.function("api"), NAMES.function("archiver")]
    read = [resource["Fn::Sub"] for resource in statements["ReadProvisionedConcurrency"]["Resource"]]
    assert all(arn.endswith(":live") for arn in read)
    invoked = [resource["Fn::Sub"].rpartition(":")[2] for resource in statements["InvokeHooks"]["Resource"]]
    assert invoked == [NAMES.hook("before"), NAMES.hook("after")]
    assert statements["InvokeHooks"]["Action"] == ["lambda:InvokeFunction"]
    assert _allowed(POLICIES["codedeploy"], "cloudwatch") == {"DescribeAlarms"}


@pytest.mark.parametrize("name", POLICIES)
def test_policies_fit_a_role(name: str) -> None:
    """All inline policies of a role have 10,240 characters together (IAM user guide, quotas)."""
    assert len(json.dumps(_plain(POLICIES[name]))) < 6_000
