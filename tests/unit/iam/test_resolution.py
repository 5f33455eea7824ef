"""References of templates followed to what they come to, and releases compared by that."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.iam.delta import compare_releases
from tapgen.iam.resolution import Resolution

_URL = "https://s3.${AWS::Region}.${AWS::URLSuffix}/artifacts/templates/{}/0123456789abcdef.json"
_TABLE_STREAM = {"Fn::GetAtt": ["Table", "StreamArn"]}
_OF_TABLE = {"Fn::Sub": "${Data.Table.StreamArn}"}


def _nested(stack: str, **parameters: Any) -> dict[str, Any]:
    properties = {"TemplateURL": {"Fn::Sub": _URL.replace("{}", stack)}, "Parameters": parameters}
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}


def _release(*, parameter: str = "StreamArn", stream: Any = None, resource: Any = None) -> dict[str, Any]:
    """Two tables in one stack; in another a role that may read the stream that the parent passes."""
    statement = {"Effect": "Allow", "Action": ["dynamodb:GetRecords"], "Resource": resource or {"Ref": parameter}}
    role = {
        "RoleName": "reader",
        "AssumeRolePolicyDocument": {"Statement": []},
        "Policies": [{"PolicyName": "operations", "PolicyDocument": {"Statement": [statement]}}],
    }
    passed = stream or {"Fn::GetAtt": ["Data", f"Outputs.Table{parameter}"]}
    return {
        "root": {
            "Parameters": {"Mode": {"Type": "String"}},
            "Resources": {"Data": _nested("data"), "Security": _nested("security", **{parameter: passed})},
        },
        "data": {
            "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}, "Other": {"Type": "AWS::DynamoDB::Table"}},
            "Outputs": {
                f"Table{parameter}": {"Value": _TABLE_STREAM},
                "OtherStreamArn": {"Value": {"Fn::GetAtt": "Other.StreamArn"}},
            },
        },
        "security": {
            "Parameters": {parameter: {"Type": "String"}, "Prefix": {"Type": "String", "Default": "p"}},
            "Resources": {"Reader": {"Type": "AWS::IAM::Role", "Properties": role}},
        },
    }


def _resource_of(release: dict[str, Any]) -> Any:
    ((path, kind, properties),) = Resolution(release).resources("AWS::IAM::Role")
    assert (path, kind) == ("Security.Reader", "AWS::IAM::Role")
    return properties["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"]


def test_another_name_for_the_same_stream_grants_nothing() -> None:
    """Parameter and output have other names; both come to the table's stream."""
    delta = compare_releases(_release(), _release(parameter="TableStreamArn"))

    assert (delta.added, delta.removed) == ((), ())


def test_the_same_name_for_another_stream_is_a_grant() -> None:
    """The statement reads as before; the parent passes the other table's stream."""
    delta = compare_releases(_release(), _release(stream={"Fn::GetAtt": ["Data", "Outputs.OtherStreamArn"]}))

    assert [(each.action, each.resource) for each in delta.added] == [
        ("dynamodb:GetRecords", "${Data.Other.StreamArn}")
    ]
    assert [each.resource for each in delta.removed] == ["${Data.Table.StreamArn}"]


def test_an_output_that_names_something_else_is_a_grant() -> None:
    """Neither the statement nor what the parent passes has changed."""
    after = _release()
    after["data"]["Outputs"]["TableStreamArn"]["Value"] = {"Fn::GetAtt": ["Other", "StreamArn"]}

    assert [each.resource for each in compare_releases(_release(), after).added] == ["${Data.Other.StreamArn}"]


def test_live_and_rendered_templates_are_known_by_different_labels() -> None:
    """CloudFormation's by logical id, rendered ones by the name in their key."""
    rendered = _release()
    live = {"root": rendered["root"], "Data": rendered["data"], "Security": rendered["security"]}

    assert compare_releases(live, rendered) == compare_releases(rendered, rendered)
    assert _resource_of(live) == _resource_of(rendered) == _OF_TABLE


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"Fn::Sub": "${StreamArn}"}, _OF_TABLE),
        ({"Fn::Sub": ["${Stream}/*", {"Stream": {"Ref": "StreamArn"}}]}, {"Fn::Sub": "${Data.Table.StreamArn}/*"}),
        ({"Fn::Join": ["/", [{"Ref": "StreamArn"}, "*"]]}, {"Fn::Sub": "${Data.Table.StreamArn}/*"}),
        ({"Fn::GetAtt": ["Reader", "Arn"]}, {"Fn::Sub": "${Security.Reader.Arn}"}),
        ({"Fn::GetAtt": "Reader.Arn"}, {"Fn::Sub": "${Security.Reader.Arn}"}),
        ({"Fn::Sub": "${Prefix}-x"}, "p-x"),
        ({"Fn::Sub": "${AWS::Partition}:b/${!aws:username}"}, {"Fn::Sub": "${AWS::Partition}:b/${!aws:username}"}),
        ({"Fn::Join": ["", ["b/${aws:username}", {"Ref": "Prefix"}]]}, {"Fn::Sub": "b/${!aws:username}p"}),
        ({"Ref": "AWS::Region"}, {"Fn::Sub": "${AWS::Region}"}),
        ({"Fn::If": ["Wide", "*", {"Ref": "StreamArn"}]}, {"Fn::If": ["Wide", "*", _OF_TABLE]}),
        ({"Fn::ImportValue": {"Fn::Sub": "${Prefix}-stream"}}, {"Fn::ImportValue": "p-stream"}),
        ({"Fn::Join": [",", {"Ref": "StreamArn"}]}, {"Fn::Join": [",", _OF_TABLE]}),
        (
            {"Fn::Sub": ["${One}", {"One": {"Fn::If": ["Wide", "*", "p"]}}]},
            {"Fn::Sub": '${{"Fn::If": ["Wide", "*", "p"]}}'},
        ),
        ({"Ref": "Unknown"}, {"Fn::Sub": "${Security.Unknown}"}),
    ],
)
def test_a_value_comes_to_the_same_however_it_is_written(written: Any, meant: Any) -> None:
    """Ref, Fn::GetAtt, Fn::Sub and Fn::Join; what only a deployed stack knows stays as it is."""
    assert _resource_of(_release(resource=written)) == meant


def test_a_parameter_of_the_root_is_itself_in_every_stack() -> None:
    """An operation gives it; no template says what it is."""
    assert _resource_of(_release(stream={"Ref": "Mode"})) == {"Fn::Sub": "${Mode}"}


def test_a_circle_ends() -> None:
    """CloudFormation refuses it later; a comparison must not hang before."""
    release = _release()
    release["data"]["Parameters"] = {"Back": {"Type": "String"}}
    release["data"]["Outputs"]["TableStreamArn"]["Value"] = {"Ref": "Back"}
    release["root"]["Resources"]["Data"] = _nested("data", Back={"Fn::GetAtt": ["Data", "Outputs.TableStreamArn"]})

    assert "Data" in _resource_of(release)["Fn::Sub"]


def test_stacks_without_their_root_keep_the_parameters_names() -> None:
    """Nobody says what is passed."""
    release = _release()
    del release["root"]
    ((_, _, properties),) = Resolution(release).resources("AWS::IAM::Role")

    (statement,) = properties["Policies"][0]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Fn::Sub": "${security.StreamArn}"}
