"""``local`` is deployed as bootstrap's execution role from the first deploy on, and fails where AWS would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project

LOCAL = ("--env", "local")
NAME = "transactions-local-us-east-1"
ROLE = f"{NAME}-cloudformation"


def _documents(iam: Any) -> dict[str, dict[str, Any]]:
    found = {}
    for policy in iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]:
        version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)["PolicyVersion"]["Document"]
        found[policy["PolicyArn"]] = document
    return found


def test_a_role_for_another_table_fails_the_deploy(project: Project) -> None:
    """The table's event names action, resource and reason, and so does the error; with its own role it is deployed."""
    project.run("bootstrap", *LOCAL)
    iam = project.client("iam")
    own = _documents(iam)
    for arn, document in own.items():
        wrong = json.dumps(document).replace(f":table/{NAME}-*", f":table/{NAME}-other-*")
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=wrong, SetAsDefault=True)
    refused = project.start("deploy", *LOCAL, "--yes")

    assert refused.returncode != 0
    told = refused.stderr
    assert f"assumed-role/{ROLE}/AWSCloudFormation is not authorized to perform: dynamodb:" in told
    assert f"table/{NAME}-transactions because no identity-based policy allows the dynamodb:" in told
    stack = project.client("cloudformation").describe_stacks(StackName=f"{NAME}-service")["Stacks"][0]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stack["RoleARN"].endswith(f":role/{ROLE}")

    for arn, document in own.items():
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
    project.run("recover", *LOCAL, "--yes")
    project.run("deploy", *LOCAL, "--yes")
