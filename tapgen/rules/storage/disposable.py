"""What holds no data of its own goes with its stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule
from tapgen.naming import function_log_group

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

_DISPOSABLE = ("AWS::CloudFormation::Stack", "AWS::SNS::Topic", "AWS::SQS::Queue")
_GROUP = "AWS::Logs::LogGroup"


def _find(templates: Templates) -> Found:
    logs = {
        function_log_group(str(function.get("FunctionName"))) for function in templates.of_type("AWS::Lambda::Function")
    }
    groups = [group for group in templates.generated(_GROUP) if group.get("LogGroupName") in logs]
    for resource in (*templates.generated(*_DISPOSABLE), *groups):
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resource.definition.get(policy, "Delete") != "Delete":
                yield resource, f"stays when its stack goes: {policy} is {resource.definition[policy]}"


RULE = Rule(
    id="disposable",
    holds="Queues, topics, the functions' logs and nested stacks go with the deployment.",
    why="The name of what stays is taken: the next first deploy fails on it.",
    source='CloudFormation user guide, "DeletionPolicy attribute"; `tapgen guide deploying`',
    severity="warning",
    find=_find,
)
