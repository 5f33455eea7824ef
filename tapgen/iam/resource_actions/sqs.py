"""Queues and their policies."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::SQS::Queue",
        create="sqs:CreateQueue GetQueueAttributes GetQueueUrl ListQueueTags TagQueue",
        read="sqs:GetQueueAttributes ListQueueTags",
        update="sqs:GetQueueAttributes ListQueueTags SetQueueAttributes TagQueue UntagQueue",
        delete="sqs:DeleteQueue GetQueueAttributes",
    ),
    ResourceCalls(
        "AWS::SQS::QueueInlinePolicy",
        create="sqs:GetQueueAttributes GetQueueUrl SetQueueAttributes",
        read="sqs:GetQueueAttributes GetQueueUrl",
        update="sqs:GetQueueAttributes GetQueueUrl SetQueueAttributes",
        delete="sqs:GetQueueAttributes SetQueueAttributes",
    ),
    ResourceCalls(
        "AWS::SQS::QueuePolicy",
        create="sqs:SetQueueAttributes",
        read="sqs:GetQueueAttributes",
        update="sqs:SetQueueAttributes",
        delete="sqs:SetQueueAttributes",
    ),
)
