"""The observability stack: topics by severity, alarms, escalation, saved queries, and a rule that tells of shifts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs import sns
from awacs.aws import Allow, ArnLike, Bool, Condition, Deny, PolicyDocument, Principal, Statement, StringEquals
from troposphere import Ref, Sub, Tags
from troposphere.cloudwatch import CompositeAlarm
from troposphere.events import Rule, Target
from troposphere.logs import QueryDefinition
from troposphere.sns import SubscriptionResource, Topic, TopicPolicy

from tapgen.iam import arns
from tapgen.templates import wiring
from tapgen.templates.alarms import make_alarms
from tapgen.templates.dashboard import add_dashboard
from tapgen.templates.queries import QUERIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.config.environment import Endpoint
    from tapgen.templates.wiring import Context, Stack, Value

SEVERITIES = ("warning", "critical")
_TOPIC_OUTPUTS: Mapping[str, Value] = {
    "warning": wiring.WARNING_TOPIC_ARN,
    "critical": wiring.CRITICAL_TOPIC_ARN,
}


def build(context: Context) -> Stack:
    """Everything that watches."""
    stack = wiring.Stack("observability", "Alarms, notifications and dashboard of the transactions service")
    topics = {severity: _add_topic(stack, context, severity) for severity in SEVERITIES}
    alarms = make_alarms(stack, context)
    for item in alarms:
        # Recovery goes where the alarm went: who was called must hear that it is over.
        item.alarm.AlarmActions = item.alarm.OKActions = [topics[item.severity].ref()]
        stack.add(item.alarm)
    _add_escalation(stack, context, [item.alarm for item in alarms if item.severity == "warning"], topics["critical"])
    add_dashboard(stack, context, [item.alarm for item in alarms])
    _add_queries(stack, context)
    _add_rule(stack, context, topics)
    return stack


def _add_topic(stack: Stack, context: Context, severity: str) -> Topic:
    # CloudWatch cannot publish to a topic encrypted with alias/aws/sns, whose policy is fixed (SNS developer guide,
    # "Enable compatibility between event sources and encrypted topics"): only a key of our own encrypts at rest.
    encryption = {"KmsMasterKeyId": stack.take(wiring.KEY_ARN)} if context.environment.customer_managed else {}
    topic = stack.add(
        Topic(
            f"{severity.capitalize()}Topic",
            TopicName=context.names.topic(severity),
            DisplayName=f"{context.names.deployment} {severity}"[:100],
            Tags=Tags(**context.environment.cost_tags),
            **encryption,
        )
    )
    stack.add(
        TopicPolicy(
            f"{severity.capitalize()}TopicPolicy",
            Topics=[topic.ref()],
            PolicyDocument=PolicyDocument(Version="2012-10-17", Statement=_topic_statements(context, topic)),
        )
    )
    endpoints: tuple[Endpoint, ...] = getattr(context.environment.notifications, severity)
    for number, endpoint in enumerate(endpoints, start=1):
        stack.add(
            SubscriptionResource(
                f"{severity.capitalize()}Subscription{number}",
                TopicArn=topic.ref(),
                Protocol=endpoint.protocol,
                Endpoint=endpoint.endpoint,
            )
        )
    stack.give(_TOPIC_OUTPUTS[severity], topic.ref())
    return topic


def _topic_statements(context: Context, topic: Topic) -> list[Statement]:
    account = {"aws:SourceAccount": Ref("AWS::AccountId")}
    alarms = arns.regional("cloudwatch", f"alarm:{context.names.prefix}-*")
    rules = arns.regional("events", f"rule/{context.names.prefix}-*")
    return [
        _allow_publish(
            "PublishAlarms",
            "cloudwatch.amazonaws.com",
            topic,
            [ArnLike({"aws:SourceArn": alarms}), StringEquals(account)],
        ),
        # EventBridge sends the rule's ARN as the source.
        _allow_publish("PublishEvents", "events.amazonaws.com", topic, [ArnLike({"aws:SourceArn": rules})]),
        Statement(
            Sid="RefusePlainHttp",
            Effect=Deny,
            Principal=Principal("*"),
            Action=[sns.Publish],
            Resource=[topic.ref()],
            Condition=Condition(Bool({"aws:SecureTransport": "false"})),
        ),
    ]


def _allow_publish(sid: str, service: str, topic: Topic, conditions: list[Any]) -> Statement:
    return Statement(
        Sid=sid,
        Effect=Allow,
        Principal=Principal("Service", service),
        Action=[sns.Publish],
        Resource=[topic.ref()],
        Condition=Condition(conditions),
    )


def _add_escalation(stack: Stack, context: Context, warnings: list[Any], topic: Topic) -> None:
    """Several warnings at once are more than a warning: any two of them go to the critical topic."""
    names = [alarm.AlarmName for alarm in warnings]
    pairs = [
        f'(ALARM("{one}") AND ALARM("{other}"))' for index, one in enumerate(names) for other in names[index + 1 :]
    ]
    stack.add(
        CompositeAlarm(
            "Escalation",
            AlarmName=context.names.alarm("escalation"),
            AlarmDescription=f"Two warnings at once on {context.names.deployment}",
            AlarmRule=" OR ".join(pairs),
            ActionsEnabled=True,
            AlarmActions=[topic.ref()],
            OKActions=[topic.ref()],
            # A composite alarm's rule names its children: they must be there first.
            DependsOn=[alarm.title for alarm in warnings],
            Tags=Tags(**context.environment.cost_tags),
        )
    )


def _add_queries(stack: Stack, context: Context) -> None:
    for query in QUERIES:
        stack.add(
            QueryDefinition(
                query.logical_id,
                Name=f"{context.names.deployment}/{query.name}",
                QueryString=query.text,
                LogGroupNames=[context.names.access_log_group]
                if query.access_log
                else [context.names.function_log_group("api")],
            )
        )


def _add_rule(stack: Stack, context: Context, topics: Mapping[str, Topic]) -> None:
    """Shifts that end badly and stacks that fail reach the critical topic without anybody watching."""
    names = context.names
    stack.add(
        Rule(
            "ShiftRule",
            Name=names.name("rule", "shifts"),
            Description=f"Traffic shifts of {names.deployment}",
            EventPattern={
                "source": ["aws.codedeploy"],
                "detail-type": ["CodeDeploy Deployment State-change Notification"],
                "detail": {
                    "application": [names.name("application", "shifts")],
                    "state": ["START", "SUCCESS", "FAILURE", "STOP"],
                },
            },
            State="ENABLED",
            Targets=[Target(Id="warning", Arn=topics["warning"].ref())],
            Tags=Tags(**context.environment.cost_tags),
        )
    )
    stack.add(
        Rule(
            "StackFailureRule",
            Name=names.name("rule", "stack-failures"),
            Description=f"Stack operations of {names.deployment} that failed",
            EventPattern={
                "source": ["aws.cloudformation"],
                "detail-type": ["CloudFormation Stack Status Change"],
                "detail": {
                    "stack-id": [{"prefix": Sub(_STACK_PREFIX.format(stack=names.root_stack))}],
                    "status-details": {"status": [{"suffix": "_FAILED"}, {"suffix": "ROLLBACK_COMPLETE"}]},
                },
            },
            State="ENABLED",
            Targets=[Target(Id="critical", Arn=topics["critical"].ref())],
            Tags=Tags(**context.environment.cost_tags),
        )
    )


_STACK_PREFIX = "arn:${{AWS::Partition}}:cloudformation:${{AWS::Region}}:${{AWS::AccountId}}:stack/{stack}"
