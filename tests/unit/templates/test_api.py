"""The HTTP API: who may call which route, what a call may invoke, and what is written down about it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from handlers.api import routes as served
from tapgen.config.environment import Domain
from tests.unit.templates.variants import Template, environment, of_type, only, properties, templates

JWT = environment("staging").api.jwt
PUBLIC = ("GET /health", "GET /openapi.json", "GET /docs", "OPTIONS /{proxy+}")


def _compute(name: str = "dev", **changes: Any) -> Template:
    return templates(environment(name, **changes))["compute"]


def _routes(compute: Template) -> dict[str, Template]:
    found = of_type(compute, "AWS::ApiGatewayV2::Route").values()
    return {route["Properties"]["RouteKey"]: route["Properties"] for route in found}


def test_routes_are_those_that_the_handler_serves() -> None:
    """A handler without a route is never called; what matches no route reaches the function all the same."""
    assert _routes(_compute()).keys() == {*served.ROUTES, served.DEFAULT_ROUTE}
    assert _routes(_compute("prod")).keys() == {*served.ROUTES, served.DEFAULT_ROUTE, served.PREFLIGHT_ROUTE}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"api__authorization": "NONE"}, "NONE"),
        ({"api__authorization": "IAM"}, "AWS_IAM"),
        ({"api__authorization": "JWT", "api__jwt": JWT}, "JWT"),
    ],
)
def test_every_route_asks_who_calls_but_the_public_ones(changes: dict[str, Any], kind: str) -> None:
    """The environment's authorization is on every route that tells something about somebody, and on $default."""
    origins: dict[str, Any] = {"api__cors__allow_origins": ("https://app.example.com",)}
    found = {key: route["AuthorizationType"] for key, route in _routes(_compute(**changes, **origins)).items()}

    assert {found.pop(key) for key in PUBLIC} == {"NONE"}
    assert set(found.values()) == {kind}
    assert "$default" in found


def test_tokens_are_checked_against_issuer_and_audiences() -> None:
    """The JWT authorizer knows the configured issuer and audiences, and the routes use it."""
    compute = _compute("staging")

    assert properties(compute, "JwtAuthorizer")["JwtConfiguration"] == {
        "Issuer": "https://login.staging.example.com/",
        "Audience": ["transactions-api"],
    }
    protected = [route for key, route in _routes(compute).items() if key not in PUBLIC]
    assert all(route["AuthorizerId"] == {"Ref": "JwtAuthorizer"} for route in protected)
    assert "AuthorizerId" not in _routes(compute)["GET /health"]


@pytest.mark.parametrize("authorization", ["NONE", "IAM"])
def test_no_authorizer_without_tokens(authorization: str) -> None:
    """NONE and IAM need no authorizer."""
    assert of_type(_compute(api__authorization=authorization), "AWS::ApiGatewayV2::Authorizer") == {}


def test_integration_invokes_the_live_alias() -> None:
    """Requests go through the alias, never to the latest code; API Gateway waits as long as the function may run."""
    compute = _compute(functions__api__timeout_s=10)

    integration = properties(compute, "ApiIntegration")
    assert integration["IntegrationUri"] == {"Ref": "ApiLiveAlias"}
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    assert integration["TimeoutInMillis"] == 10_000
    assert properties(_compute(functions__api__timeout_s=60), "ApiIntegration")["TimeoutInMillis"] == 30_000


def test_each_route_may_invoke_and_nothing_else_may() -> None:
    """One permission a route, for this API, this stage, this method and this path."""
    permissions = of_type(_compute(), "AWS::Lambda::Permission").values()

    sources = {permission["Properties"]["SourceArn"]["Fn::Sub"].partition("${Api}/")[2] for permission in permissions}
    assert sources == {f"$default/{key.replace(' ', '')}" for key in (*served.ROUTES, "$default")}
    for permission in permissions:
        assert permission["Properties"]["FunctionName"] == {"Ref": "ApiLiveAlias"}
        assert permission["Properties"]["Principal"] == "apigateway.amazonaws.com"


def test_stage_throttles_and_logs() -> None:
    """The default stage deploys itself, throttles as configured and writes one JSON object a request."""
    compute = _compute(api__throttling__rate_rps=12, api__throttling__burst=34, api__access_log_retention_days=60)

    stage = properties(compute, "ApiStage")
    assert (stage["StageName"], stage["AutoDeploy"]) == ("$default", True)
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 12
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == 34
    entry = json.loads(stage["AccessLogSettings"]["Format"])
    assert {"requestId", "routeKey", "status", "responseLatencyMs", "subject", "caller"} <= entry.keys()
    assert all(value.startswith("$context.") for value in entry.values())
    assert stage["AccessLogSettings"]["DestinationArn"] == {"Fn::GetAtt": ["AccessLogGroup", "Arn"]}
    group = compute["Resources"]["AccessLogGroup"]
    assert group["Properties"]["RetentionInDays"] == 60
    assert group["Properties"]["LogGroupName"].startswith("/aws/vendedlogs/")
    assert group["DeletionPolicy"] == "Retain"


@pytest.mark.parametrize(("name", "required"), [("dev", "false"), ("prod", "true")])
def test_precondition_is_demanded_where_configured(name: str, required: str) -> None:
    """``api.require_if_match`` reaches the function; production has it."""
    assert properties(_compute(name), "ApiFunction")["Environment"]["Variables"]["REQUIRE_IF_MATCH"] == required


@pytest.mark.parametrize(("attribute", "given"), [("expiresAt", "expiresAt"), ("gone", "gone"), (None, "expiresAt")])
def test_expiry_has_the_name_of_the_tables_time_to_live(attribute: str | None, given: str) -> None:
    """The function writes the attribute by which the table deletes; without one it looks at it alone."""
    compute = _compute(tables__transactions__ttl_attribute=attribute)

    assert properties(compute, "ApiFunction")["Environment"]["Variables"]["TTL_ATTRIBUTE"] == given


def test_stage_waits_for_its_routes() -> None:
    """A stage that is made first would deploy an API without routes."""
    compute = _compute()

    assert set(of_type(compute, "AWS::ApiGatewayV2::Route")) < set(compute["Resources"]["ApiStage"]["DependsOn"])


def test_cors_only_when_origins_are_configured() -> None:
    """Without origins browsers of other sites get nothing; with them exactly those do."""
    assert "CorsConfiguration" not in only(of_type(_compute(), "AWS::ApiGatewayV2::Api"))["Properties"]

    cors = properties(_compute("prod"), "Api")["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["https://app.example.com"]
    assert cors["AllowMethods"] == sorted({key.partition(" ")[0] for key in served.ROUTES})
    assert cors["MaxAge"] == 600


def _domain(**changes: Any) -> Domain:
    given: dict[str, Any] = {
        "name": "api.example.com",
        "base_path": "orders/v1",
        "certificate_arn": None,
        "hosted_zone_id": "Z0123456789ABC",
        "default_endpoint": False,
    }
    return Domain(**given | changes)


def test_domain_with_a_hosted_zone_brings_certificate_mapping_and_records() -> None:
    """Nothing is left to do by hand, TLS 1.2 at least, and the URL that API Gateway makes up is off."""
    compute = _compute(api__domain=_domain())

    assert properties(compute, "Api")["DisableExecuteApiEndpoint"] is True
    certificate = properties(compute, "ApiCertificate")
    assert (certificate["DomainName"], certificate["ValidationMethod"]) == ("api.example.com", "DNS")
    assert certificate["DomainValidationOptions"] == [
        {"DomainName": "api.example.com", "HostedZoneId": "Z0123456789ABC"}
    ]
    (configuration,) = properties(compute, "ApiDomain")["DomainNameConfigurations"]
    assert configuration["CertificateArn"] == {"Ref": "ApiCertificate"}
    assert (configuration["EndpointType"], configuration["SecurityPolicy"]) == ("REGIONAL", "TLS_1_2")
    assert properties(compute, "ApiMapping") == {
        "ApiId": {"Ref": "Api"},
        "ApiMappingKey": "orders/v1",
        "DomainName": {"Ref": "ApiDomain"},
        "Stage": {"Ref": "ApiStage"},
    }
    records = [item["Properties"] for item in of_type(compute, "AWS::Route53::RecordSet").values()]
    assert {record["Type"] for record in records} == {"A", "AAAA"}
    assert {record["HostedZoneId"] for record in records} == {"Z0123456789ABC"}
    target = {"Fn::GetAtt": ["ApiDomain", "RegionalDomainName"]}
    assert all(record["AliasTarget"]["DNSName"] == target for record in records)
    assert compute["Outputs"]["ApiUrl"]["Value"] == "https://api.example.com/orders/v1"
    assert environment(api__domain=_domain()).api.base_path == "/orders/v1"
    assert "ApiDomainTarget" not in compute["Outputs"]


def test_domain_with_a_certificate_of_yours_makes_neither_certificate_nor_record() -> None:
    """What the name has to point at is an output; the default endpoint stays where that is asked."""
    arn = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d"
    compute = _compute(
        api__domain=_domain(certificate_arn=arn, hosted_zone_id=None, base_path="", default_endpoint=True)
    )

    assert "DisableExecuteApiEndpoint" not in properties(compute, "Api")
    assert properties(compute, "ApiDomain")["DomainNameConfigurations"][0]["CertificateArn"] == arn
    assert not of_type(compute, "AWS::CertificateManager::Certificate")
    assert not of_type(compute, "AWS::Route53::RecordSet")
    assert compute["Outputs"]["ApiUrl"]["Value"] == "https://api.example.com"
    assert compute["Outputs"]["ApiDomainTarget"]["Value"] == {"Fn::GetAtt": ["ApiDomain", "RegionalDomainName"]}
