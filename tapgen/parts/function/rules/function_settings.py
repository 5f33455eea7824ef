"""A function runs with the settings that are configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.function.model import HOOKS as HOOK_SETTINGS
from tapgen.parts.function.rules.aliases import functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.templates import Resource, Templates

# What every function has without asking (Lambda quotas).
_EPHEMERAL_STORAGE_MB = 512


def _find(templates: Templates) -> Found:
    for part, function in _functions(templates):
        settings = templates.environment.functions[part]
        storage = settings.ephemeral_storage_mb
        yield from differences(
            function,
            {
                "MemorySize": settings.memory_mb,
                "Timeout": settings.timeout_s,
                "Architectures": [settings.architecture],
                "TracingConfig.Mode": "Active" if settings.tracing else "PassThrough",
                "EphemeralStorage.Size": storage if storage != _EPHEMERAL_STORAGE_MB else None,
                "ReservedConcurrentExecutions": settings.reserved_concurrency or None,
                "SnapStart.ApplyOn": "PublishedVersions" if settings.snap_start else None,
                "RecursiveLoop": None,
            },
        )


def _functions(templates: Templates) -> Iterator[tuple[str, Resource]]:
    """(name of the settings, function): the service's, and the hooks."""
    for name, function in functions(templates).items():
        yield name, function
    hooks = {templates.names.hook(hook) for hook in templates.names.hooks}
    for function in templates.of_type("AWS::Lambda::Function"):
        if function.get("FunctionName") in hooks:
            yield HOOK_SETTINGS, function


RULE = Rule(
    id="function-settings",
    holds="A function has the memory, timeout, architecture, tracing, storage, concurrency and SnapStart that "
    "`functions.<name>` says.",
    why="A shorter timeout fails requests under load; a reservation that is left out lets one function take the "
    "concurrency of all.",
    source="CloudFormation user guide, AWS::Lambda::Function",
    severity="warning",
    find=_find,
)
