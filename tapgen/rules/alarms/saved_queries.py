"""Saved queries read log groups that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, listed

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates

# A saved query reads at most 50 log groups (Logs API reference, PutQueryDefinition).
_MOST_GROUPS = 50


def _find(templates: Templates) -> Found:
    groups = {group.get("LogGroupName") for group in templates.of_type("AWS::Logs::LogGroup")}
    for query in templates.generated("AWS::Logs::QueryDefinition"):
        named = listed(query.get("LogGroupNames"))
        if unknown := sorted(str(name) for name in named if name not in groups):
            yield query, f"reads {', '.join(unknown)}, which no template makes"
        if not 0 < len(named) <= _MOST_GROUPS:
            yield query, f"reads {len(named)} log groups; CloudWatch Logs takes 1 to {_MOST_GROUPS}"
        if not _reads_all(templates, query, set(named)):
            yield query, "reads the logs of some functions and leaves others out"
        if not str(query.get("QueryString") or "").strip():
            yield query, "asks nothing"


def _reads_all(templates: Templates, query: Resource, named: set[str]) -> bool:
    """What reads a hook's log beside others reads those of all functions; a query of the service's own says which."""
    names = templates.names
    hooks = {names.hook_log_group(hook) for hook in names.hooks}
    every = {names.function_log_group(part.name) for part in templates.environment.service.functions} | hooks
    own = _own_logs(templates).get(str(query.get("Name")).rpartition("/")[2])
    if own is not None or not named & every:
        return own is None or named == own
    return len(named) == min(len(every), _MOST_GROUPS) and named <= every


def _own_logs(templates: Templates) -> dict[str, set[str]]:
    """Name of each query that the service brings → its log groups."""
    names = templates.names
    groups = {"access": names.access_log_group} | {hook: names.hook_log_group(hook) for hook in names.hooks}
    groups |= {part.name: names.function_log_group(part.name) for part in templates.environment.service.functions}
    return {item.name: {groups.get(log, "") for log in item.logs} for item in templates.environment.service.queries}


RULE = Rule(
    id="saved-queries",
    holds="A saved query reads log groups of this deployment.",
    why="A query of a group that is not there fails when somebody needs its answer.",
    source="CloudWatch Logs API reference, PutQueryDefinition",
    severity="warning",
    find=_find,
)
