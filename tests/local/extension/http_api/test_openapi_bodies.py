"""HTTP APIs of templates whose routes stand in an OpenAPI document, as AWS SAM writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.local.extension.deliveries import Reader, permission, ref, resource
from tests.local.extension.http_api.test_apis import ANSWERS, ask, base, source

if TYPE_CHECKING:
    from tapgen.local.server import LocalStatus
    from tests.local.conftest import ClientFactory, Stacks


def _integration() -> dict[str, Any]:
    """The function's alias, by the URI that SAM writes."""
    functions = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"
    return {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "payloadFormatVersion": "2.0",
        "uri": {"Fn::Sub": f"{functions}/${{Live}}/invocations"},
    }


def _template(reader: Reader, paths: dict[str, Any], **document: Any) -> dict[str, Any]:
    body = {
        "openapi": "3.0.1",
        "info": {"title": {"Ref": "AWS::StackName"}, "version": "1"},
        "paths": paths,
        **document,
    }
    return {
        "Resources": {
            **reader.resources(code=ANSWERS),
            "Api": resource("AWS::ApiGatewayV2::Api", Body=body),
            "Stage": resource("AWS::ApiGatewayV2::Stage", ApiId=ref("Api"), StageName="$default", AutoDeploy=True),
            "Permission": permission("apigateway", source("*")),
        },
        "Outputs": {"Api": {"Value": ref("Api")}},
    }


def _operation(**members: Any) -> dict[str, Any]:
    return {"x-amazon-apigateway-integration": _integration(), "responses": {}, **members}


def test_routes_of_a_document_answer(stacks: Stacks, local_aws: LocalStatus, name: str, reader: Reader) -> None:
    """Each method of each path, every method of one, and what no route takes; a named integration serves as well."""
    named = {"$ref": "#/components/x-amazon-apigateway-integrations/hello"}
    paths = {
        "/orders/{id}": {"get": _operation(), "parameters": []},
        "/any": {"x-amazon-apigateway-any-method": _operation()},
        "/named": {"get": {"x-amazon-apigateway-integration": named}},
    }
    components = {"x-amazon-apigateway-integrations": {"hello": _integration()}}
    assert stacks.create(name, _template(reader, paths, components=components)) == "CREATE_COMPLETE"
    url = base(stacks, local_aws, name)

    found = [ask(url + path, method)[1] for method, path in (("GET", "/orders/1"), ("PUT", "/any"), ("GET", "/named"))]

    assert [answer["route"] for answer in found] == ["GET /orders/{id}", "ANY /any", "GET /named"]
    assert ask(f"{url}/orders/1", "DELETE")[0] == 404
    assert ask(f"{url}/nothing")[0] == 404


def test_a_changed_document_replaces_the_routes(
    stacks: Stacks, local_aws: LocalStatus, client: ClientFactory, name: str, reader: Reader
) -> None:
    """Routes that are gone answer no more, the API keeps its id and has the document's title for its name."""
    stacks.create(name, _template(reader, {"/old": {"get": _operation()}, "/kept": {"get": _operation()}}))
    url, api = base(stacks, local_aws, name), stacks.outputs(name)["Api"]
    changed = _template(
        reader, {"/kept": {"get": _operation()}, "/$default": {"x-amazon-apigateway-any-method": _operation()}}
    )

    assert stacks.update(name, changed) == "UPDATE_COMPLETE"

    assert stacks.outputs(name)["Api"] == api
    assert client("apigatewayv2").get_api(ApiId=api)["Name"] == name
    assert [ask(url + path)[1]["route"] for path in ("/kept", "/old")] == ["GET /kept", "$default"]
    assert len(client("apigatewayv2").get_integrations(ApiId=api)["Items"]) == 2


def test_security_of_a_document_guards(stacks: Stacks, local_aws: LocalStatus, name: str, reader: Reader) -> None:
    """A scheme with a JWT authorizer, one that wants signatures, and an operation that says ``NONE``."""
    issuer = {"issuer": "https://login.example.com/", "audience": ["https://api.example.com"]}
    schemes = {
        "Login": {"type": "oauth2", "x-amazon-apigateway-authorizer": {"type": "jwt", "jwtConfiguration": issuer}},
        "AWS_IAM": {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"},
    }
    paths = {
        "/guarded": {"get": _operation()},
        "/signed": {"get": _operation(security=[{"AWS_IAM": []}])},
        "/open": {"get": _operation(security=[{"NONE": []}])},
    }
    made = _template(reader, paths, components={"securitySchemes": schemes}, security=[{"Login": []}])
    stacks.create(name, made)
    url = base(stacks, local_aws, name)

    assert [ask(f"{url}/{path}")[0] for path in ("guarded", "signed", "open")] == [401, 403, 200]


def test_a_document_in_s3_is_refused(stacks: Stacks, name: str) -> None:
    """It is not read here: an API without a route would be a worse answer."""
    template = {"Resources": {"Api": resource("AWS::ApiGatewayV2::Api", BodyS3Location={"Bucket": "b", "Key": "k"})}}

    assert stacks.create(name, template) == "ROLLBACK_COMPLETE"
    assert any("BodyS3Location" in reason for _, _, reason in stacks.events(name))
