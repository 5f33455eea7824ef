"""An Allow names exact resources, or narrows by condition where AWS has no resource level."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import actions_of, resources_of, statements_of
from tapgen.elements.rule import Found, Rule

if TYPE_CHECKING:
    from tapgen.elements.policy_documents import Statement
    from tapgen.elements.templates import Resource, Templates

# Actions without resource-level permissions (Service Authorization Reference); a condition must narrow them.
_NO_RESOURCE_LEVEL = {
    "dynamodb:ListStreams",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
# Where a resource may end open: the streams of one log group, the objects below one prefix, the versions and aliases of
# one function, and all alarms, which is what CloudWatch authorises DescribeAlarms against.
_OPEN_ENDS = (
    re.compile(r":logs:[^*]+:log-group:[^*]+:\*"),
    re.compile(r":s3:::[^*/]+/[^*]+/\*"),
    re.compile(r":lambda:[^*]+:function:[^*:]+:\*"),
    re.compile(r":cloudwatch:[^*]+:alarm:\*"),
)
# What AWS names by an id of its own, or authorises as a whole (``tapgen.iam.scopes`` says what narrows each).
_NAMELESS = (
    re.compile(r":acm:[^*]+:certificate/\*"),
    re.compile(r":apigateway:[^*]+::/(apis|domainnames|tags)/\*"),
    re.compile(r":cloudwatch:[^*]+:alarm:\*"),
    re.compile(r":codedeploy:[^*]+:deploymentconfig:CodeDeployDefault\.\*"),
    re.compile(r":execute-api:[^*]+:\*/\$default/\*"),
    re.compile(r":kms:[^*]+:key/\*"),
    re.compile(r":lambda:[^*]+:(code-signing-config|event-source-mapping):\*"),
    re.compile(r":logs:[^*]+:log-group:\*"),
    re.compile(r":route53:::(change|hostedzone)/\*"),
    # What somebody else made is named by whoever uses it, with its account.
    re.compile(r"^arn:aws"),
)
_BOOTSTRAP = "bootstrap"


def _find(templates: Templates) -> Found:
    for resource in templates.resources:
        for statement in statements_of(resource):
            if statement.get("Effect") != "Allow":
                continue
            # Roles that serve every deployment of an environment name their resources by pattern.
            if resource.stack == _BOOTSTRAP:
                yield from _foreign(templates, resource, statement)
            # In a key policy ``*`` is the key itself (KMS developer guide, "Key policies").
            elif resource.type != "AWS::KMS::Key":
                yield from _open(resource, statement)


def _open(resource: Resource, statement: Statement) -> Found:
    if "NotResource" in statement:
        yield resource, "allows all but some resources: name them"
    for name in resources_of(statement):
        if name == "*":
            unsupported = set(actions_of(statement)) <= _NO_RESOURCE_LEVEL
            if not unsupported or not statement.get("Condition"):
                text = "allows every resource: name it, or narrow by condition where AWS has no resource level"
                yield resource, text
        elif "*" in name and not any(end.search(name) for end in _OPEN_ENDS):
            yield resource, f"allows {name}: name the exact resource"


def _foreign(templates: Templates, resource: Resource, statement: Statement) -> Found:
    # "Artifacts and roles of PROJECT ENVIRONMENT": names may have a prefix of the organisation's before both.
    base = "-".join(str(templates.templates[_BOOTSTRAP].get("Description", "")).split()[-2:])
    for name in resources_of(statement):
        if name == "*":
            if not statement.get("Condition"):
                text = "allows every resource: narrow by condition where AWS has no resource level"
                yield resource, text
        elif "*" in name and base not in name and not any(end.search(name) for end in _NAMELESS):
            yield resource, f"allows {name}: name this environment"


RULE = Rule(
    id="exact-resources",
    holds="An Allow names exact resources, or narrows by condition where AWS has no resource level; in the "
    "bootstrap stack it names this environment's resources by pattern.",
    why="A role that may act on every resource reaches other services' data.",
    source="Service Authorization Reference, resource types of each action",
    find=_find,
)
