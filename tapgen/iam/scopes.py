"""Where an action of the execution role may act: the narrowest ARNs that are known before anything exists.

Names carry the environment, so patterns of names keep environments apart. Ids that AWS makes up (APIs, keys, event
source mappings, query definitions) cannot be named; what narrows them is said here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.naming import Names

IN_REGION = {"StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}
"""What narrows an action without resource level."""
_HERE = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Resources as ``Fn::Sub`` patterns (``*`` alone stands for an action without resource level), and a condition."""

    resources: tuple[str, ...]
    condition: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Rule:
    actions: str
    """A regular expression over whole action names."""
    resources: tuple[str, ...]
    """``{p}`` stands for each prefix of the environment's deployments, ``{name}`` for a name of ``_Scoper.names``."""
    condition: Mapping[str, Any] = field(default_factory=dict)


def _here(service: str, *resources: str) -> tuple[str, ...]:
    return tuple(_HERE % service + resource for resource in resources)


_BUCKETS = tuple(
    f"arn:${{AWS::Partition}}:s3:::{{p}}-{role}-${{AWS::AccountId}}" for role in ("archive", "access-logs")
)
_APIS = tuple(f"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}::/{path}" for path in ("apis", "apis/*", "tags/*"))
_DASHBOARDS = "arn:${AWS::Partition}:cloudwatch::${AWS::AccountId}:dashboard/{p}*"
_BOUNDED = {"StringEquals": {"iam:PermissionsBoundary": "{boundary}"}}
_OURS = {"StringEquals": {"aws:ResourceTag/Project": "{project}"}}
_FUNCTIONS = _here("lambda", "function:{p}-*", "function:CodeDeployHook_{p}-*")
_LOG_GROUPS = _here(
    "logs",
    "log-group:/aws/lambda/{p}-*",
    "log-group:/aws/lambda/CodeDeployHook_{p}-*",
    "log-group:/aws/vendedlogs/apigateway/{p}-*",
)

# The first rule that fits counts.
_RULES = (
    _Rule(actions="apigateway:.*", resources=_APIS),
    _Rule(actions="cloudformation:.*", resources=_here("cloudformation", "stack/{p}-service*")),
    # DescribeAlarms is authorised against all alarms whatever names are asked for.
    _Rule(actions="cloudwatch:DescribeAlarms", resources=_here("cloudwatch", "alarm:*")),
    _Rule(actions="cloudwatch:.*Dashboards?", resources=(_DASHBOARDS,)),
    _Rule(actions="cloudwatch:.*Tag.*", resources=(_DASHBOARDS, *_here("cloudwatch", "alarm:{p}-*"))),
    _Rule(actions="cloudwatch:.*", resources=_here("cloudwatch", "alarm:{p}-*")),
    _Rule(
        actions="codedeploy:GetDeploymentConfig",
        resources=_here("codedeploy", "deploymentconfig:{p}-*", "deploymentconfig:CodeDeployDefault.*"),
    ),
    _Rule(actions="codedeploy:.*DeploymentConfig", resources=_here("codedeploy", "deploymentconfig:{p}-*")),
    _Rule(
        actions="codedeploy:(Create|Delete|Get)Application|codedeploy:.*ApplicationRevision",
        resources=_here("codedeploy", "application:{p}-shifts"),
    ),
    _Rule(
        actions="codedeploy:.*Tag.*",
        resources=_here("codedeploy", "application:{p}-shifts", "deploymentgroup:{p}-shifts/*"),
    ),
    _Rule(actions="codedeploy:.*", resources=_here("codedeploy", "deploymentgroup:{p}-shifts/*")),
    _Rule(actions="dynamodb:.*", resources=_here("dynamodb", "table/{p}-transactions")),
    _Rule(actions="events:.*", resources=_here("events", "rule/{p}-*")),
    _Rule(
        actions="iam:(CreateRole|PutRolePermissionsBoundary|PutRolePolicy|DeleteRolePolicy)",
        resources=("{roles}",),
        condition=_BOUNDED,
    ),
    _Rule(actions="iam:.*", resources=("{roles}",)),
    # A key has no name; it is known by its tag from the moment it is made.
    _Rule(
        actions="kms:CreateKey", resources=("*",), condition={"StringEquals": {"aws:RequestTag/Project": "{project}"}}
    ),
    _Rule(actions="kms:ListAliases", resources=("*",), condition=IN_REGION),
    _Rule(actions="kms:.*Alias", resources=_here("kms", "alias/{p}", "key/*")),
    _Rule(actions="kms:.*", resources=_here("kms", "key/*"), condition=_OURS),
    # A mapping that is not there yet is no resource; the function that it calls narrows it.
    _Rule(
        actions="lambda:CreateEventSourceMapping",
        resources=("*",),
        condition={"ArnLike": {"lambda:FunctionArn": "{functions}"}},
    ),
    _Rule(actions="lambda:.*EventSourceMapping", resources=_here("lambda", "event-source-mapping:*")),
    _Rule(actions="lambda:.*LayerVersion", resources=_here("lambda", "layer:{p}-*")),
    _Rule(actions="lambda:.*Tag.*", resources=(*_FUNCTIONS, *_here("lambda", "event-source-mapping:*"))),
    _Rule(actions="lambda:.*", resources=_FUNCTIONS),
    _Rule(
        actions="logs:(.*QueryDefinitions?|.*LogDeliver(y|ies)|.*ResourcePolic(y|ies))",
        resources=("*",),
        condition=IN_REGION,
    ),
    _Rule(actions="logs:DescribeLogGroups", resources=_here("logs", "log-group:*")),
    _Rule(actions="logs:.*", resources=_LOG_GROUPS),
    _Rule(
        actions="s3:GetObject(Version)?",
        resources=(
            "arn:${AWS::Partition}:s3:::{artifacts}/artifacts/*",
            "arn:${AWS::Partition}:s3:::{artifacts}/templates/*",
        ),
    ),
    _Rule(actions="s3:.*", resources=_BUCKETS),
    # Subscriptions are no resources to IAM (service authorization reference, "Amazon SNS").
    _Rule(actions="sns:(.*SubscriptionAttributes|Unsubscribe)", resources=("*",), condition=IN_REGION),
    _Rule(actions="sns:.*", resources=_here("sns", "{p}-*")),
    _Rule(actions="sqs:.*", resources=_here("sqs", "{p}-dead-letters")),
)


class Scoper:
    """Scopes of one environment.

    Args:
        names: Its names.
        project: The value of its tag Project.
        roles: Names of the service's roles without their prefix: ``api``, ``hook-before`` …
    """

    def __init__(self, names: Names, *, project: str, roles: tuple[str, ...]) -> None:
        self._prefixes = names.prefix_patterns
        self._roles = roles
        self._values = {"artifacts": names.artifact_bucket, "project": project}
        self._boundary = {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{names.boundary}"}

    def scope(self, action: str) -> Scope:
        """Where an action may act.

        Raises:
            KeyError: No rule knows the action: add one.
        """
        rule = next((rule for rule in _RULES if re.fullmatch(rule.actions, action)), None)
        if rule is None:
            raise KeyError(action)
        return Scope(
            resources=tuple(dict.fromkeys(found for pattern in rule.resources for found in self._expand(pattern))),
            condition=self._fill(rule.condition),
        )

    def roles(self, *only: str) -> tuple[str, ...]:
        """ARN patterns of the service's roles."""
        wanted = only or self._roles
        base = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/"
        return tuple(f"{base}{prefix}-{role}" for role in wanted for prefix in self._prefixes)

    def _expand(self, pattern: str) -> tuple[str, ...]:
        if pattern == "{roles}":
            return self.roles()
        filled = pattern
        for name, value in self._values.items():
            filled = filled.replace(f"{{{name}}}", value)
        return tuple(filled.replace("{p}", prefix) for prefix in self._prefixes)

    def _fill(self, condition: Mapping[str, Any]) -> dict[str, Any]:
        return {
            operator: {key: self._value(value) for key, value in keys.items()} for operator, keys in condition.items()
        }

    def _value(self, value: Any) -> Any:
        if value == "{boundary}":
            return self._boundary
        if value == "{functions}":
            return [{"Fn::Sub": found} for found in self._expand(_FUNCTIONS[0])]
        return self._values["project"] if value == "{project}" else value
