"""GitHub's workflows and the deployer role: real calls of AssumeRoleWithWebIdentity, let in and refused.

The embedded AWS evaluates the trust policy with the claims of the token. It does not verify the token's signature, as
STS does on AWS before anything else.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.aws.session import Aws, Target
from tapgen.build import Builder
from tapgen.config.environment import Deployer, Github
from tapgen.deploy.bootstrap import bootstrap
from tapgen.engine.context import Context
from tapgen.local.server import ACCOUNT_ID, LocalAws
from tapgen.local.tokens import sign
from tapgen.naming import DEPLOYER_ROLE_OUTPUT
from tapgen.toolkit.bootstrap_request import bootstrap_request

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[3]
ISSUER = "https://token.actions.githubusercontent.com"
SUBJECT = "repo:example/transactions:environment:prod"


@dataclass
class Account:
    """An account with the deployer role of a repository's workflows."""

    aws: Aws
    state_dir: Path
    role_arn: str

    def assume(self, *, role_arn: str = "", **changes: Any) -> str:
        """The ARN that a workflow gets with a token of these claims; a claim that is None is absent."""
        claims = {"iss": ISSUER, "aud": "sts.amazonaws.com", "sub": SUBJECT, "exp": int(time.time()) + 300} | changes
        token = sign(self.state_dir, {key: value for key, value in claims.items() if value is not None})
        answer = self.aws.client("sts").assume_role_with_web_identity(
            RoleArn=role_arn or self.role_arn, RoleSessionName="workflow", WebIdentityToken=token
        )
        return str(answer["AssumedRoleUser"]["Arn"])


@pytest.fixture(name="account", scope="module")
def _account() -> Iterator[Account]:
    with tempfile.TemporaryDirectory() as folder:
        local = LocalAws(Path(folder), lifetime="parent", save="stop")
        status = local.ensure_running()
        key, secret = LocalAws.credentials()
        environment = dataclasses.replace(
            Builder(REPOSITORY).environments.resolve("prod"),
            account_id=ACCOUNT_ID,
            deployer=Deployer(
                principals=(), github=Github(repository="example/transactions", subject="environment:prod")
            ),
        )
        target = Target(
            region=environment.region,
            endpoint_url=status.endpoint_url,
            access_key_id=key,
            secret_access_key=secret,
        )
        aws = Aws(target)
        outputs = bootstrap(Context(aws=aws, emit=lambda _: None), bootstrap_request(environment)).outputs
        yield Account(aws, status.state_dir, outputs[DEPLOYER_ROLE_OUTPUT])
        local.stop()


def test_the_workflow_of_the_repository_and_environment_gets_in(account: Account) -> None:
    """Exactly the configured subject."""
    name = account.role_arn.rpartition("/")[2]

    assert account.assume().endswith(f":assumed-role/{name}/workflow")


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "repo:example/another:environment:prod"},
        {"sub": "repo:eve/transactions:environment:prod"},
        {"sub": "repo:example/transactions:environment:dev"},
        {"sub": "repo:example/transactions:ref:refs/heads/main"},
        {"sub": "repo:example/transactions:pull_request"},
        {"sub": f"{SUBJECT}-2"},
        {"sub": SUBJECT.upper()},
        {"sub": None},
        {"aud": "https://github.com/example"},
        {"aud": None},
        {"iss": "https://token.actions.example.com"},
    ],
    ids=str,
)
def test_every_other_token_is_refused(account: Account, changes: dict[str, Any]) -> None:
    """Another repository, owner, environment, branch, pull request, audience or issuer, and a claim that is absent."""
    with pytest.raises(ClientError) as refused:
        account.assume(**changes)

    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_principals_do_not_get_in_without_a_token(account: Account) -> None:
    """Only GitHub is trusted: not even the account's own root user assumes the role."""
    with pytest.raises(ClientError) as refused:
        account.aws.client("sts").assume_role(RoleArn=account.role_arn, RoleSessionName="root")

    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_a_set_operator_would_let_a_token_without_subject_in(account: Account) -> None:
    """The refusals above mean something: the embedded AWS lets ``ForAllValues`` pass what is absent, as AWS does."""
    iam = account.aws.client("iam")
    name = account.role_arn.rpartition("/")[2]
    document: Any = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    (statement,) = document["Statement"]
    statement["Condition"] = {"ForAllValues:StringEquals": statement["Condition"]["StringEquals"]}
    wide = iam.create_role(RoleName="wide", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]

    assert account.assume(role_arn=wide, sub=None).endswith(":assumed-role/wide/workflow")
