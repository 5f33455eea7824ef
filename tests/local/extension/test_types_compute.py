"""Functions, policies, queries and topics: what a template asks for is what the service answers afterwards."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.extension.templates import arn, function, ref, role

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory, Stacks


def test_a_function_has_its_concurrency_key_and_dead_letter_queue(
    stacks: Stacks, client: ClientFactory, name: str
) -> None:
    """What MiniStack's handler drops, and what an update takes away again."""
    queue = {"Type": "AWS::SQS::Queue"}
    full = function(
        name,
        ReservedConcurrentExecutions=3,
        KmsKeyArn="arn:aws:kms:eu-central-1:000000000000:key/a",
        DeadLetterConfig={"TargetArn": arn("Queue")},
    )
    stacks.create(name, {"Resources": {"Role": role(), "Queue": queue, "Function": full}})
    functions = client("lambda")
    assert functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 3
    configuration = functions.get_function_configuration(FunctionName=name)
    assert configuration["KMSKeyArn"].endswith("key/a")
    assert ":sqs:" in configuration["DeadLetterConfig"]["TargetArn"]
    stacks.update(name, {"Resources": {"Role": role(), "Queue": queue, "Function": function(name)}})
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(FunctionName=name)
    assert "DeadLetterConfig" not in functions.get_function_configuration(FunctionName=name)


def test_code_that_is_not_in_the_bucket_fails_the_stack(stacks: Stacks, name: str) -> None:
    """A function is not created without its code."""
    absent = function(name, Code={"S3Bucket": "no-such-bucket", "S3Key": "code.zip"})
    assert stacks.create(name, {"Resources": {"Role": role(), "Function": absent}}) == "ROLLBACK_COMPLETE"
    assert "S3 Error Code: NoSuchKey" in " ".join(reason for _, _, reason in stacks.events(name))


def test_a_role_policy_lives_and_dies_with_its_stack(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """AWS::IAM::RolePolicy is created, changed and removed."""

    def policy(action: str) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::bucket"}
        return {
            "Type": "AWS::IAM::RolePolicy",
            "Properties": {
                "RoleName": ref("Role"),
                "PolicyName": "extra",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            },
        }

    stacks.create(name, {"Resources": {"Role": role(), "Policy": policy("s3:GetObject")}})
    stacks.update(name, {"Resources": {"Role": role(), "Policy": policy("s3:PutObject")}})
    iam, role_name = client("iam"), stacks.resources(name)["Role"]
    found = iam.get_role_policy(RoleName=role_name, PolicyName="extra")["PolicyDocument"]
    assert found["Statement"][0]["Action"] == "s3:PutObject"
    stacks.update(name, {"Resources": {"Role": role()}})
    assert iam.list_role_policies(RoleName=role_name)["PolicyNames"] == []


def test_saved_queries_are_created_changed_and_removed(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """AWS::Logs::QueryDefinition through its stack, and its API beside it."""

    def query(text: str) -> dict[str, Any]:
        return {"Type": "AWS::Logs::QueryDefinition", "Properties": {"Name": f"{name}/errors", "QueryString": text}}

    logs = client("logs")

    def saved() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = logs.describe_query_definitions(queryDefinitionNamePrefix=name)[
            "queryDefinitions"
        ]
        return found

    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}}
    stacks.create(name, {"Resources": {"Query": query("fields @message"), "Group": group}})
    identifier = stacks.resources(name)["Query"]
    stacks.update(name, {"Resources": {"Query": query("fields @timestamp"), "Group": group}})
    assert [(each["queryDefinitionId"], each["queryString"]) for each in saved()] == [(identifier, "fields @timestamp")]
    logs.put_query_definition(name=f"{name}/other", queryString="stats count()")
    assert [each["name"] for each in saved()] == [f"{name}/errors", f"{name}/other"]
    stacks.update(name, {"Resources": {"Group": group}})
    other = saved()[0]
    assert logs.delete_query_definition(queryDefinitionId=other["queryDefinitionId"])["success"]
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.delete_query_definition(queryDefinitionId=other["queryDefinitionId"])


def test_a_topic_has_its_key(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """Encrypted delivery is visible on the topic."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, "KmsMasterKeyId": "alias/a-key"}}
    stacks.create(name, {"Resources": {"Topic": topic}})
    attributes = client("sns").get_topic_attributes(TopicArn=stacks.resources(name)["Topic"])["Attributes"]
    assert attributes["KmsMasterKeyId"] == "alias/a-key"


def test_a_function_finds_its_layer(stacks: Stacks, client: ClientFactory, name: str) -> None:
    """An ARM function imports from a layer that lies in a bucket, and a published version does too."""
    s3, bucket = client("s3"), f"{name}-artifacts"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as layer:
        layer.writestr("python/greeting.py", "WORDS = 'from the layer'\n")
    s3.put_object(Bucket=bucket, Key="layer.zip", Body=archive.getvalue())
    code = "import greeting\ndef handler(event, context):\n    return greeting.WORDS, context.function_version\n"
    layer_version = {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {
            "LayerName": name,
            "Content": {"S3Bucket": bucket, "S3Key": "layer.zip"},
            "CompatibleArchitectures": ["arm64"],
            "CompatibleRuntimes": ["python3.13"],
        },
    }
    resources = {
        "Role": role(),
        "Layer": layer_version,
        "Function": function(name, Layers=[ref("Layer")], Code={"ZipFile": code}),
        "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": ref("Function")}},
    }
    assert stacks.create(name, {"Resources": resources}) == "CREATE_COMPLETE"
    answer = client("lambda").invoke(FunctionName=name, Qualifier="1")
    assert json.load(answer["Payload"]) == ["from the layer", "1"]
