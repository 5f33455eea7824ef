"""A permission to invoke names its source exactly, and invokes an alias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.policy_documents import as_text
from tapgen.elements.rule import Found, Rule, mapping
from tapgen.naming import LIVE_ALIAS

if TYPE_CHECKING:
    from tapgen.elements.templates import Resource, Templates


def _find(templates: Templates) -> Found:
    for permission in templates.of_type("AWS::Lambda::Permission"):
        source = as_text(permission.properties.get("SourceArn", "*"))
        if "*" in source:
            principal = permission.get("Principal")
            yield permission, f"lets {source} of {principal} invoke: name the exact source"
        if not _is_on_alias(templates, permission):
            yield permission, "lets the function be invoked past its alias"


def _is_on_alias(templates: Templates, permission: Resource) -> bool:
    """Whether it is one on a live alias: by reference, or by its ARN where another stack makes it first."""
    invoked = permission.get("FunctionName")
    target = templates.trace(permission.stack, invoked)
    if target is not None:
        return target.resource.type == "AWS::Lambda::Alias"
    named, names = str(mapping(invoked).get("Fn::Sub", "")).partition(":function:")[2], templates.names
    return named in {f"{names.function(name)}:{LIVE_ALIAS}" for name in names.functions}


RULE = Rule(
    id="scoped-invocations",
    holds="A permission to invoke a function names its source exactly, and is one on the live alias.",
    why="A service acts for all of its customers: without the source, anybody's API or topic could invoke; past "
    "the alias, callers would meet a version that no shift has judged.",
    source='Lambda developer guide, "Granting Lambda function access to AWS services", cross-service confused deputy',
    find=_find,
)
