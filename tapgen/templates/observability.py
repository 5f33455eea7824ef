"""The observability stack: topics by severity, alarms, escalation, saved queries, and a rule that tells of shifts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs import sns
from awacs.aws import Allow, ArnLike, Bool, Condition, Deny, Principal, Statement, StringEquals
from troposphere import Ref, Sub, Tags
from troposphere.events import Rule, Target
from troposphere.logs import QueryDefinition
from troposphere.sns import SubscriptionResource, Topic, TopicPolicy

from tapgen.elements import wiring
from tapgen.iam import arns
from tapgen.iam.roles import document
from tapgen.templates.alarms import add_composites, make_alarms
from tapgen.templates.alarms.shifts import START_RULE
from tapgen.templates.dashboard import add_dashboard
from tapgen.templates.key_policy import SEVERITIES
from tapgen.templates.queries import list_queries
from tapgen.templates.ways_out import add_resources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.config.environment import Endpoint
    from tapgen.elements.wiring import Context, Stack, Value

_TOPIC_OUTPUTS: Mapping[str, Value] = {
    "warning": wiring.WARNING_TOPIC_ARN,
    "critical": wiring.CRITICAL_TOPIC_ARN,
}


def build(context: Context) -> Stack:
    """Everything that watches."""
    name = wiring.stack_name("observability", context.block)
    stack = wiring.Stack(name, f"Alarms, notifications and dashboard of the {context.service.title}")
    if not context.first:
        return _build_further(stack, context)
    topics = {severity: _add_topic(stack, context, severity) for severity in SEVERITIES}
    alarms = make_alarms(stack, context)
    for item in alarms:
        if item.definition.notifies:
            # Recovery goes where the alarm went: who was called must hear that it is over.
            item.alarm.AlarmActions = item.alarm.OKActions = [topics[item.severity].ref()]
        stack.add(item.alarm)
    add_composites(stack, context, topics)
    add_dashboard(stack, context, [item.alarm for item in alarms])
    _add_queries(stack, context)
    _add_rules(stack, context, topics)
    add_resources(stack, context)
    return stack


def _build_further(stack: Stack, context: Context) -> Stack:
    """The alarms of one more block's parts and their dashboard; what calls on behalf of several is in the first."""
    alarms = make_alarms(stack, context)
    for item in alarms:
        if item.definition.notifies:
            # By name: the composite alarms beside the topics name these alarms, so that these are made first.
            topic = arns.regional("sns", context.names.topic(item.severity))
            item.alarm.AlarmActions = item.alarm.OKActions = [Sub(topic["Fn::Sub"])]
        stack.add(item.alarm)
    if alarms:
        add_dashboard(stack, context, [item.alarm for item in alarms])
    return stack


def _add_topic(stack: Stack, context: Context, severity: str) -> Topic:
    # CloudWatch cannot publish to a topic encrypted with alias/aws/sns, whose policy is fixed (SNS developer guide,
    # "Enable compatibility between event sources and encrypted topics"): only a key of our own encrypts at rest.
    key = stack.take_key(context)
    encryption = {"KmsMasterKeyId": key} if key else {}
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
            PolicyDocument=document(_topic_statements(context, topic)),
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
    stack.export(_TOPIC_OUTPUTS[severity], topic.ref())
    return topic


def _topic_statements(context: Context, topic: Topic) -> list[Statement]:
    alarms = arns.regional("cloudwatch", f"alarm:{context.names.prefix}-*")
    return [
        Statement(
            Sid="PublishAlarms",
            Effect=Allow,
            Principal=Principal("Service", "cloudwatch.amazonaws.com"),
            Action=[sns.Publish],
            Resource=[topic.ref()],
            Condition=Condition(
                [ArnLike({"aws:SourceArn": alarms}), StringEquals({"aws:SourceAccount": Ref("AWS::AccountId")})]
            ),
        ),
        # EventBridge sends no condition keys to SNS: a statement with one would drop every notification (EventBridge
        # user guide, "Using resource-based policies", Amazon SNS permissions). A role for the target is no way out,
        # the same page advises against it for encrypted topics.
        Statement(
            Sid="PublishEvents",
            Effect=Allow,
            Principal=Principal("Service", "events.amazonaws.com"),
            Action=[sns.Publish],
            Resource=[topic.ref()],
        ),
        Statement(
            Sid="RefusePlainHttp",
            Effect=Deny,
            Principal=Principal("*"),
            Action=[sns.Publish],
            Resource=[topic.ref()],
            Condition=Condition(Bool({"aws:SecureTransport": "false"})),
        ),
    ]


def _add_queries(stack: Stack, context: Context) -> None:
    for query, groups in list_queries(context.names, context.service):
        stack.add(
            QueryDefinition(
                query.logical_id,
                Name=f"{context.names.deployment}/{query.name}",
                QueryString=query.text,
                LogGroupNames=list(groups),
            )
        )


def _add_rules(stack: Stack, context: Context, topics: Mapping[str, Topic]) -> None:
    """Shifts reach people, and what ends badly reaches the critical topic, without anybody watching."""
    names = context.names
    for role, states, severity in (
        # By itself: its count tells the alarms that a shift runs.
        (START_RULE, ["START"], "warning"),
        ("shifts", ["SUCCESS"], "warning"),
        ("shift-failures", ["FAILURE", "STOP"], "critical"),
    ):
        pattern = {
            "source": ["aws.codedeploy"],
            "detail-type": ["CodeDeploy Deployment State-change Notification"],
            "detail": {"application": list(names.applications), "state": states},
        }
        text = f"Traffic shifts of {names.deployment}: {' and '.join(states)}"
        _add_rule(stack, context, role=role, text=text, pattern=pattern, topic=topics[severity])
    pattern = {
        "source": ["aws.cloudformation"],
        "detail-type": ["CloudFormation Stack Status Change"],
        "detail": {
            # The root, and the nested stacks whose names begin with its own.
            "stack-id": [{"prefix": arns.regional("cloudformation", f"stack/{names.root_stack}")}],
            "status-details": {"status": [{"suffix": "_FAILED"}, {"suffix": "ROLLBACK_COMPLETE"}]},
        },
    }
    text = f"Stack operations of {names.deployment} that failed"
    _add_rule(stack, context, role="stack-failures", text=text, pattern=pattern, topic=topics["critical"])


def _add_rule(  # noqa: PLR0913 - a rule is its name, text, pattern and target
    stack: Stack, context: Context, *, role: str, text: str, pattern: Any, topic: Topic
) -> None:
    stack.add(
        Rule(
            f"{role.title().replace('-', '')}Rule",
            Name=context.names.name("rule", role),
            Description=text,
            EventPattern=pattern,
            State="ENABLED",
            Targets=[Target(Id="topic", Arn=topic.ref())],
            Tags=Tags(**context.environment.cost_tags),
        )
    )
