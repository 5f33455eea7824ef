"""A service of many functions: roles that speak of all of them outgrow an inline policy, and stay within limits."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.config.load import load_environments
from tapgen.elements.wiring import Context
from tapgen.iam import roles
from tapgen.iam.boundary import boundary_policy, find_beyond, role_documents
from tapgen.iam.grants import grants_of
from tapgen.iam.policies import MAX_ATTACHED, MAX_INLINE_CHARACTERS, MAX_MANAGED_CHARACTERS, characters, plain
from tapgen.naming import Names
from tapgen.templates import security
from tests.unit.templates.variants import of_type

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.config.environment import Environment

FUNCTIONS = 100
SERVICE = f"""
from tapgen.service import Service

service = Service("orders")
jobs = service.queue("jobs")
for number in range({FUNCTIONS}):
    service.function(f"worker-{{number}}").may(jobs.send)
"""
CONFIGURATION = """
project: orders
environments:
  prod: {account_id: "123456789012", region: ap-southeast-1, production: true}
"""


@pytest.fixture(name="environment", scope="module")
def _environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder: Path = tmp_path_factory.mktemp("orders")
    (folder / "config").mkdir()
    (folder / "config" / "service.py").write_text(SERVICE, encoding="utf-8")
    file = folder / "config" / "environments.yaml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    for number in range(FUNCTIONS):
        (folder / "handlers" / f"worker_{number}").mkdir(parents=True)
        (folder / "handlers" / f"worker_{number}" / "app.py").write_text("def handler(*_): ...", encoding="utf-8")
    return load_environments(file).resolve("prod")


@pytest.fixture(name="template", scope="module")
def _template(environment: Environment) -> dict[str, Any]:
    stack = security.build(Context(environment=environment, names=Names(environment), artifacts={}))
    made: dict[str, Any] = stack.template.to_dict()
    return made


def test_every_policy_of_a_hundred_functions_fits(template: dict[str, Any]) -> None:
    """Inline 10,240 characters for each role, 6,144 in each managed policy, ten of those at most."""
    managed = [policy["Properties"] for policy in of_type(template, "AWS::IAM::ManagedPolicy").values()]
    attached = Counter(role for policy in managed for role in policy["Roles"])

    assert attached
    assert max(attached.values()) <= MAX_ATTACHED
    assert all(characters(policy["PolicyDocument"]) <= MAX_MANAGED_CHARACTERS for policy in managed)
    for name, role in of_type(template, "AWS::IAM::Role").items():
        inline = [policy["PolicyDocument"] for policy in role["Properties"]["Policies"]]
        assert sum(map(characters, inline)) <= MAX_INLINE_CHARACTERS, name


def test_what_overflows_is_granted_all_the_same(environment: Environment, template: dict[str, Any]) -> None:
    """CodeDeploy's role moves every alias, whatever policy says so; nothing is granted twice or beyond the ceiling."""
    names = Names(environment)
    role = names.function_role("codedeploy")
    found = [
        (grant.action, str(grant.resource))
        for owner, document in role_documents([template])
        if owner == role
        for grant in grants_of(document)
    ]
    wanted = [
        (grant.action, str(grant.resource))
        for statement in roles.code_deploy_policy(names).properties["Statement"]
        for grant in grants_of({"Statement": [plain(statement)]})
    ]

    assert sorted(found) == sorted(wanted)
    assert list(find_beyond(boundary_policy(names), [template])) == []


def test_a_function_has_one_policy(template: dict[str, Any]) -> None:
    """What is short stays inline: no policy more to attach, and none to be late."""
    owners = {
        role
        for policy in of_type(template, "AWS::IAM::ManagedPolicy").values()
        for role in policy["Properties"]["Roles"]
    }

    assert not [owner for owner in owners if "worker" in owner]
