"""The exposure gate: what would be open to everybody, and what only looks like it."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.gates.exposure import find_exposures

_BLOCKED = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)


def _stacks(resource_type: str, **properties: Any) -> dict[str, Any]:
    guarded = {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "GET /x", "AuthorizationType": "JWT"}}
    resource = {"Type": resource_type, "Properties": properties}
    return {"root": {"Resources": {}}, "Api": {"Resources": {"It": resource, "Guarded": guarded}}}


def _allow(principal: Any, **condition: Any) -> dict[str, Any]:
    statement = {"Sid": "Open", "Effect": "Allow", "Principal": principal, "Action": ["s3:GetObject"]}
    return {"PolicyDocument": {"Statement": [statement | ({"Condition": condition} if condition else {})]}}


OPENED = [
    (
        "AWS::S3::Bucket",
        {"PublicAccessBlockConfiguration": _BLOCKED},
        {"PublicAccessBlockConfiguration": _BLOCKED | {"BlockPublicPolicy": False}},
        "BlockPublicPolicy",
    ),
    (
        "AWS::S3::Bucket",
        {"PublicAccessBlockConfiguration": _BLOCKED},
        {"PublicAccessBlockConfiguration": _BLOCKED, "AccessControl": "PublicRead"},
        "AccessControl",
    ),
    ("AWS::S3::BucketPolicy", _allow({"AWS": "arn:aws:iam::1:root"}), _allow("*"), "Open"),
    ("AWS::SNS::TopicPolicy", _allow("*", StringEquals={"aws:SourceAccount": "1"}), _allow({"AWS": "*"}), "Open"),
    ("AWS::SQS::QueuePolicy", {"PolicyDocument": {"Statement": []}}, _allow({"AWS": ["*"]}), "Open"),
    (
        "AWS::SQS::QueuePolicy",
        {"PolicyDocument": {"Statement": []}},
        _allow("*", Bool={"aws:SecureTransport": "true"}),
        "Open",
    ),
    ("AWS::Lambda::Permission", {"Principal": "*", "SourceArn": "arn"}, {"Principal": "*"}, "Principal"),
    ("AWS::Lambda::Url", {"AuthType": "AWS_IAM"}, {"AuthType": "NONE"}, "AuthType"),
    (
        "AWS::ApiGatewayV2::Route",
        {"RouteKey": "GET /users", "AuthorizationType": "JWT"},
        {"RouteKey": "GET /users", "AuthorizationType": "NONE"},
        "AuthorizationType",
    ),
    (
        "AWS::ApiGatewayV2::Api",
        {"CorsConfiguration": {"AllowOrigins": ["https://app.example.com"]}},
        {"CorsConfiguration": {"AllowOrigins": ["*"]}},
        "CorsConfiguration",
    ),
]


@pytest.mark.parametrize(("resource_type", "closed", "opened", "part"), OPENED)
def test_what_is_opened_is_named_once_and_not_again(
    resource_type: str, closed: dict[str, Any], opened: dict[str, Any], part: str
) -> None:
    """From closed to open is told with the property; open before and after is not, and closing is not."""
    before, after = _stacks(resource_type, **closed), _stacks(resource_type, **opened)

    (threat,) = find_exposures(before, after)

    assert threat.path == "Api.It"
    assert part in threat.property_path
    assert find_exposures(after, after) == find_exposures(after, before) == ()


def test_a_new_route_without_authorization_counts_where_others_have_one() -> None:
    """Of an API that authorises nobody, as on a laptop, one more open route opens nothing; a preflight never does."""
    route = {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "GET /new", "AuthorizationType": "NONE"}}
    preflight = {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "OPTIONS /{proxy+}"}}
    before = _stacks("AWS::ApiGatewayV2::Api")
    after = _stacks("AWS::ApiGatewayV2::Api")
    after["Api"]["Resources"] |= {"New": route, "Preflight": preflight}

    assert [threat.path for threat in find_exposures(before, after)] == ["Api.New"]
    for stacks in (before, after):
        del stacks["Api"]["Resources"]["Guarded"]
    assert find_exposures(before, after) == ()


def test_conditions_that_name_who_asks_narrow_a_policy() -> None:
    """An account, a source or an organisation is somebody; a transport, an address or a wildcard is not."""
    nothing: dict[str, Any] = {"root": {"Resources": {}}}
    narrow = _allow("*", ArnLike={"aws:SourceArn": "arn:aws:s3:::mine"})
    wide = _allow("*", StringLike={"aws:PrincipalArn": "*"})
    unlike = _allow("*", StringNotEquals={"aws:SourceAccount": "1"})

    assert find_exposures(nothing, _stacks("AWS::SNS::TopicPolicy", **narrow)) == ()
    assert len(find_exposures(nothing, _stacks("AWS::SNS::TopicPolicy", **wide))) == 1
    assert len(find_exposures(nothing, _stacks("AWS::SNS::TopicPolicy", **unlike))) == 1
