"""CloudFormation's role is held to what AWS's published handlers call, in both directions, for every variant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.iam.execution import execution_reasons
from tapgen.local.extension.cloudformation.acting.needs import actions_of, data
from tapgen.local.extension.cloudformation.acting.operations import Operation
from tapgen.proof.withheld import WITHHELD
from tapgen.templates.bootstrap import make_blueprint
from tests.unit.templates.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.iam.execution import Blueprint


def _operations(blueprint: Blueprint) -> Iterator[Operation]:
    """Everything that may be done to the resources of the templates; all of them have the stack's tags."""
    for name, resource in blueprint.named():
        properties: dict[str, Any] = dict(resource.get("Properties", {}))
        tags = data()["types"][resource["Type"]].get("tags", "")
        if tags:
            properties.setdefault(tags, [{"Key": "Owner", "Value": "payments"}])
        known = {"resource_type": resource["Type"], "logical_id": name, "stack_name": "service"}
        yield Operation(verb="create", new=properties, **known)
        yield Operation(verb="replace", new=properties, **known)
        yield Operation(
            verb="update",
            old=properties,
            new=properties,
            utmost=True,
            policy=resource.get("UpdatePolicy", {}),
            **known,
        )
        yield Operation(verb="delete", old=properties, **known)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_role_has_what_the_handlers_call(name: str) -> None:
    """Nothing is missing that a handler calls for the properties in use, and nothing is there that none does."""
    blueprint = make_blueprint(VARIANTS[name])
    needed = {action for operation in _operations(blueprint) for action in actions_of(operation)} - set(WITHHELD)
    granted = {reason.action for reason in execution_reasons(blueprint)}

    assert sorted(needed - granted) == []
    assert sorted(granted - needed) == []


def _calls(verb: Any, resource_type: str, **properties: Any) -> list[str]:
    return actions_of(
        Operation(verb=verb, resource_type=resource_type, logical_id="It", stack_name="shop", **properties)
    )


def test_a_property_that_is_not_used_costs_no_permission() -> None:
    """An option brings its call, by its name or by AWS's documentation."""
    plain = _calls("create", "AWS::S3::Bucket", new={"BucketName": "shop"})
    assert "s3:CreateBucket" in plain
    assert not {"s3:PutBucketCORS", "s3:PutEncryptionConfiguration", "iam:PassRole"} & set(plain)
    options = {"BucketName": "shop", "CorsConfiguration": {}, "BucketEncryption": {"Rules": []}}
    assert {"s3:PutBucketCORS", "s3:PutEncryptionConfiguration"} <= set(
        _calls("create", "AWS::S3::Bucket", new=options)
    )


def test_an_update_asks_for_what_changes() -> None:
    """What stays the same is read and not written; what is taken away needs the call that takes it away."""
    old = {"LogGroupName": "shop", "RetentionInDays": 7}
    kept = _calls("update", "AWS::Logs::LogGroup", old=old, new={**old, "KmsKeyId": "key"})
    assert {"logs:AssociateKmsKey", "logs:DescribeLogGroups"} <= set(kept)
    assert not {"logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy", "logs:DisassociateKmsKey"} & set(kept)
    gone = _calls("update", "AWS::Logs::LogGroup", old=old, new={"LogGroupName": "shop"})
    assert "logs:DeleteRetentionPolicy" in gone


def test_codedeploy_is_asked_where_an_alias_shifts() -> None:
    """Only where the alias has an update policy, and its version changes."""
    old, new = {"FunctionName": "shop", "FunctionVersion": "1"}, {"FunctionName": "shop", "FunctionVersion": "2"}
    policy = {"CodeDeployLambdaAliasUpdate": {"ApplicationName": "shop", "DeploymentGroupName": "shop"}}
    shifted = _calls("update", "AWS::Lambda::Alias", old=old, new=new, policy=policy)
    assert {"codedeploy:CreateDeployment", "codedeploy:RegisterApplicationRevision"} <= set(shifted)
    for other in (
        _calls("update", "AWS::Lambda::Alias", old=old, new=new),
        _calls("update", "AWS::Lambda::Alias", old=old, new={**old, "Description": "x"}, policy=policy),
    ):
        assert not any(action.startswith("codedeploy:") for action in other)
