"""An HTTP API with a route for each kind of authorization, and real requests to it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tapgen.local.urls import api_url
from tests.local.conftest import REGION
from tests.local.extension.shift_service import function, role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.local.server import LocalStatus
    from tests.local.conftest import Stacks

ISSUER = "https://login.example.com/"
AUDIENCE = "https://api.example.com"
SCOPE = "transactions:admin"
TELLS = """import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"].get("authorizer"))}
"""


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
            "Permission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "FunctionName": {"Ref": "Function"},
                    "Action": "lambda:InvokeFunction",
                    "Principal": "apigateway.amazonaws.com",
                },
            },
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


def deploy(stacks: Stacks, status: LocalStatus) -> Api:
    """A new API, deployed."""
    name = f"authorization-{uuid.uuid4().hex[:6]}"
    assert stacks.create(name, api_template(name)) == "CREATE_COMPLETE"
    return Api(stacks.resources(name)["Api"], status)
