"""A function has the variables that the service gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.elements.rule import Found, Rule, differences, mapping, same, show
from tapgen.parts.function.model import Function
from tapgen.parts.made import made
from tapgen.parts.names import granted_variables, resolve
from tapgen.parts.part import Reference

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

# Attributes by which a reference tells where its part is; a setting tells nothing of that.
_IDENTITIES = ("name", "arn", "url")


def _find(templates: Templates) -> Found:
    for part, function in made(templates, Function, "AWS::Lambda::Function", name_property="FunctionName"):
        found = mapping(function.get("Environment.Variables"))
        for name, value in _wanted(templates, part).items():
            if not same(found.get(name), value):
                yield function, f"{name} is {show(found.get(name))}; {show(value)} is asked for"
    yield from _judge_hooks(templates)


def _wanted(templates: Templates, part: Function) -> dict[str, Any]:
    """What the service names itself, and what the grants bring."""
    environment, names = templates.environment, templates.names
    said = {name: resolve(environment, names, variable) for name, variable in part.variables.items()}
    references = [value for value in part.variables.values() if isinstance(value, Reference)]
    named = [value.part for value in references if value.attribute in _IDENTITIES]
    granted: dict[str, Any] = {}
    for grant in part.grants:
        if grant.verb.variables and not any(grant.verb.part is item for item in named):
            granted |= granted_variables(names, grant.verb.part)
    common = {
        "ENVIRONMENT": environment.label,
        "POWERTOOLS_METRICS_NAMESPACE": names.metric_namespace,
        "POWERTOOLS_SERVICE_NAME": f"{environment.project}-{part.name}",
        "POWERTOOLS_LOG_LEVEL": _python_level(environment.functions[part.name].log_level),
    }
    return common | granted | said


def _python_level(level: str) -> str:
    """Powertools has Python's names of levels."""
    return {"TRACE": "DEBUG", "WARN": "WARNING", "FATAL": "CRITICAL"}.get(level, level)


def _judge_hooks(templates: Templates) -> Found:
    hooks = {templates.names.hook(hook) for hook in templates.names.hooks}
    for function in templates.of_type("AWS::Lambda::Function"):
        if function.get("FunctionName") in hooks:
            wanted = {"Environment.Variables.FUNCTION_PREFIX": f"{templates.names.prefix}-"}
            yield from differences(function, wanted)


RULE = Rule(
    id="function-variables",
    holds="A function has the variables that the service gives it and those that its grants bring, with the values "
    "of this environment; a hook knows the prefix of the functions that it tries.",
    why="A function that does not find its table fails at every call, or writes into another environment's.",
    source='Lambda developer guide, "Working with Lambda environment variables"',
    find=_find,
)
