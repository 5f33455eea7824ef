"""No rule that was never seen to fail, and no property of a rendered resource that nobody looks after.

The short form of ``scripts/mutants``: one mutant for each rule, and a sample of all.
"""

from __future__ import annotations

import functools
from fnmatch import fnmatchcase

import pytest

from scripts.mutation.judges import Rules
from scripts.mutation.mutants import list_mutants
from scripts.mutation.subjects import PROJECTS, Subject, load_subject
from scripts.mutation.survey import survey
from tapgen.elements.templates import Templates
from tapgen.rules.judgement import judge
from tapgen.rules.registry import find_rule, list_rules

# (rule, service, stack, logical id, path, change) of a mutant that the rule must notice.
SEEN = [
    (
        "exact-resources",
        "shipped",
        "security",
        "ArchiverRole",
        "Properties.Policies.0.PolicyDocument.Statement.1.Action.0",
        "change",
    ),
    ("key-policy", "shipped", "security", "Key", "Properties.KeyPolicy.Statement.0.Principal", "remove"),
    (
        "key-use",
        "shipped",
        "security",
        "ArchiverRole",
        "Properties.Policies.0.PolicyDocument.Statement.2.Action",
        "remove",
    ),
    (
        "no-wildcard-action",
        "shipped",
        "data",
        "AccessLogBucketPolicy",
        "Properties.PolicyDocument.Statement.0.Effect",
        "change",
    ),
    ("policy-version", "shipped", "data", "DeadLetterQueuePolicy", "Properties.PolicyDocument.Version", "change"),
    (
        "role-trust",
        "shipped",
        "security",
        "CodeDeployRole",
        "Properties.AssumeRolePolicyDocument.Statement.0.Action",
        "empty",
    ),
    ("scoped-invocations", "shipped", "compute", "PreflightPermission", "Properties.SourceArn", "remove"),
    ("tls-only", "shipped", "data", "DeadLetterQueuePolicy", "Properties.PolicyDocument.Statement.0.Resource", "empty"),
    ("alarm-actions", "shipped", "observability", "LatencyBurn6h", "Properties.AlarmActions", "remove"),
    ("alarm-conditions", "shipped", "observability", "ApiErrors", "Properties.Threshold", "change"),
    (
        "alarm-dimensions",
        "shipped",
        "observability",
        "AvailabilityBurn1hLong",
        "Properties.Metrics.1.MetricStat.Metric.Dimensions.0.Name",
        "change",
    ),
    ("alarm-topics", "shipped", "observability", "WarningSubscription1", "Properties.TopicArn", "change"),
    ("composite-alarms", "shipped", "observability", "Escalation", "DependsOn", "remove"),
    ("saved-queries", "shipped", "observability", "ErrorsByRouteQuery", "Properties.LogGroupNames", "empty"),
    (
        "shift-events",
        "shipped",
        "observability",
        "StackFailuresRule",
        "Properties.EventPattern.detail.status-details",
        "remove",
    ),
    ("watched-parts", "shipped", "observability", "ApiErrors", "Properties.Dimensions.1", "drop"),
    ("guard-alarms", "shipped", "compute", "ArchiverLatencyGuard*", "Properties.Threshold", "remove"),
    (
        "guarded-shifts",
        "shipped",
        "compute",
        "ArchiverDeploymentGroup",
        "Properties.AutoRollbackConfiguration.Events.1",
        "change",
    ),
    ("guards-first", "shipped", "compute", "ArchiverLiveAlias", "DependsOn", "remove"),
    ("hook-functions", "shipped", "compute", "BeforeHookFunction", "Properties.FunctionName", "remove"),
    ("judged-shifts", "shipped", "compute", "ApiLiveAlias", "UpdatePolicy", "remove"),
    ("shift-configuration", "shipped", "compute", "ApiLiveAlias", "UpdatePolicy", "remove"),
    (
        "shift-grants",
        "shipped",
        "security",
        "AfterHookRole",
        "Properties.Policies.0.PolicyDocument.Statement.3.Action.1",
        "drop",
    ),
    ("cost-tags", "shipped", "observability", "ShiftRunning", "Properties.Tags.2.Value", "remove"),
    ("deployment-names", "shipped", "observability", "AvailabilityBurn1d", "Properties.AlarmName", "remove"),
    ("made-parts", "shipped", "data", "TransactionsTable", "Properties.TableName", "change"),
    ("nested-stacks", "shipped", "root", "Observability", "Properties.TemplateURL", "remove"),
    ("disposable", "shipped", "compute", "BeforeHookLogGroup", "DeletionPolicy", "change"),
    ("encryption", "shipped", "compute", "ArchiverFunction", "Properties.KmsKeyArn", "remove"),
    ("log-retention", "shipped", "compute", "AfterHookLogGroup", "Properties.RetentionInDays", "remove"),
    ("retained-data", "shipped", "data", "AccessLogBucket", "UpdateReplacePolicy", "remove"),
    (
        "stream-access",
        "shipped",
        "compute",
        "ArchiverReadsStream",
        "Properties.PolicyDocument.Statement.0.Action.2",
        "drop",
    ),
    ("stream-failures", "shipped", "compute", "ArchiverSource", "Properties.BisectBatchOnFunctionError", "flip"),
    ("stream-position", "shipped", "compute", "ArchiverSource", "Properties.StartingPosition", "change"),
    ("table-billing", "shipped", "data", "TransactionsTable", "Properties.BillingMode", "change"),
    ("table-expiry", "shipped", "data", "TransactionsTable", "Properties.TimeToLiveSpecification.Enabled", "flip"),
    ("table-keys", "shipped", "data", "TransactionsTable", "Properties.KeySchema.1", "drop"),
    ("table-protection", "shipped", "data", "TransactionsTable", "Properties.DeletionProtectionEnabled", "flip"),
    (
        "table-recovery",
        "shipped",
        "data",
        "TransactionsTable",
        "Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
        "flip",
    ),
    ("table-stream", "shipped", "data", "TransactionsTable", "Properties.StreamSpecification.StreamViewType", "remove"),
    (
        "bucket-access-logs",
        "shipped",
        "data",
        "AccessLogBucketPolicy",
        "Properties.PolicyDocument.Statement.1.Resource",
        "empty",
    ),
    (
        "bucket-lifecycle",
        "shipped",
        "data",
        "AccessLogBucket",
        "Properties.LifecycleConfiguration.Rules.0.Status",
        "change",
    ),
    ("bucket-policies-last", "shipped", "data", "ArchiveBucketPolicy", "DependsOn", "remove"),
    (
        "private-buckets",
        "shipped",
        "data",
        "ArchiveBucket",
        "Properties.OwnershipControls.Rules.0.ObjectOwnership",
        "change",
    ),
    ("queue-retention", "shipped", "data", "DeadLetterQueue", "Properties.MessageRetentionPeriod", "change"),
    ("api-authorizer", "shipped", "compute", "JwtAuthorizer", "Properties.IdentitySource.0", "change"),
    ("api-domain", "every_kind", "compute", "ApiDomain", "Properties.DomainName", "change"),
    ("api-integrations", "shipped", "compute", "ApiIntegration", "Properties.TimeoutInMillis", "change"),
    ("api-origins", "shipped", "compute", "Api", "Properties.CorsConfiguration.ExposeHeaders.0", "drop"),
    ("api-permissions", "shipped", "compute", "DefaultPermission", "Properties.Principal", "remove"),
    ("api-routes", "shipped", "compute", "DefaultRoute", "Properties.AuthorizerId", "remove"),
    ("api-stage", "shipped", "compute", "ApiStage", "Properties.AutoDeploy", "flip"),
    ("closed-routes", "shipped", "compute", "DefaultRoute", "Properties.AuthorizerId", "remove"),
    ("dependency-layer", "shipped", "compute", "Dependencies*", "Properties.CompatibleRuntimes", "empty"),
    ("function-code", "shipped", "compute", "ApiFunction", "Properties.Layers", "remove"),
    (
        "function-grants",
        "shipped",
        "security",
        "ArchiverRole",
        "Properties.Policies.0.PolicyDocument.Statement.0.Action",
        "empty",
    ),
    ("function-logs", "shipped", "compute", "ApiFunction", "DependsOn", "remove"),
    ("function-role", "shipped", "compute", "AfterHookFunction", "Properties.Role", "remove"),
    ("function-settings", "shipped", "compute", "ArchiverFunction", "Properties.Architectures", "remove"),
    (
        "function-variables",
        "shipped",
        "compute",
        "ArchiverFunction",
        "Properties.Environment.Variables.ENVIRONMENT",
        "remove",
    ),
    ("live-alias", "shipped", "compute", "ArchiverLiveAlias", "Properties.Name", "change"),
    (
        "bucket-events",
        "every_kind",
        "compute",
        "EverythingFilesBucketSource",
        "Properties.Targets.0.RetryPolicy.MaximumEventAgeInSeconds",
        "change",
    ),
    ("queue-dead-letters", "every_kind", "data", "OrderedQueue", "Properties.RedrivePolicy", "remove"),
    ("queue-order", "every_kind", "data", "OrderedQueue", "Properties.ContentBasedDeduplication", "remove"),
    ("queue-senders", "every_kind", "data", "FailedQueuePolicy", "Properties.PolicyDocument.Statement.1", "drop"),
    (
        "queue-source",
        "every_kind",
        "compute",
        "EverythingJobsQueueSource",
        "Properties.MaximumBatchingWindowInSeconds",
        "remove",
    ),
    ("queue-visibility", "every_kind", "data", "JobsQueue", "Properties.VisibilityTimeout", "change"),
    ("topic-queues", "every_kind", "data", "NewsTopicTellsToldQueue", "Properties.Endpoint", "remove"),
    (
        "topic-source",
        "every_kind",
        "compute",
        "GuestExistingBillingNewsTopicSourcePermission",
        "Properties.FunctionName",
        "change",
    ),
    (
        "secret-values",
        "every_kind",
        "data",
        "PaymentSecret",
        "Properties.GenerateSecretString.PasswordLength",
        "change",
    ),
    ("schedule-moments", "every_kind", "compute", "Everything8Schedule", "Properties.Name", "remove"),
    (
        "schedule-role",
        "every_kind",
        "security",
        "Everything7ScheduleRole",
        "Properties.Policies.0.PolicyDocument.Statement.1.Effect",
        "change",
    ),
    ("event-rules", "every_kind", "compute", "PlacedRulePermission", "Properties.SourceArn", "remove"),
    ("function-calls", "every_kind", "compute", "EverythingCalls", "Properties.MaximumEventAgeInSeconds", "remove"),
    (
        "function-concurrency",
        "every_kind",
        "compute",
        "FrontConcurrencyTarget",
        "Properties.ServiceNamespace",
        "remove",
    ),
    ("function-network", "every_kind", "compute", "GuestFunction", "Properties.VpcConfig.SecurityGroupIds", "remove"),
]
# What no change of one property can break: tests/unit/rules/test_rules.py does.
_SEEN_ELSEWHERE = {"limits"}
# Every so many mutants one is judged; prime, so that the sample meets every kind of place.
_STEP = 47

load = functools.cache(load_subject)


@pytest.mark.parametrize("row", SEEN, ids=[row[0] for row in SEEN])
def test_the_rule_notices(row: tuple[str, ...]) -> None:
    """Each rule is broken by a change of one property that it is there for, and holds before it."""
    rule_id, service, stack, logical_id, path, change = row
    subject, rule = load(service), find_rule(rule_id)
    before = judge(Templates(subject.environment, subject.templates), [rule])
    (mutant,) = [
        item
        for item in list_mutants(subject.templates)
        if (item.stack, ".".join(map(str, item.path)), item.change) == (stack, path, change)
        and fnmatchcase(item.logical_id, logical_id)
    ]

    after = judge(Templates(subject.environment, mutant.apply(subject.templates)), [rule])

    assert before.breaches == ()
    assert [breach.rule.id for breach in after.breaches][:1] == [rule_id]
    assert "cannot be judged" not in after.breaches[0].text


def test_every_rule_is_seen() -> None:
    """No rule exists that was never seen to fail."""
    assert {row[0] for row in SEEN} | _SEEN_ELSEWHERE == {rule.id for rule in list_rules()}


@pytest.mark.parametrize("service", PROJECTS)
def test_every_mutant_of_a_sample_is_noticed_or_reasoned(service: str) -> None:
    """By a rule, a schema, or a row of the table that says why nobody needs to; and every rule bears every mutant."""
    found = survey(load(service), step=_STEP)

    assert [str(mutant) for mutant in found.open] == []
    assert found.crashed == set()
    assert found.rules.total() > found.reasons.total()


def test_what_stays_is_not_noticed() -> None:
    """The judge of mutants answers nothing for templates as they are: what it notices is the change."""
    subject: Subject = load("orders")
    (mutant, *_) = list_mutants(subject.templates)
    unchanged = {
        "stack": mutant.stack,
        "logical_id": mutant.logical_id,
        "type": mutant.type,
        "path": mutant.path,
        "change": mutant.change,
        "definition": subject.templates[mutant.stack]["Resources"][mutant.logical_id],
    }

    assert Rules(subject).notice(type(mutant)(**unchanged)) == ""
