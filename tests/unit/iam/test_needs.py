"""What a release needs of bootstrap: the same whoever asks, and what is missing named exactly."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import Any

import pytest

from tapgen.errors import RenderError, UsageError
from tapgen.iam.needs import BOUNDARY, EXECUTION, POLICIES_OUTPUT, Needs, find_lacking, policies_of
from tapgen.render import render
from tapgen.templates.blueprint import needs_of
from tapgen.templates.bootstrap import build_bootstrap
from tests.unit.templates.variants import ARTIFACTS, VARIANTS, environment

QUEUES = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:transactions-prod-eu-west-1-*"


def _templates(name: str, suffix: str | None = None) -> list[dict[str, Any]]:
    resolved = dataclasses.replace(VARIANTS[name], suffix=suffix)
    return [json.loads(template.body) for template in render(resolved, ARTIFACTS).templates]


@pytest.fixture(name="bootstrap", scope="module")
def _bootstrap() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(build_bootstrap(VARIANTS["prod"])))
    return made


@pytest.fixture(name="needs", scope="module")
def _needs() -> Needs:
    return needs_of(VARIANTS["prod"], _templates("prod"))


@pytest.mark.parametrize("name", ["local", "dev", "staging", "bare"])
@pytest.mark.parametrize("suffix", [None, "pr-42"])
def test_bootstrap_answers_what_a_release_asks(name: str, suffix: str | None) -> None:
    """The digest in the stack's outputs is that of the release's needs, whatever its suffix: nothing else is read."""
    needs = needs_of(dataclasses.replace(VARIANTS[name], suffix=suffix), _templates(name, suffix))

    assert build_bootstrap(VARIANTS[name])["Outputs"][POLICIES_OUTPUT]["Value"] == needs.digest


def test_nothing_lacks_of_what_is_there(needs: Needs, bootstrap: dict[str, Any]) -> None:
    """The template holds what the needs are, and so does one that holds more."""
    assert find_lacking(needs, bootstrap) == []
    more = copy.deepcopy(bootstrap)
    more["Resources"]["Boundary"]["Properties"]["PolicyDocument"]["Statement"][0]["Action"].append("dynamodb:New")
    assert find_lacking(needs, more) == []


def test_what_is_missing_is_named(needs: Needs, bootstrap: dict[str, Any]) -> None:
    """By owner, action, resource and condition; a wider pattern is as good as the exact one."""
    narrow = copy.deepcopy(bootstrap)
    for statement in narrow["Resources"]["Boundary"]["Properties"]["PolicyDocument"]["Statement"]:
        if statement["Sid"] == "Queues":
            statement["Action"] = [action for action in statement["Action"] if action != "sqs:SendMessage"]
        if statement["Sid"] == "Tables":
            statement["Resource"] = "arn:*"
    for policy in narrow["Resources"].values():
        for statement in policy["Properties"].get("PolicyDocument", {}).get("Statement", ()):
            if "kms:CreateKey" in statement["Action"]:
                statement["Condition"] = {"Null": {"aws:RequestTag/Project": "false"}}

    condition = '{"StringEquals": {"aws:RequestTag/Project": "transactions"}}'
    assert find_lacking(needs, narrow) == [
        f"the {EXECUTION} lacks kms:CreateKey on * where {condition}",
        f"the {BOUNDARY} lacks sqs:SendMessage on {QUEUES}",
    ]


def test_a_deny_counts_in_both_directions(needs: Needs, bootstrap: dict[str, Any]) -> None:
    """One that is missing leaves the ceiling open, one too many refuses what the release does."""
    other = copy.deepcopy(bootstrap)
    statements = other["Resources"]["Boundary"]["Properties"]["PolicyDocument"]["Statement"]
    statements[:] = [statement for statement in statements if statement["Sid"] != "NoIdentities"]
    statements.append({"Sid": "No", "Effect": "Deny", "Action": "sqs:*", "Resource": "*"})

    missing, extra = find_lacking(needs, other)
    assert missing.startswith("the boundary lacks a Deny of iam:* on * where ")
    assert extra == "the boundary has beyond that a Deny of sqs:* on *"


def test_an_older_bootstrap_lacks_all_of_it(needs: Needs) -> None:
    """A template without policies; a role of the caller's own needs no execution role."""
    assert policies_of({"Resources": {}}) == {}
    assert any(line.startswith("the execution role lacks") for line in find_lacking(needs, {}))
    assert not any(line.startswith("the execution role") for line in find_lacking(needs.without(EXECUTION), {}))


def test_a_role_beyond_its_ceiling_is_refused() -> None:
    """Before anything is deployed: what a role is granted and the boundary refuses would fail at run time."""
    templates = _templates("prod")
    roles = next(template for template in templates if "ApiRole" in template["Resources"])["Resources"]
    statements = roles["ApiRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    statements.append({"Effect": "Allow", "Action": ["sqs:DeleteQueue"], "Resource": QUEUES.replace("*", "jobs")})

    with pytest.raises(RenderError, match="granted what their permissions boundary refuses") as caught:
        needs_of(VARIANTS["prod"], templates)
    assert "transactions-prod-eu-west-1-api: sqs:DeleteQueue" in caught.value.why


def test_what_roles_use_of_others_is_in_the_ceiling() -> None:
    """A grant on a bucket that is not ours brings the bucket, once, into the boundary."""
    templates = _templates("prod")
    roles = next(template for template in templates if "ApiRole" in template["Resources"])["Resources"]
    statements = roles["ApiRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    for path in ("daily", "weekly"):
        statements.append(
            {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": [f"arn:aws:s3:::billing-reports/{path}/*"]}
        )
    (boundary,) = needs_of(VARIANTS["prod"], templates).policies[BOUNDARY]

    text = json.dumps(boundary)
    assert text.count('"arn:aws:s3:::billing-reports"') == 1
    assert text.count('"arn:aws:s3:::billing-reports/*"') == 1


def test_production_has_one_deployment() -> None:
    """Its roles act on its own names, so that a suffix is refused instead of failing half way."""
    with pytest.raises(UsageError, match="pr-42"):
        needs_of(environment("prod", suffix="pr-42"), [])
