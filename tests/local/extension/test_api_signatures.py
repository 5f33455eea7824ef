"""Routes with AWS_IAM: signatures and execute-api:Invoke, and what becomes of refused requests."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tapgen.local.server import ACCOUNT_ID, LocalAws
from tests.local.conftest import REGION
from tests.local.extension.conftest import until
from tests.local.extension.guarded_api import Api, deploy
from tests.local.extension.shift_observed import total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.local.server import LocalStatus
    from tests.local.conftest import ClientFactory, Stacks


@pytest.fixture(scope="module")
def api(local_aws: LocalStatus, stacks: Stacks) -> Api:
    return deploy(stacks, local_aws)


def user(client: ClientFactory, resource: str = "") -> tuple[str, str]:
    """The access key of a new user, who may invoke ``resource``."""
    iam, name = client("iam"), f"caller-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    if resource:
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName="invoke", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def invocation(api: Api, what: str) -> str:
    return f"arn:aws:execute-api:{REGION}:{ACCOUNT_ID}:{api.id}/$default/{what}"


def test_a_caller_with_the_permission_gets_through(api: Api, client: ClientFactory) -> None:
    """execute-api:Invoke on the route's ARN; the function is told who called."""
    key = user(client, invocation(api, "GET/users/*"))
    answer = api.get("/users/ada", api.signed(key))
    assert answer.status == 200
    assert answer.body["iam"]["accessKey"] == key[0]
    assert ":user/caller-" in answer.body["iam"]["userArn"]


@pytest.mark.parametrize("what", ["", "POST/*", "GET/orders/*"])
def test_a_caller_without_the_permission_is_refused(api: Api, client: ClientFactory, what: str) -> None:
    """No policy, one for another method, one for another path: 403 with the API's one message."""
    answer = api.get("/users/ada", api.signed(user(client, invocation(api, what) if what else "")))
    assert (answer.status, answer.body) == (403, {"message": "Forbidden"})


def test_a_role_needs_the_permission_too(api: Api, client: ClientFactory) -> None:
    """Sessions of a role are let in by its policies, and only by them."""
    iam, name = client("iam"), f"caller-{uuid.uuid4().hex[:8]}"
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]

    def status() -> int:
        session = client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        request = AWSRequest("GET", api.url("/users/ada"))
        credentials = Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
        SigV4Auth(credentials, "execute-api", REGION).add_auth(request)
        return api.get("/users/ada", dict(request.headers)).status

    assert status() == 403
    allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": invocation(api, "GET/*")}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_role_policy(RoleName=name, PolicyName="invoke", PolicyDocument=policy)
    assert status() == 200


def test_only_good_signatures_count(api: Api, client: ClientFactory) -> None:
    """No signature, a token, another algorithm's name, a changed signature, another service, another region: 403."""
    key = user(client, invocation(api, "*"))
    good = api.signed(key)
    renamed = good["Authorization"].replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1")
    refused: list[Mapping[str, str]] = [
        {},
        {"Authorization": "Bearer token"},
        {**good, "Authorization": renamed},
        {**good, "Authorization": good["Authorization"][:-8] + "00000000"},
        api.signed((key[0], "another secret")),
        api.signed(("AKIAIOSFODNN7EXAMPLE", "secret")),
        api.signed(key, service="lambda"),
        api.signed(key, region="us-east-1"),
    ]
    answers = [api.get("/users/ada", headers) for headers in refused]
    assert [answer.status for answer in answers] == [403] * len(refused)
    assert {answer.body["message"] for answer in answers} == {"Forbidden"}
    assert api.get("/users/ada", api.signed(key)).status == 200
    assert api.get("/users/ada", api.signed(LocalAws.credentials())).status == 200


def test_refused_requests_are_requests_of_the_api(api: Api, client: ClientFactory) -> None:
    """They are counted as 4xx, whatever refused them."""

    def counted() -> float:
        return total(client, "AWS/ApiGateway", "4xx", ApiId=api.id)

    before = counted()
    assert api.get("/users/ada", {}).status == 403
    assert api.get("/any", {}).status == 401
    until(lambda: counted() == before + 2)
