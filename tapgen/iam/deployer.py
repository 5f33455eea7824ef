"""The deployer role: what ``deploy``, ``diff``, ``plan``, ``drift``, ``rollback``, ``status``, ``verify`` … call.

One statement function per capability; resources are patterns over all deployments of the environment. CloudFormation
makes and deletes resources with its own execution role: the deployer touches none. ``adopt``, ``destroy``, ``recover``,
``gc`` and ``archive`` look deeper, take away or repair; they are for people with more than this role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs import awslambda, cloudformation, cloudwatch, codedeploy, dynamodb, execute_api, logs, s3, sns, sqs
from awacs import iam as iam_actions
from awacs.aws import Allow, Condition, PolicyDocument, Principal, Statement, StringEquals
from awacs.sts import AssumeRole, AssumeRoleWithWebIdentity

from tapgen.iam import arns
from tapgen.iam.grants import matches
from tapgen.iam.roles import document
from tapgen.iam.stated import Stated
from tapgen.naming import STAGE
from tapgen.object_keys import ARTIFACT_PREFIX, LOCK_PREFIX, RELEASE_PREFIX, REPORT_PREFIX, TEMPLATE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tapgen.naming import Names

GITHUB = "token.actions.githubusercontent.com"
"""GitHub's issuer, whose provider each account makes once."""


def deployer_policy(names: Names, types: Collection[str]) -> PolicyDocument:
    """Everything the deployer may do.

    Args:
        names: Of the environment.
        types: Of the service's resources: what none of them is of, nobody looks at or calls.
    """
    return document(
        [
            read_stacks(names),
            release_stacks(names),
            find_artifacts(names),
            write_artifacts(names),
            keep_reports(names),
            hold_lock(names),
            *watch_shifts(names),
            read_aliases(names),
            watch_alarms(),
            read_metrics(),
            detect_drift(names),
            await_drift(),
            explain_failures(names),
            verify_buckets(names, types),
            *verify_data(names, types),
            *verify_watch(names),
            verify_dashboards(names),
            *call_api(types),
            pass_execution_role(names),
        ]
    )


def trust_principals(principals: Sequence[str]) -> Statement:
    """IAM principals that may assume the role."""
    return Statement(
        Sid="TrustPrincipals", Effect=Allow, Action=[AssumeRole], Principal=Principal("AWS", list(principals))
    )


def trust_github(repository: str, subject: str) -> Statement:
    """Workflows of one repository, in one environment or on one branch.

    Both claims are checked (GitHub documentation, "Configuring OpenID Connect in Amazon Web Services").
    """
    claims = {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": f"repo:{repository}:{subject}"}
    return Statement(
        Sid="TrustGitHub",
        Effect=Allow,
        Action=[AssumeRoleWithWebIdentity],
        Principal=Principal("Federated", arns.iam(f"oidc-provider/{GITHUB}")),
        Condition=Condition(StringEquals(claims)),
    )


def read_stacks(names: Names) -> Statement:
    """Every command looks at the root stack; a deploy at the nested ones and at bootstrap's outputs, too.

    The gates compare a release with the live templates; ``verify`` looks whether the stack policies stand.
    """
    actions = [
        cloudformation.DescribeEvents,
        cloudformation.DescribeStackEvents,
        cloudformation.DescribeStacks,
        cloudformation.GetStackPolicy,
        cloudformation.GetTemplate,
        cloudformation.ListChangeSets,
        cloudformation.ListStackResources,
    ]
    bootstrap = arns.regional("cloudformation", f"stack/{names.bootstrap_stack}/*")
    return Statement(Sid="ReadStacks", Effect=Allow, Action=actions, Resource=[*_stacks(names), bootstrap])


def release_stacks(names: Names) -> Statement:
    """A deploy goes through a change set; one that is declined is deleted, an update that is stopped is cancelled.

    Afterwards each stack's policy forbids everybody to replace or delete its data.
    """
    actions = [
        cloudformation.CancelUpdateStack,
        cloudformation.CreateChangeSet,
        cloudformation.DeleteChangeSet,
        cloudformation.DescribeChangeSet,
        cloudformation.ExecuteChangeSet,
        cloudformation.SetStackPolicy,
    ]
    return Statement(Sid="ReleaseStacks", Effect=Allow, Action=actions, Resource=_stacks(names))


def find_artifacts(names: Names) -> Statement:
    """Which artifacts and records there are; without it, S3 answers 403 for an object that is missing."""
    return Statement(
        Sid="FindArtifacts", Effect=Allow, Action=[s3.ListBucket], Resource=[arns.s3(names.artifact_bucket)]
    )


def write_artifacts(names: Names) -> Statement:
    """Templates and zips are uploaded once and looked at again; so is the record of each release."""
    prefixes = (ARTIFACT_PREFIX, RELEASE_PREFIX, TEMPLATE_PREFIX)
    resources = [arns.s3(f"{names.artifact_bucket}/{prefix}/*") for prefix in prefixes]
    return Statement(Sid="WriteArtifacts", Effect=Allow, Action=[s3.GetObject, s3.PutObject], Resource=resources)


def keep_reports(names: Names) -> Statement:
    """The report of each release: a deploy leaves it, and a pipeline keeps its page."""
    resource = arns.s3(f"{names.artifact_bucket}/{REPORT_PREFIX}/*")
    return Statement(Sid="KeepReports", Effect=Allow, Action=[s3.GetObject, s3.PutObject], Resource=[resource])


def hold_lock(names: Names) -> Statement:
    """One operation at a time: the lock is an object that is made, renewed and deleted."""
    return Statement(
        Sid="HoldLock",
        Effect=Allow,
        Action=[s3.DeleteObject, s3.GetObject, s3.PutObject],
        Resource=[arns.s3(f"{names.artifact_bucket}/{LOCK_PREFIX}/*")],
    )


def watch_shifts(names: Names) -> Iterator[Statement]:
    """A deploy shows the shifts that it causes, and stops one when the operator says so."""
    applications = [f"{prefix}-shifts" for prefix in names.prefix_patterns]
    yield Statement(
        Sid="WatchShifts",
        Effect=Allow,
        Action=[
            codedeploy.GetDeployment,
            codedeploy.GetDeploymentGroup,
            codedeploy.GetDeploymentTarget,
            codedeploy.ListDeployments,
            codedeploy.ListDeploymentTargets,
            codedeploy.StopDeployment,
        ],
        Resource=[arns.regional("codedeploy", f"deploymentgroup:{application}/*") for application in applications],
    )
    yield Statement(
        Sid="ReadRevisions",
        Effect=Allow,
        Action=[codedeploy.GetApplicationRevision],
        Resource=[arns.regional("codedeploy", f"application:{application}") for application in applications],
    )
    yield Statement(
        Sid="ReadShiftConfigurations",
        Effect=Allow,
        Action=[codedeploy.GetDeploymentConfig],
        Resource=[
            *(arns.regional("codedeploy", f"deploymentconfig:{prefix}-*") for prefix in names.prefix_patterns),
            arns.regional("codedeploy", "deploymentconfig:CodeDeployDefault.*"),
        ],
    )


def read_aliases(names: Names) -> Statement:
    """Before a shift: does each live alias point where the stack says? While it runs: which share goes where?"""
    functions = [f"function:{prefix}-*" for prefix in names.prefix_patterns]
    return Statement(
        Sid="ReadAliases",
        Effect=Allow,
        Action=[awslambda.GetAlias],
        Resource=[arns.regional("lambda", function) for function in functions],
    )


def watch_alarms() -> Statement:
    """Guards before and during a shift. CloudWatch authorises against all alarms whatever names are asked for."""
    return Statement(
        Sid="WatchAlarms",
        Effect=Allow,
        Action=[cloudwatch.DescribeAlarms],
        Resource=[arns.regional("cloudwatch", "alarm:*")],
    )


def read_metrics() -> Statement:
    """The guards' last datapoints and the requests of the new version; metrics have no ARNs."""
    return Statement(
        Sid="ReadMetricsNoResourceLevel",
        Effect=Allow,
        Action=[cloudwatch.GetMetricData, cloudwatch.ListMetrics],
        Resource=["*"],
        Condition=Condition(StringEquals({"aws:RequestedRegion": {"Ref": "AWS::Region"}})),
    )


def detect_drift(names: Names) -> Statement:
    """CloudFormation's own detection, stack by stack. It reads the resources as its caller, whose own that must be."""
    actions = [
        cloudformation.DescribeStackResourceDrifts,
        cloudformation.DetectStackDrift,
        cloudformation.DetectStackResourceDrift,
    ]
    return Statement(Sid="DetectDrift", Effect=Allow, Action=actions, Resource=_stacks(names))


def await_drift() -> Statement:
    """How far a detection is has no stack in its ARN. What it does not see, ``verify`` may look at anyway."""
    return Statement(
        Sid="AwaitDriftNoResourceLevel",
        Effect=Allow,
        Action=[cloudformation.DescribeStackDriftDetectionStatus],
        Resource=["*"],
        Condition=Condition(StringEquals({"aws:RequestedRegion": {"Ref": "AWS::Region"}})),
    )


def explain_failures(names: Names) -> Statement:
    """The first error lines of a version, or of the hook that refused it."""
    groups = [f"/aws/lambda/{kind}{prefix}-*" for kind in ("", "CodeDeployHook_") for prefix in names.prefix_patterns]
    return Statement(
        Sid="ExplainFailures",
        Effect=Allow,
        Action=[logs.DescribeLogStreams, logs.FilterLogEvents],
        Resource=[arns.regional("logs", f"log-group:{group}") for group in groups],
    )


def verify_buckets(names: Names, types: Collection[str]) -> Statement:
    """``verify`` looks whether buckets are closed and want TLS; the artifact bucket is one of them."""
    buckets = [f"{prefix}-*" for prefix in names.prefix_patterns] if "AWS::S3::Bucket" in types else []
    # The artifact bucket has such a name, too, unless the configuration gives it another.
    if not any(matches(bucket, names.artifact_bucket) for bucket in buckets):
        buckets.append(names.artifact_bucket)
    return Statement(
        Sid="VerifyBuckets",
        Effect=Allow,
        Action=[s3.GetBucketPolicy, s3.GetBucketPublicAccessBlock],
        Resource=[arns.s3(bucket) for bucket in buckets],
    )


def verify_data(names: Names, types: Collection[str]) -> Iterator[Statement]:
    """``verify`` looks how tables are protected, and whether something waits that failed; it reads no item."""
    if "AWS::DynamoDB::Table" in types:
        yield Statement(
            Sid="VerifyTables",
            Effect=Allow,
            Action=[dynamodb.DescribeContinuousBackups, dynamodb.DescribeTable],
            Resource=_each(names, "dynamodb", "table/{}-*"),
        )
    if "AWS::SQS::Queue" in types:
        yield Statement(
            Sid="VerifyQueues", Effect=Allow, Action=[sqs.GetQueueAttributes], Resource=_each(names, "sqs", "{}-*")
        )


def verify_watch(names: Names) -> Iterator[Statement]:
    """``verify`` and ``drift`` look at who is told of an alarm, and how long logs are kept."""
    yield Statement(
        Sid="VerifyTopics",
        Effect=Allow,
        Action=[sns.ListSubscriptionsByTopic],
        Resource=_each(names, "sns", "{}-alarms-*"),
    )
    # CloudWatch Logs looks for groups among all of them, whatever prefix is asked for.
    yield Statement(
        Sid="VerifyLogs",
        Effect=Allow,
        Action=[logs.DescribeLogGroups],
        Resource=[arns.regional("logs", "log-group:*")],
    )


def _each(names: Names, service: str, pattern: str) -> list[Any]:
    return [arns.regional(service, pattern.format(prefix)) for prefix in names.prefix_patterns]


def verify_dashboards(names: Names) -> Statement:
    """Dashboards are the account's: their ARNs name no region."""
    resources = [arns.account_wide("cloudwatch", f"dashboard/{prefix}-*") for prefix in names.prefix_patterns]
    return Statement(Sid="VerifyDashboards", Effect=Allow, Action=[cloudwatch.GetDashboard], Resource=resources)


def call_api(types: Collection[str]) -> Iterator[Statement]:
    """Where the API wants IAM, probes and ``verify`` call it as the deployer.

    An API's id is random, so that the stage is what narrows it.
    """
    if "AWS::ApiGatewayV2::Api" in types:
        resource = arns.regional("execute-api", f"*/{STAGE}/*")
        yield Statement(Sid="CallApi", Effect=Allow, Action=[execute_api.Invoke], Resource=[resource])


def pass_execution_role(names: Names) -> Statement:
    """CloudFormation is handed its role, and nobody else is."""
    return Statement(
        Sid="PassExecutionRole",
        Effect=Allow,
        Action=[iam_actions.PassRole],
        Resource=[{"Fn::Sub": names.execution_role_arn}],
        Condition=Condition(StringEquals({"iam:PassedToService": "cloudformation.amazonaws.com"})),
    )


def detection_stated() -> Stated:
    """What CloudFormation asks for out of sight of any request."""
    return Stated(
        actions=frozenset({"cloudformation:DetectStackResourceDrift"}),
        resource="arn:*:stack/*",
        reason="CloudFormation asks for it when a whole stack is compared",
        source="CloudFormation user guide, 'Detect unmanaged configuration changes'",
    )


def call_stated() -> Stated:
    """What no scenario of the proof can show where the API does not ask IAM for its callers."""
    return Stated(
        actions=frozenset({"execute-api:Invoke"}),
        resource="arn:*:execute-api:*",
        reason="probes and `verify` call an API whose authorization is IAM; the proven one's is another",
        source="API Gateway developer guide, 'Control access to HTTP APIs with IAM authorization'",
    )


def refusal_stated() -> Stated:
    """What no scenario of the proof can show where no journey uses what a function is granted."""
    return Stated(
        actions=frozenset({"logs:DescribeLogStreams", "logs:FilterLogEvents"}),
        resource="arn:*:log-group:/aws/lambda/*",
        reason="a deploy that a hook refuses shows the log of both; no journey here would make a hook refuse one",
        source="CodeDeploy user guide, 'AppSpec hooks section for an AWS Lambda deployment'",
    )


def _stacks(names: Names) -> list[Any]:
    return [arns.regional("cloudformation", f"stack/{prefix}-service*") for prefix in names.prefix_patterns]
