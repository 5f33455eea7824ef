"""A role uses the key through the service that holds the data, and for this data alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.elements.policy_documents import actions_of, resources_of, statements_of
from tapgen.elements.rule import Found, Rule, listed, mapping, show
from tapgen.iam import arns
from tapgen.parts.names import physical_name
from tapgen.parts.part import Verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.policy_documents import Statement
    from tapgen.elements.templates import Resource, Templates
    from tapgen.parts.function.model import Function
    from tapgen.parts.part import Part

_ACCOUNT = {"Ref": "AWS::AccountId"}
_READ, _WRITE = frozenset({"kms:Decrypt"}), frozenset({"kms:Decrypt", "kms:GenerateDataKey"})
# What a call on encrypted data needs of its key; a call that is not here needs nothing (the chapters on encryption at
# rest of the developer guides).
_NEEDS = {
    "dynamodb": dict.fromkeys(
        (
            *("BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query"),
            *("Scan", "UpdateItem"),
        ),
        _READ,
    ),
    "s3": {"GetObject": _READ, "PutObject": _WRITE},
    "secretsmanager": {"GetSecretValue": _READ},
    "sns": {"Publish": _WRITE},
    "sqs": {"ReceiveMessage": _READ, "SendMessage": _WRITE},
}


def _find(templates: Templates) -> Found:
    for role in templates.generated("AWS::IAM::Role"):
        for statement in statements_of(role):
            yield from _judge_condition(role, statement)
    yield from _judge_uses(templates)


def _judge_condition(role: Resource, statement: Statement) -> Found:
    if statement.get("Effect") != "Allow" or not any(action.startswith("kms:") for action in actions_of(statement)):
        return
    keys = mapping(mapping(statement.get("Condition")).get("StringEquals"))
    if not any(key == "kms:ViaService" or key.startswith("kms:EncryptionContext:") for key in keys):
        yield role, f"{statement.get('Sid')} uses the key by itself, not through a service or for a context"


def _judge_uses(templates: Templates) -> Found:
    roles = {str(role.get("RoleName")): role for role in templates.generated("AWS::IAM::Role")}
    names = templates.names
    for part in templates.environment.service.functions:
        role = roles.get(names.function_role(part.name))
        if role is None or part.role_arn:
            continue
        wanted = [*_of_variables(names.function(part.name), part.key_arn), *_of_parts(templates, part)]
        yield from _judge(templates, role, wanted)
    for hook in names.hooks:
        if names.hook_role(hook) in roles:
            yield from _judge(templates, roles[names.hook_role(hook)], list(_of_variables(names.hook(hook), "")))


@dataclass(frozen=True, kw_only=True)
class _Use:
    """A use of a key that a role needs."""

    purpose: str
    actions: frozenset[str]
    context: dict[str, Any]
    """What the statement has to be narrowed by."""
    key_arn: str
    """Of a key that others own; empty for the deployment's own."""


def _judge(templates: Templates, role: Resource, wanted: list[_Use]) -> Found:
    policies = [role]
    policies += [
        item
        for item in templates.of_type("AWS::IAM::ManagedPolicy")
        if role.get("RoleName") in listed(item.get("Roles"))
    ]
    statements = [statement for policy in policies for statement in statements_of(policy)]
    for use in wanted:
        if not use.key_arn and not templates.environment.customer_managed:
            continue
        fitting = (
            statement
            for statement in statements
            if statement.get("Effect") == "Allow"
            and statement.get("Condition") == {"StringEquals": use.context}
            and use.actions <= set(actions_of(statement))
            and _is_key(templates, role, statement, use.key_arn)
        )
        if next(fitting, None) is None:
            actions = ", ".join(sorted(use.actions))
            yield role, f"may not {actions} with the key of {use.purpose}, under {show(use.context)}"


def _is_key(templates: Templates, role: Resource, statement: Statement, key_arn: str) -> bool:
    if key_arn:
        return resources_of(statement) == [key_arn]
    found = [templates.trace(role.stack, resource) for resource in listed(statement.get("Resource"))]
    return bool(found) and all(target and target.resource.type == "AWS::KMS::Key" for target in found)


def _of_variables(function: str, key_arn: str) -> Iterator[_Use]:
    """A cold start decrypts the function's variables with its role."""
    arn = arns.regional("lambda", f"function:{function}")
    context = {"kms:EncryptionContext:aws:lambda:FunctionArn": arn}
    yield _Use(purpose=f"the variables of {function}", actions=_READ, context=context, key_arn=key_arn)


def _of_parts(templates: Templates, part: Function) -> Iterator[_Use]:
    used: dict[str, tuple[Part, str, set[str]]] = {}
    for verb in _verbs(part):
        for action in verb.actions:
            service, _, call = action.partition(":")
            needed = _NEEDS.get(service, {}).get(call)
            # The service's own key encrypts nothing that others own.
            if needed and (verb.part.key_arn or not verb.part.existing_arn):
                used.setdefault(verb.part.label, (verb.part, service, set()))[2].update(needed)
    for label, (other, service, actions) in used.items():
        context = _context(templates, other, service)
        yield _Use(purpose=label, actions=frozenset(actions), context=context, key_arn=other.key_arn)


def _verbs(part: Function) -> Iterator[Verb]:
    """What was granted, and what the event sources and destinations need."""
    yield from (grant.verb for grant in part.grants)
    told = [part.calls.on_success, part.calls.on_failure] if part.calls else []
    for source in part.sources:
        told.append(getattr(source, "on_failure", None) if source.part.kind == "table" else None)
        call = {"queue": "sqs:ReceiveMessage", "table": "dynamodb:GetItem", "topic": "sns:Publish"}.get(
            source.part.kind
        )
        if call:
            yield Verb(part=source.part, name="read", actions=(call,))
    for destination in told:
        call = {"queue": "sqs:SendMessage", "topic": "sns:Publish"}.get(destination.kind) if destination else None
        if destination and call:
            yield Verb(part=destination, name="deliver", actions=(call,))


def _context(templates: Templates, part: Part, service: str) -> dict[str, Any]:
    through = {"kms:ViaService": {"Fn::Sub": f"{service}.${{AWS::Region}}.${{AWS::URLSuffix}}"}}
    name = physical_name(templates.names, part)
    if service == "dynamodb":
        context = "kms:EncryptionContext:aws:dynamodb"
        return through | {f"{context}:subscriberId": _ACCOUNT, f"{context}:tableName": name}
    if service == "s3":
        return through | {"kms:EncryptionContext:aws:s3:arn": arns.s3(name)}
    return through


RULE = Rule(
    id="key-use",
    holds="A function's role may use the deployment's key for each encrypted part that it was granted, only "
    "through the part's service and, where the service has one, in the part's own encryption context.",
    why="Without the permission every call on the part is refused; without the condition the role decrypts "
    "whatever the key encrypts.",
    source='KMS developer guide, "Condition keys for AWS KMS"; the chapters on encryption at rest of the developer '
    "guides",
    find=_find,
)
