"""Topics and subscriptions."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::SNS::Subscription",
        create="sns:Subscribe",
        read="sns:GetSubscriptionAttributes",
        update="sns:SetSubscriptionAttributes",
        delete="sns:GetSubscriptionAttributes Unsubscribe",
        omitted=(Omission("iam:GetRole PassRole", "no subscription needs a role", unless=("SubscriptionRoleArn",)),),
    ),
    ResourceCalls(
        "AWS::SNS::Topic",
        create="sns:CreateTopic GetTopicAttributes TagResource",
        read="sns:GetDataProtectionPolicy GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource",
        update=(
            "sns:GetDataProtectionPolicy GetTopicAttributes ListSubscriptionsByTopic "
            "ListTagsForResource SetTopicAttributes TagResource UntagResource"
        ),
        delete="sns:DeleteTopic GetTopicAttributes",
        omitted=(
            Omission("iam:GetRole PassRole", "no delivery status", unless=("DeliveryStatusLogging",)),
            Omission("sns:PutDataProtectionPolicy", "no data protection", unless=("DataProtectionPolicy",)),
            Omission("sns:Subscribe Unsubscribe", "subscriptions are resources of their own", unless=("Subscription",)),
        ),
    ),
    ResourceCalls(
        "AWS::SNS::TopicInlinePolicy",
        create="sns:GetTopicAttributes SetTopicAttributes",
        read="sns:GetTopicAttributes",
        update="sns:GetTopicAttributes SetTopicAttributes",
        delete="sns:GetTopicAttributes SetTopicAttributes",
    ),
    ResourceCalls(
        "AWS::SNS::TopicPolicy",
        create="sns:SetTopicAttributes",
        read="sns:GetTopicAttributes",
        update="sns:SetTopicAttributes",
        delete="sns:SetTopicAttributes",
    ),
)
