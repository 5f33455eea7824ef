"""What the embedded AWS cannot prove: permissions that AWS services use with a role, out of sight of anybody's request.

Each stands with the reason why it is needed and AWS's documentation of it. The list is closed: the same action on
another resource, or for another role, is not stated and has to be proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.iam.grants import matches

if TYPE_CHECKING:
    from tapgen.iam.grants import Grant


@dataclass(frozen=True, kw_only=True)
class Stated:
    """Actions on one kind of resource."""

    actions: frozenset[str]
    resource: str
    """A pattern of the resource's ARN."""
    reason: str
    source: str
    """AWS's documentation."""
    narrowed: bool = False
    """Whether a condition must stand beside it."""

    def covers(self, grant: Grant) -> bool:
        """Whether a grant is what is stated here."""
        narrow = not self.narrowed or bool(grant.condition)
        return grant.action in self.actions and matches(self.resource, grant.resource) and narrow


def state_logs(group: str) -> Stated:
    """What delivers the log of a function."""
    return Stated(
        actions=frozenset({"logs:CreateLogStream", "logs:PutLogEvents"}),
        resource=f"arn:*:logs:*:log-group:{group}:*",
        reason="Lambda delivers the function's log with its role",
        source="Lambda developer guide, 'Sending Lambda function logs to CloudWatch Logs'",
    )


TRACES = Stated(
    actions=frozenset({"xray:PutTelemetryRecords", "xray:PutTraceSegments"}),
    resource="*",
    reason="Lambda sends the trace's segments with the function's role",
    source="Lambda developer guide, 'Visualize Lambda function invocations using AWS X-Ray'",
    narrowed=True,
)
KEY = Stated(
    actions=frozenset({"kms:Decrypt", "kms:GenerateDataKey"}),
    resource="arn:*:kms:*:key/*",
    reason="DynamoDB, S3, SQS and Lambda use the key for their caller",
    source="KMS developer guide, 'kms:ViaService'; Lambda developer guide, 'Securing environment variables'",
    narrowed=True,
)


def state_stream(table: str) -> tuple[Stated, Stated]:
    """What reads a table's stream."""
    source = "Lambda developer guide, 'Process DynamoDB records with Lambda'"
    reason = "Lambda's poller reads the stream with the function's role"
    read = Stated(
        actions=frozenset({"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}),
        resource=f"arn:*:dynamodb:*:table/{table}/stream/*",
        reason=reason,
        source=source,
    )
    find = Stated(
        actions=frozenset({"dynamodb:ListStreams"}), resource="*", reason=reason, source=source, narrowed=True
    )
    return read, find
