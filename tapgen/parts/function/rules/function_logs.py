"""A function logs to a group of its own that is there before it, as structured lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences, listed
from tapgen.naming import function_log_group
from tapgen.parts.function.model import HOOKS as HOOK_SETTINGS

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    groups = {group.get("LogGroupName"): group for group in templates.of_type("AWS::Logs::LogGroup")}
    environment, names = templates.environment, templates.names
    expected = {names.function(part.name): part.name for part in environment.service.functions}
    expected |= {names.hook(hook): HOOK_SETTINGS for hook in names.hooks}
    for function in templates.of_type("AWS::Lambda::Function"):
        settings = environment.functions.get(expected.get(function.get("FunctionName"), ""))
        if settings is None:
            continue
        group_name = function_log_group(function.get("FunctionName"))
        yield from differences(
            function,
            {
                "LoggingConfig.LogGroup": group_name,
                "LoggingConfig.LogFormat": "JSON",
                "LoggingConfig.ApplicationLogLevel": settings.log_level,
                "LoggingConfig.SystemLogLevel": "INFO",
            },
        )
        group = groups.get(group_name)
        if group is None:
            yield function, f"logs to {group_name}, which no template makes: Lambda would keep it for ever"
            continue
        yield from differences(group, {"RetentionInDays": settings.log_retention_days})
        if group.logical_id not in listed(function.definition.get("DependsOn")):
            yield function, f"must depend on {group.logical_id}, or Lambda makes the log group first"


RULE = Rule(
    id="function-logs",
    holds="A function logs structured lines to a group of its own, made before it, kept as long as "
    "`functions.<name>.log_retention_days` says, with the level that is configured.",
    why="Lambda makes a log group that is not there, without retention and without the key; saved queries find "
    "nothing in lines that are no JSON.",
    source='Lambda developer guide, "Configuring advanced logging controls for Lambda functions"',
    find=_find,
)
