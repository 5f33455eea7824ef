"""Change sets of the type IMPORT: resources, bucket policies, and stacks that become nested ones."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.templates import table

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks

KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
STACK = "AWS::CloudFormation::Stack"
TABLE = "AWS::DynamoDB::Table"
HANDLE = {"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}


def importing(stacks: Stacks, name: str, template: dict[str, Any], *entries: dict[str, Any], **more: Any) -> str:
    """Make an IMPORT change set; its id."""
    made = stacks.cfn.create_change_set(
        StackName=name,
        ChangeSetName=f"import-{time.monotonic_ns()}",
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps(template),
        ResourcesToImport=list(entries),
        **more,
    )
    return str(made["Id"])


def entry(kind: str, logical_id: str, **identifier: str) -> dict[str, Any]:
    return {"ResourceType": kind, "LogicalResourceId": logical_id, "ResourceIdentifier": identifier}


def reason(stacks: Stacks, change_set_id: str) -> str:
    """Why a change set has failed."""
    found = stacks.cfn.describe_change_set(ChangeSetName=change_set_id)
    assert found["Status"] == "FAILED"
    return str(found["StatusReason"])


def execute(stacks: Stacks, name: str, change_set_id: str) -> str:
    """Execute a change set; the status that the stack ends in."""
    stacks.cfn.execute_change_set(ChangeSetName=change_set_id)
    return stacks.settled(name)


def make_table(client: ClientFactory, name: str) -> dict[str, Any]:
    """A table that no stack has made; its definition."""
    definition = table(name)
    client("dynamodb").create_table(**definition["Properties"])
    client("dynamodb").put_item(TableName=name, Item={"id": {"S": "kept"}})
    return {**definition, **KEPT}


def standing_alone(stacks: Stacks, name: str, definition: dict[str, Any]) -> dict[str, Any]:
    """Import a table into a stack of its own; the template of that stack."""
    template = {"Resources": {"Table": definition}}
    made = importing(stacks, name, template, entry(TABLE, "Table", TableName=definition["Properties"]["TableName"]))
    assert execute(stacks, name, made) == "IMPORT_COMPLETE"
    return template


def tagged(stacks: Stacks, name: str) -> None:
    """Update nothing but the tags, which ends IMPORT_COMPLETE."""
    stacks.cfn.update_stack(StackName=name, UsePreviousTemplate=True, Tags=[{"Key": "Owner", "Value": "us"}])
    assert stacks.settled(name) == "UPDATE_COMPLETE"


def row(stacks: Stacks, template: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """A definition of a nested stack as an import wants it."""
    tags = [{"Key": "Owner", "Value": "us"}]
    return {"Type": STACK, **KEPT, "Properties": {"TemplateURL": stacks.upload(template), "Tags": tags, **properties}}


def test_an_import_does_not_take_nested_stacks_along(stacks: Stacks, name: str) -> None:
    """CreateChangeSet refuses IncludeNestedStacks with the type IMPORT."""
    with pytest.raises(stacks.cfn.exceptions.ClientError, match="IncludeNestedStacks is not supported"):
        importing(stacks, name, HANDLE, entry(TABLE, "Table", TableName=name), IncludeNestedStacks=True)


def test_drift_is_detected_right_after_an_import(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """What the template says and the table is not is drift."""
    definition = make_table(client, name)
    definition["Properties"]["DeletionProtectionEnabled"] = True
    standing_alone(stacks, name, definition)
    detection = stacks.cfn.detect_stack_drift(StackName=name)["StackDriftDetectionId"]
    while stacks.cfn.describe_stack_drift_detection_status(StackDriftDetectionId=detection)["DetectionStatus"] == (
        "DETECTION_IN_PROGRESS"
    ):
        time.sleep(0.02)
    drifted = stacks.cfn.describe_stack_resource_drifts(StackName=name)["StackResourceDrifts"]
    assert [each["StackResourceDriftStatus"] for each in drifted] == ["MODIFIED"]


def test_an_imported_stack_is_nested_and_updated_from_its_root(
    stacks: Stacks, client: ClientFactory, name: str
) -> None:
    """Import, update, import into the parent: from there on the parent's updates and deletes reach it."""
    definition = make_table(client, name)
    template = standing_alone(stacks, f"{name}-child", definition)
    tagged(stacks, f"{name}-child")
    child = stacks.describe(f"{name}-child")["StackId"]
    assert stacks.create(name, HANDLE) == "CREATE_COMPLETE"
    parent = {"Resources": {**HANDLE["Resources"], "Data": row(stacks, template)}}
    made = importing(stacks, name, parent, entry(STACK, "Data", StackId=child))
    changes = stacks.cfn.describe_change_set(ChangeSetName=made)["Changes"]
    assert [(each["ResourceChange"]["Action"], each["ResourceChange"]["PhysicalResourceId"]) for each in changes] == [
        ("Import", child)
    ]
    assert execute(stacks, name, made) == "IMPORT_COMPLETE"
    root_id = stacks.describe(name)["StackId"]
    assert (stacks.describe(child)["ParentId"], stacks.describe(child)["RootId"]) == (root_id, root_id)
    protected = {**definition, "Properties": {**definition["Properties"], "DeletionProtectionEnabled": True}}
    fuller = {"Resources": {"Table": protected}, "Outputs": {"Name": {"Value": {"Ref": "Table"}}}}
    data = {"Type": STACK, "Properties": {"TemplateURL": stacks.upload(fuller)}}
    whole = {
        "Resources": {"Data": data},
        "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Data", "Outputs.Name"]}}},
    }
    assert stacks.update(name, whole) == "UPDATE_COMPLETE"
    assert (stacks.resources(name), stacks.outputs(name)) == ({"Data": child}, {"Name": name})
    described = client("dynamodb").describe_table(TableName=name)["Table"]
    assert (described["DeletionProtectionEnabled"], described["ItemCount"]) == (True, 1)
    assert stacks.delete(name) == "DELETE_COMPLETE"
    assert stacks.describe(child)["StackStatus"] == "DELETE_COMPLETE"
    assert client("dynamodb").get_item(TableName=name, Key={"id": {"S": "kept"}})["Item"]


def test_stacks_that_cannot_be_nested_are_refused(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """One that has only imported, one with children, one with other tags or another template, one that is nested."""
    definition = make_table(client, name)
    template = standing_alone(stacks, f"{name}-child", definition)
    child = stacks.describe(f"{name}-child")["StackId"]
    stacks.create(name, HANDLE)

    def refused(definition: dict[str, Any], *, of: str = child, into: str = name) -> str:
        parent = {"Resources": {**HANDLE["Resources"], "Data": definition}}
        return reason(stacks, importing(stacks, into, parent, entry(STACK, "Data", StackId=of)))

    assert "not in an importable status, current stack status is IMPORT_COMPLETE" in refused(row(stacks, template))
    tagged(stacks, f"{name}-child")
    assert "Tags of resource [Data]" in refused(row(stacks, template, Tags=[]))
    assert "doesn't match the actual stack's template" in refused(row(stacks, HANDLE))
    nest = {"Resources": {"Inner": {"Type": STACK, "Properties": {"TemplateURL": stacks.upload(HANDLE)}}}}
    stacks.create(f"{name}-nest", nest)
    parents = stacks.describe(f"{name}-nest")["StackId"]
    assert "cannot have any child stacks" in refused(row(stacks, nest), of=parents)
    inner = stacks.resources(f"{name}-nest")["Inner"]
    assert "already exists in stack" in refused(row(stacks, HANDLE), of=inner)
    assert "cannot be imported into the nested stack" in refused(row(stacks, template), into=inner.split("/")[1])


def test_a_nested_stack_imports_a_resource_by_itself(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """An IMPORT change set on the child; the parent's next update finds the resource there and leaves it alone."""
    nested = {"Type": STACK, "Properties": {"TemplateURL": stacks.upload(HANDLE)}}
    stacks.create(name, {"Resources": {"Data": nested}})
    child = stacks.resources(name)["Data"]
    fuller = {"Resources": {**HANDLE["Resources"], "Table": make_table(client, name)}}
    made = importing(stacks, child, fuller, entry(TABLE, "Table", TableName=name))
    assert execute(stacks, child, made) == "IMPORT_COMPLETE"
    nested["Properties"] = {"TemplateURL": stacks.upload(fuller)}
    assert stacks.update(name, {"Resources": {"Data": nested}}) == "UPDATE_COMPLETE"
    assert stacks.resources(child)["Table"] == name
    assert client("dynamodb").get_item(TableName=name, Key={"id": {"S": "kept"}})["Item"]


def test_a_bucket_policy_is_imported_and_never_put_over_another(
    stacks: Stacks, client: ClientFactory, name: str
) -> None:
    """A create beside a policy that is there fails with AWS's words; an import takes the policy as it is."""
    bucket = name.lower()
    s3 = client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Sid": "Mine"}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    policy = {"Type": "AWS::S3::BucketPolicy", **KEPT, "Properties": {"Bucket": bucket, "PolicyDocument": document}}
    template = {"Resources": {"Policy": policy}}
    assert stacks.create(f"{name}-made", template) == "ROLLBACK_COMPLETE"
    assert f"The bucket policy already exists on bucket {bucket}." in str(stacks.events(f"{name}-made"))
    assert "Mine" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    made = importing(stacks, name, template, entry("AWS::S3::BucketPolicy", "Policy", Bucket=bucket))
    assert execute(stacks, name, made) == "IMPORT_COMPLETE"
    none = importing(stacks, f"{name}-none", template, entry("AWS::S3::BucketPolicy", "Policy", Bucket="no-such"))
    assert "was not found" in reason(stacks, none)


def automatic(stacks: Stacks, name: str, template: dict[str, Any], kind: str = "CREATE") -> dict[str, Any]:
    """A change set of a root that imports what exists, its nested ones included."""
    made = stacks.cfn.create_change_set(
        StackName=name,
        ChangeSetName=f"auto-{time.monotonic_ns()}",
        ChangeSetType=kind,
        TemplateBody=json.dumps(template),
        IncludeNestedStacks=True,
        ImportExistingResources=True,
    )
    found: dict[str, Any] = stacks.cfn.describe_change_set(ChangeSetName=made["Id"])
    return found


def test_a_root_imports_what_exists_into_its_nested_stacks(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """ImportExistingResources, from the root: the child's change says Import, and the rows stay."""
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}
    inner = {"Resources": {"Table": make_table(client, name), "Queue": queue}}
    nested = {"Type": STACK, "Properties": {"TemplateURL": stacks.upload(inner)}}
    root = automatic(stacks, name, {"Resources": {"Data": nested}})
    assert root["Status"] == "CREATE_COMPLETE"
    below = root["Changes"][0]["ResourceChange"]["ChangeSetId"]
    changes = stacks.cfn.describe_change_set(ChangeSetName=below)["Changes"]
    assert {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"]["Action"] for each in changes} == {
        "Queue": "Add",
        "Table": "Import",
    }
    assert execute(stacks, name, root["ChangeSetId"]) == "CREATE_COMPLETE"
    child = stacks.resources(name)["Data"]
    assert stacks.resources(child)["Table"] == name
    assert ("Table", "IMPORT_COMPLETE", "Resource import completed.") in stacks.events(child)
    assert client("dynamodb").get_item(TableName=name, Key={"id": {"S": "kept"}})["Item"]


def test_what_is_not_retained_is_not_imported_by_itself(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """The nested change set fails with AWS's reason, and so does the root's."""
    definition = make_table(client, name)
    del definition["DeletionPolicy"]
    nested = {"Type": STACK, "Properties": {"TemplateURL": stacks.upload({"Resources": {"Table": definition}})}}
    root = automatic(stacks, name, {"Resources": {"Data": nested}})
    assert root["Status"] == "FAILED"
    below = stacks.cfn.describe_change_set(ChangeSetName=root["ChangeSetId"])["Changes"][0]["ResourceChange"]
    reason = stacks.cfn.describe_change_set(ChangeSetName=below["ChangeSetId"])["StatusReason"]
    assert "must have the DeletionPolicy attribute set to 'Retain'" in reason


def test_a_rollback_lets_go_of_what_was_imported(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """Another resource of the child fails: the table leaves the stack as it came, with its rows."""
    broken = {
        "Type": "AWS::CloudFormation::CustomResource",
        "DependsOn": "Table",
        "Properties": {"ServiceToken": "arn:aws:lambda:eu-central-1:000000000000:function:nobody-made-this"},
    }
    inner = {"Resources": {"Table": make_table(client, name), "Broken": broken}}
    nested = {"Type": STACK, "Properties": {"TemplateURL": stacks.upload(inner)}}
    root = automatic(stacks, name, {"Resources": {"Data": nested}})
    assert execute(stacks, name, root["ChangeSetId"]) == "ROLLBACK_COMPLETE"
    assert client("dynamodb").get_item(TableName=name, Key={"id": {"S": "kept"}})["Item"]
    owner = f"{name}-owner"
    template = {"Resources": {"Table": {**table(name), **KEPT}}}
    made = importing(stacks, owner, template, entry(TABLE, "Table", TableName=name))
    assert execute(stacks, owner, made) == "IMPORT_COMPLETE"
