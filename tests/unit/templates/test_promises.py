"""What holds for every template of every environment and variant."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING

import pytest

from tapgen.elements.templates import Templates
from tapgen.rules.judgement import judge
from tests.unit.templates.variants import VARIANTS, Template, templates

if TYPE_CHECKING:
    from tapgen.config.environment import Environment

EVERY = [
    pytest.param(environment, stack, template, id=f"{name}-{stack}")
    for name, environment in VARIANTS.items()
    for stack, template in templates(environment).items()
]


@pytest.mark.parametrize("environment", VARIANTS.values(), ids=VARIANTS)
def test_every_rule_holds(environment: Environment) -> None:
    """In what a deployment renders, all its stacks together, and in the bootstrap stack."""
    whole = templates(environment)
    # The artifact bucket belongs to all suffixes of its environment.
    shared = Templates(dataclasses.replace(environment, suffix=None), {"bootstrap": whole.pop("bootstrap")})
    for judged in (Templates(environment, whole), shared):
        assert [breach.render() for breach in judge(judged).breaches] == []


@pytest.mark.parametrize(("environment", "stack", "template"), EVERY)
def test_partition_and_account_are_not_written_down(environment: Environment, stack: str, template: Template) -> None:
    """The partition, its URL suffix and the account in ARNs are CloudFormation's to fill in."""
    resources = json.dumps(template["Resources"])
    # Whom the configuration trusts is written down as it stands there.
    for principal in environment.deployer.principals:
        resources = resources.replace(principal, "")

    assert re.findall(r"arn:aws[a-z-]*:", resources) == []
    assert f":{environment.account_id}:" not in resources
    # Service principals are the same everywhere; hosts are not.
    principals = (
        r"(apigateway|cloudformation|cloudwatch|codedeploy|events|lambda|logging\.s3|scheduler|sts)\.amazonaws\.com"
    )
    hosts = re.findall(r"[\w.{}$:-]+\.amazonaws\.com[.cn]*", resources)
    assert [host for host in hosts if not re.fullmatch(principals, host)] == [], stack


@pytest.mark.parametrize(("environment", "stack", "template"), EVERY)
def test_every_parameter_is_typed(environment: Environment, stack: str, template: Template) -> None:
    """CloudFormation checks what crosses a stack's border before it makes anything."""
    for name, parameter in template.get("Parameters", {}).items():
        assert parameter["Type"] == "String"
        allowed = parameter.get("AllowedValues") or [parameter["AllowedPattern"]]
        assert all(re.compile(pattern).fullmatch("") is None for pattern in allowed), (environment.name, stack, name)


def test_same_input_gives_same_bytes() -> None:
    """Rendering twice gives the same templates, in the same order of keys."""
    for environment in VARIANTS.values():
        assert json.dumps(templates(environment)) == json.dumps(templates(environment))
