"""An organisation's boundary, path and name prefix: every role carries them, and the service works within."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project

BOUNDARY = "org/service-boundary"
# What organisations forbid: to get out of the boundary.
ORGANISATION = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:DeleteRolePermissionsBoundary", "Resource": "*"},
    ],
}


def _configure(project: Project) -> None:
    file = project.folder / "config" / "environments.yaml"
    text = file.read_text(encoding="utf-8")
    settings = f"    iam: {{boundary: {BOUNDARY}, path: /org/, prefix: acme-}}\n"
    file.write_text(text.replace("  local:\n", f"  local:\n{settings}", 1), encoding="utf-8")


def _roles(project: Project) -> dict[str, Any]:
    iam = project.client("iam")
    listed = [role["RoleName"] for role in iam.list_roles()["Roles"] if "transactions" in role["RoleName"]]
    return {name: iam.get_role(RoleName=name)["Role"] for name in listed}


def test_every_role_is_as_the_organisation_wants(project: Project) -> None:
    """Boundary, path and prefix of the service's roles and of bootstrap's; tapgen makes no boundary, and it works."""
    _configure(project)
    project.run("local", "start")
    iam = project.client("iam")
    arn = iam.create_policy(PolicyName="service-boundary", Path="/org/", PolicyDocument=json.dumps(ORGANISATION))
    done = project.run_json("deploy", "--env", "local", "--yes")

    roles = _roles(project)
    assert {name.removeprefix("acme-transactions-local-us-east-1-") for name in roles} >= {
        "api",
        "archiver",
        "cloudformation",
        "codedeploy",
        "deployer",
        "hook-after",
        "hook-before",
    }
    for name, role in roles.items():
        assert role["Path"] == "/org/", name
        assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn["Policy"]["Arn"], name
    policies = [policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]]
    assert "acme-transactions-local-us-east-1-boundary" not in policies
    assert "acme-transactions-local-us-east-1-cloudformation-1" in policies
    with urllib.request.urlopen(f"{done['outputs']['LocalApiUrl'].rstrip('/')}/health", timeout=10) as answer:  # noqa: S310 - the embedded AWS
        assert answer.status == 200


def test_the_roles_are_shown_by_their_names(project: Project) -> None:
    """``iam show`` has the prefix, and no boundary of tapgen's."""
    shown = project.run_text_json("iam", "show", "--env", "local")

    assert "acme-transactions-local-us-east-1-api" in shown
    assert not [name for name in shown if name.endswith("-boundary")]
