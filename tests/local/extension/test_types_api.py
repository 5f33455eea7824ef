"""HTTP APIs: a URL that works when it is pasted, the event that the function gets, and the access log."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from functools import partial
from typing import TYPE_CHECKING, Any

from tapgen.local.server import LocalAws
from tapgen.local.urls import api_url
from tests.local.conftest import Stacks
from tests.local.extension.templates import arn, function, ref, role

if TYPE_CHECKING:
    from tapgen.local.server import LocalStatus
    from tests.local.conftest import ClientFactory

LOG_FORMAT = {
    "requestId": "$context.requestId",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "responseLatency": "$context.responseLatency",
    "sourceIp": "$context.identity.sourceIp",
    "error": "$context.error.message",
    "integrationError": "$context.integrationErrorMessage",
}


def http_api(name: str) -> dict[str, Any]:
    """An HTTP API with one function, as the compute stack builds it."""
    permission = {
        "FunctionName": ref("Function"),
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"},
    }
    stage = {
        "ApiId": ref("Api"),
        "StageName": "$default",
        "AutoDeploy": True,
        "DefaultRouteSettings": {"ThrottlingBurstLimit": 50, "ThrottlingRateLimit": 25},
        "AccessLogSettings": {"DestinationArn": arn("Group"), "Format": json.dumps(LOG_FORMAT)},
    }
    integration = {
        "ApiId": ref("Api"),
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": arn("Function"),
        "PayloadFormatVersion": "2.0",
    }
    route = {
        "ApiId": ref("Api"),
        "RouteKey": "GET /users/{userId}/{what}",
        "Target": {"Fn::Sub": "integrations/${Integration}"},
    }
    cors = {"AllowOrigins": ["https://example.com"], "AllowMethods": ["GET"], "MaxAge": 300}
    return {
        "Resources": {
            "Role": role(),
            "Function": function(name),
            "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": f"/aws/apigateway/{name}"}},
            "Api": {
                "Type": "AWS::ApiGatewayV2::Api",
                "Properties": {"Name": name, "ProtocolType": "HTTP", "CorsConfiguration": cors},
            },
            "Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": integration},
            "Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": route},
            "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": stage},
            "Permission": {"Type": "AWS::Lambda::Permission", "Properties": permission},
        },
        "Outputs": {"Api": {"Value": ref("Api")}},
    }


def request(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:  # noqa: S310 - the embedded AWS
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def test_an_api_answers_under_a_plain_url(
    stacks: Stacks, client: ClientFactory, local_aws: LocalStatus, name: str
) -> None:
    """No Host header, no stage, no doubled slash; the function sees the path, its context and the endpoint."""
    stacks.create(name, http_api(name))
    api_id = stacks.outputs(name)["Api"]
    status, headers, body = request(
        f"{api_url(local_aws.endpoint_url, api_id)}/users/u%201/transactions", origin="https://example.com"
    )
    answer = json.loads(body)
    assert (status, answer["path"], answer["function"]) == (200, "/users/u 1/transactions", name)
    assert 0 < answer["remaining"] <= 10_000
    assert answer["endpoint"] == local_aws.endpoint_url
    assert headers["apigw-requestid"] == answer["requestId"]
    assert headers["Access-Control-Allow-Origin"] == "https://example.com"
    settings = client("apigatewayv2").get_stage(ApiId=api_id, StageName="$default")["DefaultRouteSettings"]
    assert (settings["ThrottlingBurstLimit"], settings["ThrottlingRateLimit"]) == (50, 25)


def test_an_api_of_another_account_answers_to_anybody(client: ClientFactory, local_aws: LocalStatus, name: str) -> None:
    """A caller without a signature belongs to no account: the URL alone says which API is meant, as in AWS."""
    elsewhere = Stacks(partial(client, credentials=LocalAws.credentials("111122223333")))
    elsewhere.create(name, http_api(name))
    url = f"{api_url(local_aws.endpoint_url, elsewhere.outputs(name)['Api'])}/users/u/transactions"

    status, _, body = request(url)

    assert (status, json.loads(body)["function"]) == (200, name)


def test_an_api_writes_its_access_log(stacks: Stacks, client: ClientFactory, local_aws: LocalStatus, name: str) -> None:
    """One line per request in the stage's format: served, failed in the function, and without a route."""
    stacks.create(name, http_api(name))
    base = api_url(local_aws.endpoint_url, stacks.outputs(name)["Api"])
    served = json.loads(request(f"{base}/users/1/transactions")[2])
    request(f"{base}/users/1/broken")
    request(f"{base}/nowhere")
    events = client("logs").filter_log_events(logGroupName=f"/aws/apigateway/{name}")["events"]
    lines = [json.loads(event["message"]) for event in events]
    assert [(line["routeKey"], line["status"]) for line in lines] == [
        ("GET /users/{userId}/{what}", "200"),
        ("GET /users/{userId}/{what}", "502"),
        ("-", "404"),
    ]
    assert lines[0]["requestId"] == served["requestId"]
    assert lines[0]["integrationError"] == "-"
    assert lines[1]["integrationError"] != "-"
    assert lines[2]["error"] != "-"
