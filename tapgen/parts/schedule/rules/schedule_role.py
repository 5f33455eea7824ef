"""A schedule's role may invoke one live alias, and send to one queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import actions_of, as_text, resources_of, statements_of
from tapgen.elements.rule import Found, Rule, differences
from tapgen.parts.names import make_arn, physical_name
from tapgen.parts.schedule.model import Schedule

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    service, names = templates.environment.service, templates.names
    for item in templates.of_type("AWS::Scheduler::Schedule"):
        target = templates.trace(item.stack, item.get("Target.RoleArn"))
        part = next((part for part in service.of(Schedule) if physical_name(names, part) == item.get("Name")), None)
        if part is None:
            continue
        if target is None or target.resource.type != "AWS::IAM::Role":
            yield item, "has no role of its own to invoke with"
            continue
        yield from differences(target.resource, {"RoleName": names.function_role(f"{part.name}-schedule")})
        allowed = {
            (action, resource)
            for statement in statements_of(target.resource)
            if statement.get("Effect") == "Allow" and "Condition" not in statement
            for action in actions_of(statement)
            for resource in resources_of(statement)
        }
        needed = {("lambda:InvokeFunction", as_text(make_arn(names, item))) for item, _ in service.consumers(part)}
        if part.attempts.on_failure:
            needed.add(("sqs:SendMessage", as_text(make_arn(names, part.attempts.on_failure))))
        for action, resource in sorted(needed - allowed):
            yield target.resource, f"may not {action} on {resource}, which {part.label} needs"


RULE = Rule(
    id="schedule-role",
    holds="The role of a schedule may invoke the live alias of its function, and send to the queue of what was "
    "given up.",
    why="Scheduler invokes with this role alone: without the permission nothing happens, and nobody is told.",
    source='EventBridge Scheduler user guide, "Setting up the execution role"',
    find=_find,
)
