"""Templates by URL: every form that S3 has for an object, and what AWS's own tools ask for besides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.local.extension.cloudformation.template_urls import Place, read_url
from tests.local.conftest import REGION
from tests.local.extension.deliveries import resource

if TYPE_CHECKING:
    from tests.local.conftest import ClientFactory

TEMPLATE = json.dumps({"Resources": {"Queue": resource("AWS::SQS::Queue")}})


@pytest.mark.parametrize(
    "host",
    [
        "https://{bucket}.s3.{region}.amazonaws.com/{key}",
        "https://{bucket}.s3.amazonaws.com/{key}",
        "https://{bucket}.s3-{region}.amazonaws.com/{key}",
        "https://{bucket}.s3.dualstack.{region}.amazonaws.com/{key}",
        "https://s3.{region}.amazonaws.com/{bucket}/{key}",
        "https://s3.amazonaws.com/{bucket}/{key}",
        "https://s3.dualstack.{region}.amazonaws.com/{bucket}/{key}",
    ],
)
def test_a_template_is_found_in_every_form(client: ClientFactory, name: str, host: str) -> None:
    """By a change set, with a key that needs encoding, in a bucket with dots in its name."""
    bucket = f"templates.{name[-6:]}"
    s3, cfn = client("s3"), client("cloudformation")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="a stack/template+1.json", Body=TEMPLATE)
    url = host.format(bucket=bucket, region=REGION, key="a%20stack/template%2B1.json")
    made = cfn.create_change_set(StackName=name, ChangeSetName="first", ChangeSetType="CREATE", TemplateURL=url)
    (change,) = cfn.describe_change_set(ChangeSetName=made["Id"])["Changes"]
    assert change["ResourceChange"]["LogicalResourceId"] == "Queue"
    assert cfn.validate_template(TemplateURL=url)["Parameters"] == []
    with pytest.raises(ClientError, match="not found"):
        cfn.get_template_summary(TemplateURL=f"{url}.missing")


def test_an_old_version_of_a_template(client: ClientFactory, name: str) -> None:
    """A URL may name the version of the object."""
    bucket = name.lower()
    s3 = client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="template.json", Body=TEMPLATE)["VersionId"]
    s3.put_object(Bucket=bucket, Key="template.json", Body="{}")
    url = f"https://{bucket}.s3.{REGION}.amazonaws.com/template.json?versionId={first}"
    assert client("cloudformation").get_template_summary(TemplateURL=url)["ResourceTypes"] == ["AWS::SQS::Queue"]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://a.b.s3.cn-north-1.amazonaws.com.cn/k", Place("a.b", "k", "")),
        ("https://b.s3.eusc-de-east-1.amazonaws.eu/k", Place("b", "k", "")),
        ("https://b.s3-fips.us-east-1.amazonaws.com/k", Place("b", "k", "")),
        ("https://b.s3-fips.dualstack.us-east-1.amazonaws.com/k", Place("b", "k", "")),
        ("https://s3.b.s3.us-east-1.amazonaws.com/k", Place("s3.b", "k", "")),
        ("http://localhost:4566/b/k/l", Place("b", "k/l", "")),
        ("https://b.s3.amazonaws.com/a%3Fb%23c?versionId=1", Place("b", "a?b#c", "1")),
        ("https://b.s3.amazonaws.com/", None),
        ("s3://b/k", None),
        ("template.json", None),
    ],
)
def test_what_a_url_names(url: str, place: Place | None) -> None:
    """Partitions, FIPS, odd buckets and odd keys."""
    assert read_url(url) == place


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        ("create_change_set", {"OnStackFailure": "ROLLBACK", "ImportExistingResources": False, "ClientToken": "one"}),
        (
            "create_change_set",
            {"Description": "by CDK", "IncludeNestedStacks": True, "Tags": [{"Key": "a", "Value": "b"}]},
        ),
        ("create_change_set", {"NotificationARNs": [], "RollbackConfiguration": {}, "ResourceTypes": ["AWS::*"]}),
        ("create_stack", {"EnableTerminationProtection": False, "ClientRequestToken": "two", "TimeoutInMinutes": 5}),
        ("create_stack", {"OnFailure": "DELETE", "RetainExceptOnCreate": True, "DisableRollback": None}),
    ],
)
def test_what_other_tools_send_is_taken(
    client: ClientFactory, name: str, call: str, parameters: dict[str, Any]
) -> None:
    """Optional parameters of SAM, CDK and the AWS CLI."""
    given = {key: value for key, value in parameters.items() if value is not None}
    if call == "create_change_set":
        given |= {"ChangeSetName": "first", "ChangeSetType": "CREATE"}
    answer = getattr(client("cloudformation"), call)(StackName=name, TemplateBody=TEMPLATE, **given)
    assert answer["StackId"]
