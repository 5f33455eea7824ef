"""A function runs with its own role, or the one that the service names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences, show
from tapgen.parts.function.model import Function
from tapgen.parts.made import made

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates


def _find(templates: Templates) -> Found:
    names = templates.names
    for part, function in made(templates, Function, "AWS::Lambda::Function", name_property="FunctionName"):
        if part.role_arn:
            yield from differences(function, {"Role": part.role_arn})
        else:
            yield from _judge(templates, function, names.function_role(part.name))
    hooks = {names.hook(hook): names.hook_role(hook) for hook in names.hooks}
    for function in templates.of_type("AWS::Lambda::Function"):
        if function.get("FunctionName") in hooks:
            yield from _judge(templates, function, hooks[function.get("FunctionName")])


def _judge(templates: Templates, function: Resource, role_name: str) -> Found:
    target = templates.trace(function.stack, function.get("Role"))
    found = target.resource.get("RoleName") if target else None
    if found != role_name and templates.whole:
        yield function, f"runs with the role {show(found)}; {role_name} is its own"


RULE = Rule(
    id="function-role",
    holds="A function and a hook run with their own role, or with the one that the service names.",
    why="With another's role a function may do what another was granted, and not what itself needs.",
    source='Lambda developer guide, "Defining Lambda function permissions with an execution role"',
    find=_find,
)
