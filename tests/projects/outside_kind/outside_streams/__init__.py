"""A kind of part from another package: a stream of Amazon Kinesis."""

from __future__ import annotations

from tapgen.iam.families import Family
from tapgen.iam.families import register as register_families
from tapgen.iam.resource_actions import ResourceCalls
from tapgen.iam.resource_actions import register as register_calls
from tapgen.naming import register_limit
from tapgen.parts.registry import Kind

KIND = Kind(name="kinesis stream", package="outside_streams", stack="data")

register_calls(
    ResourceCalls(
        "AWS::Kinesis::Stream",
        create="kinesis:AddTagsToStream CreateStream DescribeStreamSummary ListTagsForStream StartStreamEncryption",
        read="kinesis:DescribeStreamSummary ListTagsForStream",
        update="kinesis:AddTagsToStream DescribeStreamSummary RemoveTagsFromStream UpdateStreamMode",
        delete="kinesis:DeleteStream DescribeStreamSummary",
    )
)
register_families(
    Family(
        sid="Streams",
        actions="kinesis:PutRecord PutRecords",
        resources=("arn:${AWS::Partition}:kinesis:${AWS::Region}:${AWS::AccountId}:stream/{p}-*",),
        reason="functions put records",
    )
)
# Kinesis API reference, CreateStream, StreamName.
register_limit("stream", 128)
