"""A policy document is of the version that knows variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.rule import Found, Rule, listed, mapping, show

if TYPE_CHECKING:
    from tapgen.elements.templates import Templates

_VERSION = "2012-10-17"


def _find(templates: Templates) -> Found:
    for resource in templates.resources:
        properties = resource.properties
        documents = [properties.get(name) for name in ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument")]
        documents += [mapping(policy).get("PolicyDocument") for policy in listed(properties.get("Policies"))]
        for document in documents:
            if isinstance(document, dict) and document.get("Version") != _VERSION:
                yield resource, f"has a policy of the version {show(document.get('Version'))}; {_VERSION} is asked for"


RULE = Rule(
    id="policy-version",
    holds="A policy document says that it is of version 2012-10-17.",
    why="Without it IAM reads the document by the rules of 2008, which know no policy variables.",
    source='IAM user guide, "IAM JSON policy elements: Version"',
    find=_find,
)
