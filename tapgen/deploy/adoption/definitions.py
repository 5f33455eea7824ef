"""The definitions that CloudFormation imports, and the templates around them. Pure.

An import changes nothing of the resource, and CloudFormation does not compare the two (user guide, "Import AWS
resources into a CloudFormation stack manually"). So a definition here says what *is*: the next deploy then sees what
differs from the release, and changes it. What was not looked at is left out, so that the next deploy sets it.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from tapgen.aws.import_change_sets import Import
from tapgen.deploy.adoption.fit import fits
from tapgen.deploy.drift.expectation import resolve
from tapgen.gates.templates import NESTED_STACK
from tapgen.naming import ADOPTION_PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Final

    from tapgen.aws.adoptable.model import Existing
    from tapgen.deploy.drift.expectation import Surroundings
    from tapgen.deploy.parts import Part
    from tapgen.gates.templates import Template

BUCKET_POLICY: Final = "AWS::S3::BucketPolicy"
_FORMAT = {"AWSTemplateFormatVersion": "2010-09-09"}


def define(part: Part, existing: Existing, around: Surroundings) -> dict[str, Any]:
    """The part's definition with the properties that the existing resource has."""
    wanted = part.definition.get("Properties", {})
    properties = dict(_properties(part, existing, around))
    if part.kind.name_property and part.kind.name_property in wanted:
        properties[part.kind.name_property] = existing.name
    return _kept(part.definition, properties)


def define_policies(
    template: Template, bucket: str, existing: Existing, around: Surroundings
) -> dict[str, dict[str, Any]]:
    """The bucket policies of the template that are for an adopted bucket → their definitions as they are.

    CloudFormation refuses to create a policy where the bucket has one, so that it is imported beside its bucket.

    Args:
        template: The release's template that the bucket is in.
        bucket: The bucket's logical id.
        existing: The bucket.
        around: What pseudo parameters stand for.
    """
    if existing.policy is None:
        return {}
    return {
        logical_id: _kept(resource, {"Bucket": existing.name, "PolicyDocument": _document(resource, existing, around)})
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == BUCKET_POLICY and _is_of(resource["Properties"]["Bucket"], bucket, existing, around)
    }


def import_of(logical_id: str, definition: Mapping[str, Any], existing: Existing) -> Import:
    """How a change set names a resource to import; a bucket policy by its bucket."""
    resource_type = definition["Type"]
    identifier = {"Bucket": existing.name} if resource_type == BUCKET_POLICY else existing.identifier
    return Import(resource_type=resource_type, logical_id=logical_id, identifier=identifier)


def with_resources(template: Template, resources: Mapping[str, Any]) -> dict[str, Any]:
    """A stack's template with further resources; nothing else of it changes."""
    made: dict[str, Any] = copy.deepcopy(dict(template)) if template else {**_FORMAT}
    made["Resources"] = {**made.get("Resources", {}), **resources}
    return made


def placeholder() -> dict[str, Any]:
    """The template of a root in which nothing is nested yet."""
    return {**_FORMAT, "Resources": {ADOPTION_PLACEHOLDER: {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}


def nested_row(template_url: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """The definition of a stack that is to be nested: its template, its tags, and a policy that keeps it.

    User guide, "Nest an existing stack": template and tags are those of the stack.
    """
    return {
        "Type": NESTED_STACK,
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "TemplateURL": template_url,
            "Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())],
        },
    }


def encode(template: Mapping[str, Any]) -> bytes:
    """A template as it is uploaded, the same bytes for the same template."""
    return json.dumps(template, sort_keys=True, separators=(",", ":")).encode()


def _properties(part: Part, existing: Existing, around: Surroundings) -> Iterator[tuple[str, Any]]:
    """Every property that the release sets: as it is where that is known, as rendered where it never changes."""
    for key, value in part.definition.get("Properties", {}).items():
        wanted = resolve(value, around)
        if key in existing.covered:
            if wanted is not None and fits(wanted, existing.properties.get(key)):
                yield key, value
            elif key in existing.properties:
                yield key, existing.properties[key]
        elif key in (*part.kind.immutable, *part.kind.unread):
            yield key, value


def _kept(resource: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """A definition with the release's own policies: the data firewall compares them at the next deploy.

    An import asks for a DeletionPolicy; left out, it is Delete (template reference).
    """
    policies = {"DeletionPolicy": resource.get("DeletionPolicy", "Delete")}
    if "UpdateReplacePolicy" in resource:
        policies["UpdateReplacePolicy"] = resource["UpdateReplacePolicy"]
    return {"Type": resource["Type"], **policies, "Properties": dict(properties)}


def _document(resource: Mapping[str, Any], existing: Existing, around: Surroundings) -> Any:
    """The policy as it is; in the release's own words where those mean the same."""
    wanted = resource["Properties"]["PolicyDocument"]
    return wanted if resolve(wanted, around) == existing.policy else existing.policy


def _is_of(value: Any, bucket: str, existing: Existing, around: Surroundings) -> bool:
    return bool(value == {"Ref": bucket} or resolve(value, around) == existing.name)
