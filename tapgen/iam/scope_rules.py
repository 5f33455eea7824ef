"""Where CloudFormation's calls may act, service by service: patterns of names, never the name of a part.

Names carry the environment, so patterns of names keep environments apart. Ids that AWS makes up (APIs, keys, event
source mappings, query definitions, certificates) cannot be named; what narrows them is said here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

IN_REGION = {"StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}
"""What narrows an action without resource level."""
HERE = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"
_GLOBAL = "arn:${AWS::Partition}:%s:::%s"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Where some actions may act.

    Attributes:
        actions: A regular expression over whole action names.
        resources: ``{p}`` stands for each prefix of the environment's deployments, ``{roles}`` and ``{policies}`` for
            those of the service, ``{artifacts}`` for the artifact bucket.
        condition: ``{boundary}``, ``{functions}``, ``{policies}`` and ``{project}`` are filled in.
        types: Further patterns, where the templates have a resource of the type (``TYPE.Property``: with the property).
        existing: Whether the actions use what somebody else made, too: its ARNs are added, without the condition.
        otherwise: Where they act when nothing else says it.
    """

    actions: str
    resources: tuple[str, ...]
    condition: Mapping[str, Any] = field(default_factory=dict)
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    existing: bool = False
    otherwise: tuple[str, ...] = ()


def here(service: str, *resources: str) -> tuple[str, ...]:
    """ARNs in this region and account."""
    return tuple(HERE % service + resource for resource in resources)


def _gateway(*paths: str) -> tuple[str, ...]:
    return tuple(f"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}::/{path}" for path in paths)


FUNCTIONS = here("lambda", "function:{p}-*", "function:CodeDeployHook_{p}-*")
_DASHBOARDS = "arn:${AWS::Partition}:cloudwatch::${AWS::AccountId}:dashboard/{p}*"
_LOG_GROUPS = here(
    "logs",
    "log-group:/aws/lambda/{p}-*",
    "log-group:/aws/lambda/CodeDeployHook_{p}-*",
    "log-group:/aws/vendedlogs/apigateway/{p}-*",
)
_SCALED = "AWS::ApplicationAutoScaling::ScalableTarget"
_BOUNDED = {"iam:PermissionsBoundary": "{boundary}"}
_OURS = {"StringEquals": {"aws:ResourceTag/Project": "{project}"}}
_MADE_OURS = {"StringEquals": {"aws:RequestTag/Project": "{project}"}}
_SERVICE_ROLE = (
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/lambda.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency"
)

# The first rule that fits counts.
RULES = (
    Rule(actions="acm:RequestCertificate", resources=("*",), condition=_MADE_OURS),
    Rule(actions="acm:.*", resources=here("acm", "certificate/*"), condition=_OURS),
    Rule(actions="apigateway:.*Certificate.*Domain", resources=_gateway("domainnames", "domainnames/*")),
    Rule(actions="apigateway:PUT", resources=_gateway("apis", "apis/*", "tags/*")),
    Rule(
        actions="apigateway:.*",
        resources=_gateway("apis", "apis/*", "tags/*"),
        types={"AWS::ApiGatewayV2::DomainName": _gateway("domainnames", "domainnames/*")},
    ),
    # The ids of scalable targets are made up, and their tags know no namespace (service authorization reference).
    Rule(actions="application-autoscaling:.*[Tt]ag.*", resources=here("application-autoscaling", "scalable-target/*")),
    Rule(actions="application-autoscaling:Describe.*", resources=("*",), condition=IN_REGION),
    Rule(
        actions="application-autoscaling:.*",
        resources=("*",),
        condition={"StringEquals": {"application-autoscaling:service-namespace": "lambda"}},
    ),
    Rule(actions="cloudformation:.*", resources=here("cloudformation", "stack/{p}-service*")),
    # DescribeAlarms is authorised against all alarms whatever names are asked for.
    Rule(actions="cloudwatch:DescribeAlarms", resources=here("cloudwatch", "alarm:*")),
    Rule(actions="cloudwatch:.*Dashboards?", resources=(_DASHBOARDS,)),
    Rule(actions="cloudwatch:.*[Tt]ag.*", resources=(_DASHBOARDS, *here("cloudwatch", "alarm:{p}-*"))),
    Rule(actions="cloudwatch:GetMetricData", resources=("*",), condition=IN_REGION),
    # Application Auto Scaling names the alarms of a target after it.
    Rule(
        actions="cloudwatch:.*",
        resources=here("cloudwatch", "alarm:{p}-*"),
        types={_SCALED: here("cloudwatch", "alarm:TargetTracking-function:{p}-*")},
    ),
    # Whatever shifts are configured to be, one may be told to go all at once.
    Rule(
        actions="codedeploy:GetDeploymentConfig",
        resources=here("codedeploy", "deploymentconfig:CodeDeployDefault.*"),
        types={"AWS::CodeDeploy::DeploymentConfig": here("codedeploy", "deploymentconfig:{p}-*")},
    ),
    Rule(actions="codedeploy:.*DeploymentConfig", resources=here("codedeploy", "deploymentconfig:{p}-*")),
    Rule(
        actions="codedeploy:(Create|Delete|Get)Application|codedeploy:.*ApplicationRevision",
        resources=here("codedeploy", "application:{p}-*"),
    ),
    Rule(
        actions="codedeploy:.*[Tt]ag.*",
        resources=here("codedeploy", "application:{p}-*", "deploymentgroup:{p}-*/{p}-*"),
    ),
    Rule(actions="codedeploy:.*", resources=here("codedeploy", "deploymentgroup:{p}-*/{p}-*")),
    Rule(actions="dynamodb:.*", resources=here("dynamodb", "table/{p}-*")),
    Rule(actions="ec2:Describe.*", resources=("*",), condition=IN_REGION),
    Rule(actions="ecr:.*", resources=here("ecr", "repository/{p}-*"), existing=True),
    Rule(actions="elasticfilesystem:Describe.*", resources=("*",), condition=IN_REGION),
    Rule(actions="events:.*EventBus", resources=here("events", "event-bus/{p}-*")),
    Rule(actions="events:(Put|Remove)Permission", resources=("*",), condition=IN_REGION),
    # A rule of a bus that is not the account's stands below the bus's name.
    Rule(
        actions="events:.*[Tt]ag.*",
        resources=here("events", "rule/{p}-*"),
        types={
            "AWS::Events::EventBus": here("events", "event-bus/{p}-*"),
            "AWS::Events::Rule.EventBusName": here("events", "rule/*/{p}-*"),
        },
    ),
    Rule(
        actions="events:.*",
        resources=here("events", "rule/{p}-*"),
        types={"AWS::Events::Rule.EventBusName": here("events", "rule/*/{p}-*")},
    ),
    Rule(
        actions="iam:CreateServiceLinkedRole",
        resources=(_SERVICE_ROLE,),
        condition={"StringEquals": {"iam:AWSServiceName": "lambda.application-autoscaling.amazonaws.com"}},
    ),
    Rule(
        actions="iam:(Attach|Detach)RolePolicy",
        resources=("{roles}",),
        condition={"StringEquals": _BOUNDED, "ArnLike": {"iam:PolicyARN": "{policies}"}},
    ),
    Rule(
        actions="iam:(CreateRole|PutRolePermissionsBoundary|PutRolePolicy|DeleteRolePolicy)",
        resources=("{roles}",),
        condition={"StringEquals": _BOUNDED},
    ),
    Rule(
        actions="iam:(Create|Delete|Get)Policy(Version)?|iam:List(PolicyVersions|EntitiesForPolicy)",
        resources=("{policies}",),
    ),
    Rule(actions="iam:.*", resources=("{roles}",)),
    Rule(actions="kinesis:.*", resources=here("kinesis", "stream/{p}-*"), existing=True),
    # A key has no name; it is known by its tag from the moment it is made.
    Rule(actions="kms:CreateKey", resources=("*",), condition=_MADE_OURS),
    Rule(actions="kms:ListAliases", resources=("*",), condition=IN_REGION),
    Rule(actions="kms:.*Alias", resources=here("kms", "alias/{p}", "key/*")),
    Rule(
        actions="kms:(CreateGrant|Decrypt|DescribeKey|Encrypt|GenerateDataKey)",
        resources=here("kms", "key/*"),
        condition=_OURS,
        existing=True,
    ),
    Rule(actions="kms:.*", resources=here("kms", "key/*"), condition=_OURS),
    # A mapping that is not there yet is no resource; the function that it calls narrows it.
    Rule(
        actions="lambda:CreateEventSourceMapping",
        resources=("*",),
        condition={"ArnLike": {"lambda:FunctionArn": "{functions}"}},
    ),
    Rule(actions="lambda:.*EventSourceMapping", resources=here("lambda", "event-source-mapping:*")),
    Rule(actions="lambda:PassCapacityProvider", resources=here("lambda", "capacity-provider:{p}-*"), existing=True),
    Rule(actions="lambda:GetLayerVersion", resources=here("lambda", "layer:{p}-*"), existing=True),
    Rule(actions="lambda:.*LayerVersion", resources=here("lambda", "layer:{p}-*")),
    Rule(actions="lambda:GetCodeSigningConfig", resources=here("lambda", "code-signing-config:*")),
    Rule(actions="lambda:.*[Tt]ag.*", resources=(*FUNCTIONS, *here("lambda", "event-source-mapping:*"))),
    Rule(actions="lambda:.*", resources=FUNCTIONS),
    Rule(
        actions="logs:(.*QueryDefinitions?|.*LogDeliver(y|ies)|.*ResourcePolic(y|ies)|.*IndexPolic(y|ies))",
        resources=("*",),
        condition=IN_REGION,
    ),
    Rule(actions="logs:DescribeLogGroups", resources=here("logs", "log-group:*")),
    Rule(actions="logs:.*", resources=_LOG_GROUPS),
    Rule(actions="route53:GetChange", resources=(_GLOBAL % ("route53", "change/*"),)),
    Rule(
        actions="route53:.*",
        resources=(),
        existing=True,
        otherwise=(_GLOBAL % ("route53", "hostedzone/*"),),
    ),
    Rule(
        actions="s3:GetObject(Version)?",
        resources=(
            "arn:${AWS::Partition}:s3:::{artifacts}/artifacts/*",
            "arn:${AWS::Partition}:s3:::{artifacts}/templates/*",
        ),
    ),
    Rule(actions="s3:.*", resources=("arn:${AWS::Partition}:s3:::{p}-*-${AWS::AccountId}",)),
    Rule(actions="scheduler:.*ScheduleGroup", resources=here("scheduler", "schedule-group/{p}-*")),
    Rule(actions="scheduler:.*[Tt]ag.*", resources=here("scheduler", "schedule-group/{p}-*")),
    # A schedule stands below the name of its group, which is the service's own or AWS's.
    Rule(
        actions="scheduler:.*",
        resources=here("scheduler", "schedule/default/{p}-*"),
        types={
            "AWS::Scheduler::Schedule.GroupName": here("scheduler", "schedule/{p}-*"),
            "AWS::Scheduler::ScheduleGroup": here("scheduler", "schedule/{p}-*"),
        },
    ),
    Rule(actions="secretsmanager:GetRandomPassword", resources=("*",), condition=IN_REGION),
    Rule(actions="secretsmanager:.*", resources=here("secretsmanager", "secret:{p}-*", "secret:{p}/*")),
    # Subscriptions are no resources to IAM (service authorization reference, "Amazon SNS").
    Rule(actions="sns:(.*SubscriptionAttributes|Unsubscribe)", resources=("*",), condition=IN_REGION),
    Rule(actions="sns:Subscribe", resources=here("sns", "{p}-*"), existing=True),
    Rule(actions="sns:.*", resources=here("sns", "{p}-*")),
    Rule(actions="sqs:.*", resources=here("sqs", "{p}-*")),
    Rule(actions="ssm:.*", resources=here("ssm", "parameter/{p}-*", "parameter/{p}/*")),
)


def unknown(action: str) -> Rule:
    """What a caller asks for of a service that no rule knows: resources whose names are ours, wherever they stand."""
    service = action.partition(":")[0]
    return Rule(actions=action, resources=(f"arn:${{AWS::Partition}}:{service}:*:${{AWS::AccountId}}:*{{p}}*",))
