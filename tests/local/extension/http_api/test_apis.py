"""HTTP APIs of templates: the function's permission, settings by route, custom domains, CORS, no default endpoint."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.local.urls import api_url
from tests.local.extension.deliveries import Reader, allow, arn, permission, ref, resource, role

if TYPE_CHECKING:
    from tapgen.local.server import LocalStatus
    from tests.local.conftest import ClientFactory, Stacks

ANSWERS = """import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps({"route": event["routeKey"], "arn": context.invoked_function_arn})}
"""
CERTIFICATE = "arn:aws:acm:eu-central-1:000000000000:certificate/one"


def source(suffix: str) -> dict[str, str]:
    return {"Fn::Sub": f"arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/{suffix}"}


def template(
    reader: Reader, *, allowed: str = "*", integration: dict[str, Any] | None = None, **api: Any
) -> dict[str, Any]:
    """An API with two routes to the alias."""
    target = {"Fn::Sub": "integrations/${Integration}"}

    def part(kind: str, **properties: Any) -> dict[str, Any]:
        return {"Type": f"AWS::ApiGatewayV2::{kind}", "Properties": {"ApiId": ref("Api"), **properties}}

    resources = {
        **reader.resources(code=ANSWERS),
        "Api": resource("AWS::ApiGatewayV2::Api", Name="orders", ProtocolType="HTTP", **api),
        "Integration": part(
            "Integration",
            **{"IntegrationType": "AWS_PROXY", "IntegrationUri": ref("Live"), "PayloadFormatVersion": "2.0"}
            | (integration or {}),
        ),
        "Get": part("Route", RouteKey="GET /orders/{id}", Target=target),
        "Put": part("Route", RouteKey="PUT /orders/{id}", Target=target),
        "Stage": part(
            "Stage",
            StageName="$default",
            AutoDeploy=True,
            RouteSettings={"GET /orders/{id}": {"ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 2}},
        )
        | {"DependsOn": ["Get", "Put"]},
    }
    if allowed:
        resources["Permission"] = permission("apigateway", source(allowed))
    return {"Resources": resources, "Outputs": {"Api": {"Value": ref("Api")}}}


def ask(url: str, method: str = "GET", **headers: str) -> tuple[int, Any, dict[str, str]]:
    request = urllib.request.Request(url, method=method, headers=headers)  # noqa: S310 - the embedded AWS
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - the embedded AWS
            text = answer.read()
            return answer.status, json.loads(text) if text else None, {k.lower(): v for k, v in answer.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null"), {k.lower(): v for k, v in error.headers.items()}


def base(stacks: Stacks, local_aws: LocalStatus, name: str) -> str:
    return api_url(local_aws.endpoint_url, stacks.outputs(name)["Api"])


@pytest.mark.parametrize(
    ("allowed", "get", "put"),
    [("*", 200, 200), ("*/GET/orders/{id}", 200, 500), ("$default/PUT/*", 500, 200), ("", 500, 500)],
)
def test_a_route_needs_the_functions_permission(
    stacks: Stacks, local_aws: LocalStatus, name: str, reader: Reader, *, allowed: str, get: int, put: int
) -> None:
    """By stage, method and path of the route; without it a caller learns nothing."""
    assert stacks.create(name, template(reader, allowed=allowed)) == "CREATE_COMPLETE"
    url = f"{base(stacks, local_aws, name)}/orders/1"
    status, body, _ = ask(url)
    assert (status, ask(url, "PUT")[0]) == (get, put)
    if status == 200:
        assert body == {"route": "GET /orders/{id}", "arn": stacks.resources(name)["Live"]}
    else:
        assert body == {"message": "Internal Server Error"}


def test_an_integration_may_have_a_role(stacks: Stacks, local_aws: LocalStatus, name: str, reader: Reader) -> None:
    """Which is asked instead of the function."""
    made = template(reader, allowed="", integration={"CredentialsArn": arn("ApiRole")})
    made["Resources"]["ApiRole"] = role("apigateway", allow("lambda:InvokeFunction", ref("Live")))
    stacks.create(name, made)
    assert ask(f"{base(stacks, local_aws, name)}/orders/1")[0] == 200


def test_settings_of_a_route_are_recorded(stacks: Stacks, client: ClientFactory, name: str, reader: Reader) -> None:
    """Throttling by route, which an update changes in place."""
    stacks.create(name, template(reader))
    api = stacks.outputs(name)["Api"]
    (stage,) = client("apigatewayv2").get_stages(ApiId=api)["Items"]
    assert stage["RouteSettings"]["GET /orders/{id}"] == {"ThrottlingRateLimit": 5.0, "ThrottlingBurstLimit": 2}
    changed = template(reader)
    del changed["Resources"]["Stage"]["Properties"]["RouteSettings"]
    assert stacks.update(name, changed) == "UPDATE_COMPLETE"
    assert client("apigatewayv2").get_stages(ApiId=api)["Items"][0].get("RouteSettings", {}) == {}


def test_cors(stacks: Stacks, local_aws: LocalStatus, name: str, reader: Reader) -> None:
    """A preflight is answered without the function, for origins that are configured."""
    cors = {
        "AllowOrigins": ["https://shop.example.com"],
        "AllowMethods": ["GET"],
        "AllowHeaders": ["x-order"],
        "MaxAge": 60,
    }
    stacks.create(name, template(reader, CorsConfiguration=cors))
    url = f"{base(stacks, local_aws, name)}/orders/1"
    preflight = {"Origin": "https://shop.example.com", "Access-Control-Request-Method": "GET"}
    status, _, headers = ask(url, "OPTIONS", **preflight)
    assert (status, headers["access-control-allow-origin"]) == (204, "https://shop.example.com")
    assert "access-control-allow-origin" not in ask(url, Origin="https://else.example.com")[2]
    assert ask(url, Origin="https://shop.example.com")[2]["access-control-allow-origin"] == "https://shop.example.com"


def test_a_custom_domain_serves_by_its_host(stacks: Stacks, local_aws: LocalStatus, name: str, reader: Reader) -> None:
    """Under its base path; the default endpoint that is off answers as if it were not there."""
    domain = f"api.{name}.example.com".lower()
    made = template(reader, DisableExecuteApiEndpoint=True)
    made["Resources"] |= {
        "Domain": resource(
            "AWS::ApiGatewayV2::DomainName",
            DomainName=domain,
            DomainNameConfigurations=[
                {"CertificateArn": CERTIFICATE, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
            ],
        ),
        "Mapping": resource(
            "AWS::ApiGatewayV2::ApiMapping",
            ApiId=ref("Api"),
            DomainName=ref("Domain"),
            Stage=ref("Stage"),
            ApiMappingKey="v1",
        ),
    }
    made["Outputs"]["Target"] = {"Value": arn("Domain", "RegionalDomainName")}
    assert stacks.create(name, made) == "CREATE_COMPLETE"
    assert stacks.outputs(name)["Target"]
    url = f"{base(stacks, local_aws, name)}/orders/1"
    assert ask(url)[:2] == (404, {"message": "Not Found"})
    status, body, _ = ask(f"{local_aws.endpoint_url}/v1/orders/1", Host=domain)
    assert (status, body["route"]) == (200, "GET /orders/{id}")
    assert ask(f"{local_aws.endpoint_url}/orders/1", Host=domain)[0] in {403, 404}
    pasted = f"{local_aws.endpoint_url}/domains/{domain}"
    assert ask(f"{pasted}/v1/orders/1")[:2] == (200, body)
    assert ask(f"{pasted}/orders/1")[0] == 403

    made["Resources"]["Api"]["Properties"]["DisableExecuteApiEndpoint"] = False
    assert stacks.update(name, made) == "UPDATE_COMPLETE"
    assert ask(url)[0] == 200
