"""ARNs as ``Fn::Sub`` patterns: partition, region and account stay CloudFormation's to fill in."""

from __future__ import annotations

Arn = dict[str, str]
"""``{"Fn::Sub": "arn:${AWS::Partition}:…"}``."""


def regional(service: str, resource: str) -> Arn:
    """An ARN in this region and account."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"}


def s3(resource: str) -> Arn:
    """A bucket's or an object's ARN, which has neither region nor account."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:s3:::{resource}"}


def iam(resource: str) -> Arn:
    """An IAM ARN, which has no region."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:{resource}"}


def account_wide(service: str, resource: str) -> Arn:
    """An ARN of the whole account, which has no region: dashboards."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}::${{AWS::AccountId}}:{resource}"}
