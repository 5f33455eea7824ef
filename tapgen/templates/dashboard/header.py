"""The head of the dashboard: what this is, what is live, and where to go from here.

A release cannot name itself in its own templates, whose digest it is, and a body that changes with each release would
make each deploy an update of this stack. So the head says where the live release stands (the root stack's output
``ReleaseId``), and the section on versions shows which version serves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tapgen.elements.alarm import RUNBOOK_COMMAND
from tapgen.elements.widgets import text
from tapgen.parts.names import physical_name
from tapgen.parts.queue.model import Queue
from tapgen.parts.table.model import Table

if TYPE_CHECKING:
    from tapgen.elements.widgets import Widget
    from tapgen.elements.wiring import Context

# Of a kind: the head is read at a glance.
_MOST_LINKS = 6


def title(context: Context) -> Widget:
    """Name, environment and links."""
    environment, names = context.environment, context.names
    kind = "**production**" if environment.production else "not production"
    suffix = f" --suffix {environment.suffix}" if environment.suffix else ""
    command = f"tapgen status --env {environment.name}{suffix}"
    links = " · ".join(f"[{word}]({url})" for word, url in _links(context).items())
    base = environment.alarms.runbook_base_url
    runbooks = f"[Runbooks]({base})" if base else f"Runbooks: `{RUNBOOK_COMMAND}`"
    return text(
        f"# {names.deployment}\n"
        f"Environment **{environment.label}**, {kind}, ${{AWS::Region}}. Live release: output `ReleaseId` of the "
        f"[root stack]({_root_url(context)}), or `{command}`; serving versions are below. "
        f"Back to the release before: `tapgen rollback --env {environment.name}{suffix}`.\n\n"
        f"{runbooks} · {links}",
        height=4,
    )


def _links(context: Context) -> dict[str, str]:
    names = context.names
    links = {"Saved queries": _url("cloudwatch", "logsV2:logs-insights")}
    for name in names.functions[:_MOST_LINKS]:
        group = names.function_log_group(name)
        links[f"Log of {name}"] = _url("cloudwatch", f"logsV2:log-groups/log-group/{_fragment(group)}")
    if context.service.api and context.first:
        links["Access log"] = _url("cloudwatch", f"logsV2:log-groups/log-group/{_fragment(names.access_log_group)}")
    links |= {
        "Alarms": _url("cloudwatch", f"alarmsV2:?~(search~'{quote(names.prefix)})"),
        "Traces": _url("cloudwatch", "xray:traces/query"),
        "Functions": _url("lambda", f"/functions?f0=true&n0=false&op=and&v0={names.prefix}"),
        "Shifts": f"https://${{Console}}/codesuite/codedeploy/applications/{names.deployment_application}"
        "?region=${AWS::Region}",
    }
    for part in context.service.of(Table)[:_MOST_LINKS]:
        links[f"Table {part.name}"] = _url("dynamodbv2", f"table?name={physical_name(names, part)}&tab=monitoring")
    for queue in context.service.of(Queue)[:_MOST_LINKS]:
        links[f"Queue {queue.name}"] = _url("sqs/v3", f"/queues?search={physical_name(names, queue)}")
    return links


def _root_url(context: Context) -> str:
    return _url("cloudformation", f"/stacks?filteringText={context.names.root_stack}")


def _url(service: str, fragment: str) -> str:
    return f"https://${{Console}}/{service}/home?region=${{AWS::Region}}#{fragment}"


def _fragment(name: str) -> str:
    """A log group's name in the console's fragments: quoted twice, with $ for %."""
    return quote(quote(name, safe=""), safe="").replace("%", "$")
