"""A topic with its policy, and the queues that it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs import sns
from awacs.aws import Bool, Condition, Deny, Principal, Statement
from troposphere import GetAtt, Ref, Tags
from troposphere.sns import SubscriptionResource, Topic, TopicPolicy

from tapgen.iam.roles import document
from tapgen.parts.names import physical_name, refer
from tapgen.parts.topic import values

if TYPE_CHECKING:
    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.queue.model import Queue
    from tapgen.parts.topic.model import Topic as TopicPart


def build(stack: Stack, context: Context, part: TopicPart) -> None:
    """The topic; publishers of the service have it in their roles, so that the policy allows nobody else."""
    key = stack.take_key(context, part)
    encryption = {"KmsMasterKeyId": key} if key else {}
    topic = stack.add(
        Topic(
            part.logical_id,
            TopicName=physical_name(context.names, part),
            Tags=Tags(**context.tags),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
            **encryption,
        )
    )
    stack.add(
        TopicPolicy(
            f"{part.logical_id}Policy", Topics=[topic.ref()], PolicyDocument=document([_refuse_plain_http(topic)])
        )
    )
    for queue in part.queues:
        # A queue of a later stack is subscribed there.
        if queue.existing_arn or context.service.block_of(queue) <= context.block:
            stack.add(_subscribe(context, part, queue))
    stack.export(values.arn(part), topic.ref())


def build_away(stack: Stack, context: Context, part: TopicPart) -> None:
    """The subscriptions of queues that are made in a later stack than the topic: SNS asks the queue."""
    for queue in part.queues:
        later = context.block > context.service.block_of(part)
        if not queue.existing_arn and context.holds(queue) and not part.existing_arn and later:
            subscription = _subscribe(context, part, queue)
            subscription.TopicArn = stack.take(values.arn(part))
            stack.add(subscription)


def _subscribe(context: Context, part: TopicPart, queue: Queue) -> SubscriptionResource:
    """The queue gets the notification alone, without SNS's envelope."""
    own = not queue.existing_arn and context.holds(queue)
    return SubscriptionResource(
        f"{part.logical_id}Tells{queue.logical_id}",
        TopicArn=Ref(part.logical_id),
        Protocol="sqs",
        Endpoint=GetAtt(queue.logical_id, "Arn") if own else refer(context.names, queue),
        RawMessageDelivery=True,
        # SNS asks the queue whether it may deliver.
        **({"DependsOn": f"{queue.logical_id}Policy"} if own else {}),
    )


def _refuse_plain_http(topic: Topic) -> Statement:
    return Statement(
        Sid="RefusePlainHttp",
        Effect=Deny,
        Principal=Principal("*"),
        Action=[sns.Publish],
        Resource=[topic.ref()],
        Condition=Condition(Bool({"aws:SecureTransport": "false"})),
    )
