"""A function's role may read the stream that feeds it, before the mapping is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import actions_of, statements_of
from tapgen.elements.rule import Found, Rule, listed
from tapgen.parts.made import refers_to
from tapgen.parts.table.rules.mappings import stream_mappings

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates
    from tapgen.parts.table.model import Changes

# Lambda developer guide, "Using Lambda with DynamoDB", execution role permissions.
_ON_STREAM = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}
_ON_ALL = "dynamodb:ListStreams"
_HERE = {"StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}


def _find(templates: Templates) -> Found:
    for function, source, mapping in stream_mappings(templates):
        if mapping is None or function.role_arn:
            continue
        role = templates.names.function_role(function.name)
        policies = [
            policy
            for policy in templates.of_type("AWS::IAM::Policy")
            if policy.stack == mapping.stack and role in listed(policy.get("Roles"))
        ]
        if not any(_reads(templates, policy, source) for policy in policies):
            yield mapping, f"the role of {function.label} may not read the stream of {source.part.label}"
        elif not {policy.logical_id for policy in policies} & set(listed(mapping.definition.get("DependsOn"))):
            yield mapping, "must depend on the policy that lets it read, or Lambda refuses to make it"


def _reads(templates: Templates, policy: Resource, source: Changes) -> bool:
    on_stream, on_all = False, False
    for statement in statements_of(policy):
        if statement.get("Effect") != "Allow":
            continue
        for resource in listed(statement.get("Resource")):
            named = refers_to(templates, policy.stack, resource, part=source.part, attribute="StreamArn")
            on_stream |= named and set(actions_of(statement)) >= _ON_STREAM and "Condition" not in statement
        narrowed = statement.get("Condition") == _HERE and listed(statement.get("Resource")) == ["*"]
        on_all |= narrowed and _ON_ALL in actions_of(statement)
    return on_stream and on_all


RULE = Rule(
    id="stream-access",
    holds="The role of a function that reads a stream may describe and read exactly this stream, and list streams "
    "of the region; the mapping waits for it.",
    why="Lambda checks the role when the mapping is made, and stops reading when it loses the permission.",
    source='Lambda developer guide, "Using Lambda with DynamoDB", execution role permissions',
    find=_find,
)
