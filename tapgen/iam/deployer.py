"""The deployer role: what ``deploy``, ``diff``, ``plan``, ``drift``, ``attach``, ``rollback`` and ``status`` call.

One statement function per capability; resources are patterns over all deployments of the environment. CloudFormation
makes and deletes resources with its own execution role: the deployer touches none. ``destroy``, ``recover``, ``gc`` and
``archive`` take away or repair; they are for people with more than this role.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from awacs import awslambda, cloudformation, cloudwatch, codedeploy, logs, s3, sns
from awacs import iam as iam_actions
from awacs.aws import Allow, Condition, PolicyDocument, Principal, Statement, StringEquals
from awacs.sts import AssumeRole, AssumeRoleWithWebIdentity

from tapgen.iam import arns
from tapgen.iam.roles import document
from tapgen.iam.stated import Stated
from tapgen.naming import ARTIFACT_PREFIX, LOCK_PREFIX, RELEASE_PREFIX, TEMPLATE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.naming import Names

GITHUB = "token.actions.githubusercontent.com"
"""GitHub's issuer, whose provider each account makes once."""
_SHIFTED = ("api", "archiver")
_BUCKETS = ("access-logs", "archive")


def deployer_policy(names: Names) -> PolicyDocument:
    """Everything the deployer may do."""
    return document(
        [
            read_stacks(names),
            release_stacks(names),
            find_artifacts(names),
            write_artifacts(names),
            hold_lock(names),
            *watch_shifts(names),
            read_aliases(names),
            watch_alarms(),
            read_metrics(),
            detect_drift(names),
            *look_for_drift(names),
            explain_failures(names),
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
    """Every command looks at the root stack; a deploy at the nested ones and at bootstrap's outputs, too."""
    actions = [
        cloudformation.DescribeStackEvents,
        cloudformation.DescribeStacks,
        cloudformation.ListChangeSets,
        cloudformation.ListStackResources,
    ]
    bootstrap = arns.regional("cloudformation", f"stack/{names.bootstrap_stack}/*")
    return Statement(Sid="ReadStacks", Effect=Allow, Action=actions, Resource=[*_stacks(names), bootstrap])


def release_stacks(names: Names) -> Statement:
    """A deploy goes through a change set; one that is declined is deleted, an update that is stopped is cancelled."""
    actions = [
        cloudformation.CancelUpdateStack,
        cloudformation.CreateChangeSet,
        cloudformation.DeleteChangeSet,
        cloudformation.DescribeChangeSet,
        cloudformation.ExecuteChangeSet,
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
    functions = [f"function:{prefix}-{role}" for role in _SHIFTED for prefix in names.prefix_patterns]
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


def look_for_drift(names: Names) -> Iterator[Statement]:
    """What CloudFormation's detection does not see; how far it is has no stack in its ARN."""
    yield Statement(
        Sid="LookForDriftNoResourceLevel",
        Effect=Allow,
        Action=[cloudformation.DescribeStackDriftDetectionStatus, logs.DescribeLogGroups],
        Resource=["*"],
        Condition=Condition(StringEquals({"aws:RequestedRegion": {"Ref": "AWS::Region"}})),
    )
    yield Statement(
        Sid="ReadSubscriptions",
        Effect=Allow,
        Action=[sns.ListSubscriptionsByTopic],
        Resource=[arns.regional("sns", f"{prefix}-alarms-*") for prefix in names.prefix_patterns],
    )
    yield Statement(
        Sid="ReadBucketPolicies",
        Effect=Allow,
        Action=[s3.GetBucketPolicy],
        Resource=[arns.s3(f"{prefix}-{role}-*") for role in _BUCKETS for prefix in names.prefix_patterns],
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


def pass_execution_role(names: Names) -> Statement:
    """CloudFormation is handed its role, and nobody else is."""
    return Statement(
        Sid="PassExecutionRole",
        Effect=Allow,
        Action=[iam_actions.PassRole],
        Resource=[arns.iam(f"role/{names.execution_role}")],
        Condition=Condition(StringEquals({"iam:PassedToService": "cloudformation.amazonaws.com"})),
    )


def deployer_stated(names: Names) -> tuple[Stated, ...]:
    """What no scenario of the proof can show."""

    def stated(actions: set[str], resource: str, reason: str, source: str, **others: Any) -> Stated:
        return Stated(actions=frozenset(actions), resource=resource, reason=reason, source=source, **others)

    granted = json.loads(deployer_policy(names).to_json())["Statement"]
    suffixed = [
        stated(
            {action for statement in granted for action in statement["Action"]},
            f"*{prefix}*",
            "the same for deployments with a suffix; it is proven for the one without",
            "docs/permissions.md",
        )
        for prefix in names.prefix_patterns[1:]
    ]
    stop = "Ctrl-C and `tapgen rollback` stop what is running; no scenario holds a shift still"
    return (
        *suffixed,
        stated(
            {"iam:PassRole"},
            f"arn:*:iam::*:role/{names.execution_role}",
            "CloudFormation asks whether its caller may pass the role",
            "IAM user guide, 'Grant a user permissions to pass a role to an AWS service'",
            narrowed=True,
        ),
        stated(
            {"cloudformation:DetectStackResourceDrift"},
            "arn:*:stack/*",
            "CloudFormation asks for it when a whole stack is compared",
            "CloudFormation user guide, 'Detect unmanaged configuration changes'",
        ),
        stated(
            {"sns:ListSubscriptionsByTopic"},
            "arn:*:sns:*-alarms-*",
            "subscriptions are looked at where the configuration has any",
            "SNS API reference, 'ListSubscriptionsByTopic'",
        ),
        stated({"codedeploy:StopDeployment"}, "arn:*:deploymentgroup:*", stop, "CodeDeploy API reference"),
        stated({"cloudformation:CancelUpdateStack"}, "arn:*:stack/*", stop, "CloudFormation API reference"),
        stated(
            {"logs:DescribeLogStreams", "logs:FilterLogEvents"},
            "arn:*:log-group:/aws/lambda/*",
            "a shift that failed is explained with the function's log; no scenario's version fails",
            "CloudWatch Logs API reference, 'FilterLogEvents'",
        ),
    )


def _stacks(names: Names) -> list[Any]:
    return [arns.regional("cloudformation", f"stack/{prefix}-service*") for prefix in names.prefix_patterns]
