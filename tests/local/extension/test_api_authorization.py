"""Who gets through to an HTTP API: JWT authorizers with the embedded AWS as the issuer, and AWS_IAM with signatures."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives.asymmetric import rsa

from tapgen.local.server import ACCOUNT_ID, LocalAws
from tapgen.local.tokens import Claims, key_id, mint, public_key, sign
from tapgen.local.urls import api_url
from tests.local.conftest import REGION
from tests.local.extension.conftest import until
from tests.local.extension.shift_observed import total
from tests.local.extension.shift_service import function, role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.local.server import LocalStatus
    from tests.local.conftest import ClientFactory, Stacks

ISSUER = "https://login.example.com/"
AUDIENCE = "https://api.example.com"
SCOPE = "transactions:admin"
TELLS = """import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"].get("authorizer"))}
"""
GOOD = Claims(issuer=ISSUER, audience=AUDIENCE, subject="ada")


def api_template(name: str) -> dict[str, Any]:
    """An API with a route for each kind of authorization."""

    def route(key: str, **properties: Any) -> dict[str, Any]:
        target = {"Fn::Sub": "integrations/${Integration}"}
        return {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": key, "Target": target, **properties},
        }

    def typed(kind: str, **properties: Any) -> dict[str, Any]:
        return {"Type": f"AWS::ApiGatewayV2::{kind}", "Properties": {"ApiId": {"Ref": "Api"}, **properties}}

    with_token = {"AuthorizationType": "JWT", "AuthorizerId": {"Ref": "Authorizer"}}
    return {
        "Resources": {
            "Role": role("lambda.amazonaws.com"),
            "Function": function(TELLS, FunctionName=name),
            "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": name, "ProtocolType": "HTTP"}},
            "Stage": typed("Stage", StageName="$default", AutoDeploy=True),
            "Integration": typed(
                "Integration",
                IntegrationType="AWS_PROXY",
                IntegrationUri={"Fn::GetAtt": ["Function", "Arn"]},
                PayloadFormatVersion="2.0",
            ),
            "Authorizer": typed(
                "Authorizer",
                Name="tokens",
                AuthorizerType="JWT",
                IdentitySource=["$request.header.Authorization"],
                JwtConfiguration={"Issuer": ISSUER, "Audience": ["other", AUDIENCE]},
            ),
            "Any": route("GET /any", **with_token),
            "Admin": route("GET /admin", AuthorizationScopes=[SCOPE, "other"], **with_token),
            "Signed": route("GET /users/{user}", AuthorizationType="AWS_IAM"),
        }
    }


@dataclass(frozen=True)
class Answer:
    """What an API answered; header names in lower case."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Api:
    """The API that all tests share."""

    id: str
    status: LocalStatus = field(repr=False)

    def url(self, path: str) -> str:
        return api_url(self.status.endpoint_url, self.id) + path

    def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        request = urllib.request.Request(self.url(path), headers=dict(headers))  # noqa: S310 - the embedded AWS
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - the embedded AWS
                return _answer(response.status, response)
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error)

    def with_token(self, path: str, token: str) -> Answer:
        return self.get(path, {"Authorization": f"Bearer {token}"})

    def signed(
        self, credentials: tuple[str, str], *, service: str = "execute-api", region: str = REGION
    ) -> Mapping[str, str]:
        request = AWSRequest("GET", self.url("/users/ada"))
        SigV4Auth(Credentials(*credentials), service, region).add_auth(request)
        return dict(request.headers)


def _answer(status: int, response: Any) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(status, json.loads(response.read()), headers)


@pytest.fixture(scope="module")
def api(local_aws: LocalStatus, stacks: Stacks) -> Api:
    name = f"authorization-{uuid.uuid4().hex[:6]}"
    assert stacks.create(name, api_template(name)) == "CREATE_COMPLETE"
    return Api(stacks.resources(name)["Api"], local_aws)


def test_a_token_of_the_issuer_gets_through(api: Api) -> None:
    """The function gets its claims as text; the prefix Bearer may be missing."""
    token = mint(api.status.state_dir, replace(GOOD, scope="a b"))
    answer = api.with_token("/any", token)
    assert answer.status == 200
    given = answer.body["jwt"]
    assert given["scopes"] == ["a", "b"]
    assert {key: given["claims"][key] for key in ("iss", "aud", "sub", "scope")} == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ada",
        "scope": "a b",
    }
    assert int(given["claims"]["exp"]) > int(given["claims"]["iat"])
    assert api.get("/any", {"Authorization": token}).status == 200


@pytest.mark.parametrize(
    ("claims", "description"),
    [
        (replace(GOOD, audience="somebody-else"), "the token does not have a valid audience"),
        (replace(GOOD, issuer="https://login.example.com"), "the token does not have a valid issuer"),
        (replace(GOOD, expires_in_s=-1), "the token has expired"),
    ],
)
def test_a_token_for_something_else_is_refused(api: Api, claims: Claims, description: str) -> None:
    """401, and the header says why, in the form that the documentation shows."""
    answer = api.with_token("/any", mint(api.status.state_dir, claims))
    assert (answer.status, answer.body) == (401, {"message": "Unauthorized"})
    challenge = f'Bearer scope="" error="invalid_token" error_description="{description}"'
    assert answer.headers["www-authenticate"] == challenge


def test_no_token_is_refused(api: Api) -> None:
    """401 without an error, for nothing was invalid."""
    answer = api.get("/any", {})
    assert (answer.status, answer.body) == (401, {"message": "Unauthorized"})
    assert answer.headers["www-authenticate"] == "Bearer"


NOW = int(time.time())
CONTENT = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": NOW + 86_400}
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize("algorithm", ["RS256", "none", "HS256"])
def test_only_the_issuers_signature_counts(api: Api, algorithm: str) -> None:
    """Neither another key under the issuer's id, nor no signature, nor the public key taken for a shared secret."""
    own = public_key(api.status.state_dir)
    key: Any = {"RS256": STRANGER, "none": None, "HS256": key_id(own) * 2}[algorithm]
    token = jwt.encode(CONTENT, key, algorithm=algorithm, headers={"kid": key_id(own)})
    assert api.with_token("/any", token).status == 401


def test_an_unknown_key_id_is_refused(api: Api) -> None:
    """Also when the token names no key at all."""
    for headers in ({"kid": "another"}, {}):
        assert api.with_token("/any", jwt.encode(CONTENT, STRANGER, algorithm="RS256", headers=headers)).status == 401


@pytest.mark.parametrize("token", ["x", "a.b.c", "a.b", "..", "é"])
def test_what_is_no_token_is_refused(api: Api, token: str) -> None:
    """Nothing that a caller sends makes the API fail."""
    assert api.get("/any", {"Authorization": token}).status == 401


def signed_by_issuer(api: Api, **claims: Any) -> str:
    """A token with these claims; None leaves one out."""
    content = {name: value for name, value in {**CONTENT, **claims}.items() if value is not None}
    return sign(api.status.state_dir, content)


@pytest.mark.parametrize(
    "claims",
    [
        {"nbf": NOW + 3600},
        {"iat": NOW + 3600},
        {"exp": "tomorrow"},
        {"exp": None},
        {"aud": None},
        {"aud": "somebody-else", "client_id": AUDIENCE},
        {"iss": None},
        {"exp": NOW - 1},
    ],
)
def test_claims_must_hold(api: Api, claims: dict[str, Any]) -> None:
    """Not yet valid, issued in the future, without an end or an audience; client_id counts only without aud."""
    assert api.with_token("/any", signed_by_issuer(api, **claims)).status == 401


@pytest.mark.parametrize("claims", [{"aud": None, "client_id": AUDIENCE}, {"aud": ["x", AUDIENCE]}, {"nbf": NOW - 1}])
def test_what_documentation_allows_gets_through(api: Api, claims: dict[str, Any]) -> None:
    """client_id instead of aud, one audience of several, and a time that has come."""
    assert api.with_token("/any", signed_by_issuer(api, **claims)).status == 200


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"scope": f"read {SCOPE}"}, 200),
        ({"scp": [SCOPE]}, 200),
        ({"scope": "read"}, 403),
        ({"scope": f"{SCOPE}s"}, 403),
        ({}, 403),
        ({"scope": SCOPE, "aud": "somebody-else"}, 401),
    ],
)
def test_a_route_may_want_a_scope(api: Api, claims: dict[str, Any], status: int) -> None:
    """A valid token without it is known and not let in: 403; an invalid one stays 401."""
    answer = api.with_token("/admin", signed_by_issuer(api, **claims))
    assert answer.status == status
    if status == 403:
        assert answer.body == {"message": "Forbidden"}
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


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
