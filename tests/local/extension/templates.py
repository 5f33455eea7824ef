"""Parts of templates that several tests deploy."""

from __future__ import annotations

import json
from typing import Any

CODE = """
import json, os
def handler(event, context):
    if event["rawPath"].endswith("broken"):
        raise RuntimeError("broken")
    return {"statusCode": 200, "body": json.dumps({
        "path": event["rawPath"],
        "requestId": event["requestContext"]["requestId"],
        "function": context.function_name,
        "remaining": context.get_remaining_time_in_millis(),
        "endpoint": os.environ["AWS_ENDPOINT_URL"],
    })}
"""


def ref(name: str) -> dict[str, Any]:
    return {"Ref": name}


def arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def role(service: str = "lambda.amazonaws.com") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}},
    }


def function(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": name,
            "Runtime": "python3.13",
            "Architectures": ["arm64"],
            "Handler": "index.handler",
            "Timeout": 10,
            "Role": arn("Role"),
            "Code": {"ZipFile": CODE},
            **properties,
        },
    }


def table(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            **properties,
        },
    }


def acting_role(client: Any, name: str) -> str:
    """Make a role that CloudFormation may assume and that may do everything; its ARN."""
    iam, trust = client("iam"), role("cloudformation.amazonaws.com")["Properties"]["AssumeRolePolicyDocument"]
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=json.dumps(everything))
    return str(made)
