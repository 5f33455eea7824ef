"""EventBridge Scheduler: schedules and their groups."""

from __future__ import annotations

from tapgen.iam.resource_actions.calls import Omission, ResourceCalls

ROWS = (
    ResourceCalls(
        "AWS::Scheduler::Schedule",
        create="iam:PassRole; scheduler:CreateSchedule GetSchedule",
        read="scheduler:GetSchedule",
        update="iam:PassRole; scheduler:GetSchedule UpdateSchedule",
        delete="scheduler:DeleteSchedule GetSchedule",
        omitted=(
            Omission("kms:Decrypt DescribeKey GenerateDataKey", "schedules hold no secrets", unless=("KmsKeyArn",)),
        ),
    ),
    ResourceCalls(
        "AWS::Scheduler::ScheduleGroup",
        create="scheduler:CreateScheduleGroup GetScheduleGroup ListTagsForResource TagResource",
        read="scheduler:GetScheduleGroup ListTagsForResource",
        update="scheduler:GetScheduleGroup ListTagsForResource TagResource UntagResource",
        delete="scheduler:DeleteScheduleGroup GetScheduleGroup",
    ),
)
