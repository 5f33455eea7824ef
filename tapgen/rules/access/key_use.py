"""A role uses the key through the service that holds the data, and for this data alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.policy_documents import actions_of, statements_of
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
    if templates.environment.customer_managed:
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
        wanted = [*_of_variables(names.function(part.name)), *_of_parts(templates, part)]
        yield from _judge(templates, role, wanted)
    for hook in names.hooks:
        if names.hook_role(hook) in roles:
            yield from _judge(templates, roles[names.hook_role(hook)], list(_of_variables(names.hook(hook))))


def _judge(templates: Templates, role: Resource, wanted: list[tuple[str, frozenset[str], dict[str, Any]]]) -> Found:
    policies = [role]
    policies += [
        item
        for item in templates.of_type("AWS::IAM::ManagedPolicy")
        if role.get("RoleName") in listed(item.get("Roles"))
    ]
    statements = [statement for policy in policies for statement in statements_of(policy)]
    for purpose, actions, context in wanted:
        fitting = (
            statement
            for statement in statements
            if statement.get("Effect") == "Allow"
            and statement.get("Condition") == {"StringEquals": context}
            and actions <= set(actions_of(statement))
            and _is_key(templates, role, statement)
        )
        if next(fitting, None) is None:
            yield role, f"may not {', '.join(sorted(actions))} with the key of {purpose}, under {show(context)}"


def _is_key(templates: Templates, role: Resource, statement: Statement) -> bool:
    found = [templates.trace(role.stack, resource) for resource in listed(statement.get("Resource"))]
    return bool(found) and all(target and target.resource.type == "AWS::KMS::Key" for target in found)


def _of_variables(function: str) -> Iterator[tuple[str, frozenset[str], dict[str, Any]]]:
    """A cold start decrypts the function's variables with its role."""
    arn = arns.regional("lambda", f"function:{function}")
    yield f"the variables of {function}", _READ, {"kms:EncryptionContext:aws:lambda:FunctionArn": arn}


def _of_parts(templates: Templates, part: Function) -> Iterator[tuple[str, frozenset[str], dict[str, Any]]]:
    used: dict[str, tuple[Part, str, set[str]]] = {}
    for verb in _verbs(part):
        for action in verb.actions:
            service, _, call = action.partition(":")
            needed = _NEEDS.get(service, {}).get(call)
            if needed and not verb.part.existing_arn:
                used.setdefault(verb.part.label, (verb.part, service, set()))[2].update(needed)
    for label, (other, service, actions) in used.items():
        yield label, frozenset(actions), _context(templates, other, service)


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
