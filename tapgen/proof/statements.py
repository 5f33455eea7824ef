"""What of each role of a service can only be stated: by what Lambda and the pollers of its event sources do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam.stated import KEY, TRACES, Stated, state_logs
from tapgen.parts.registry import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.naming import Names
    from tapgen.parts.source import Source
    from tapgen.service.model import Model


def stated_for(names: Names, service: Model) -> dict[str, tuple[Stated, ...]]:
    """Role name → what it is stated to need."""
    functions = {
        **{names.function_role(role): names.function_log_group(role) for role in names.functions},
        **{names.hook_role(hook): names.hook_log_group(hook) for hook in names.hooks},
    }
    found: dict[str, tuple[Stated, ...]] = {role: (state_logs(group), TRACES, KEY) for role, group in functions.items()}
    for function in service.functions:
        for source in function.sources:
            found[names.function_role(function.name)] += tuple(_poller(names, source))
    return found


def _poller(names: Names, source: Source) -> Iterator[Stated]:
    """What Lambda's poller does with the function's role, as the source's kind states it."""
    module = kind_of(source.part).load("stated")
    yield from module.state_poller(names, source) if module else ()
