"""Rules and buses of EventBridge."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::Events::EventBus",
        create="events:CreateEventBus DescribeEventBus ListTagsForResource TagResource",
        read="events:DescribeEventBus ListTagsForResource",
        update="events:DescribeEventBus TagResource UntagResource UpdateEventBus",
        delete="events:DeleteEventBus DescribeEventBus ListTagsForResource UntagResource UpdateEventBus",
        omitted=(
            Omission("events:PutPermission RemovePermission", "no policy of the bus", unless=("Policy",)),
            Omission(
                "kms:Decrypt DescribeKey GenerateDataKey", "events are not encrypted", unless=("KmsKeyIdentifier",)
            ),
        ),
    ),
    ResourceCalls(
        "AWS::Events::Rule",
        create="events:DescribeRule PutRule PutTargets TagResource",
        read="events:DescribeRule ListTagsForResource ListTargetsByRule",
        update=("events:DescribeRule ListTagsForResource PutRule PutTargets RemoveTargets TagResource UntagResource"),
        delete="events:DeleteRule DescribeRule ListTargetsByRule RemoveTargets",
        omitted=(
            Omission("iam:PassRole", "its targets are topics, which take events without a role", unless=("RoleArn",)),
        ),
    ),
)
