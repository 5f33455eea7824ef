"""A permission to invoke names its source exactly, and invokes an alias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import as_text
from tapgen.elements.rule import Found, Rule

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates


def _find(templates: Templates) -> Found:
    for permission in templates.of_type("AWS::Lambda::Permission"):
        source = as_text(permission.properties.get("SourceArn", "*"))
        if "*" in source:
            principal = permission.get("Principal")
            yield permission, f"lets {source} of {principal} invoke: name the exact source"
        target = templates.trace(permission.stack, permission.get("FunctionName"))
        if target is None or target.resource.type != "AWS::Lambda::Alias":
            yield permission, "lets the function be invoked past its alias"


RULE = Rule(
    id="scoped-invocations",
    holds="A permission to invoke a function names its source exactly, and is one on the live alias.",
    why="A service acts for all of its customers: without the source, anybody's API or topic could invoke; past "
    "the alias, callers would meet a version that no shift has judged.",
    source='Lambda developer guide, "Granting Lambda function access to AWS services", cross-service confused deputy',
    find=_find,
)
