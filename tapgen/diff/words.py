"""The words for differences, the same on a terminal and in a pull request. Pure text, no layout."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tapgen.diff.publications import NEW_FUNCTION
from tapgen.diff.requirements import TYPE
from tapgen.diff.side import NESTED_STACK
from tapgen.iam.delta import BEYOND_BOUNDARY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.diff.condense import Generation, Repeated
    from tapgen.diff.difference import (
        ArtifactDifference,
        Difference,
        FalseAlarm,
        PermissionDifference,
        PropertyDifference,
        Publication,
        ResourceDifference,
    )

_MAX_VALUE = 200
_DIGEST = re.compile(r"\b[0-9a-f]{32}\b")
_SHOWN_DIGITS = 12
_IN_EVERY_ARN = ("arn:${AWS::Partition}:", "${AWS::Region}:${AWS::AccountId}:")
_VERBS = {
    ("added", "Allow"): "may now call",
    ("removed", "Allow"): "may no longer call",
    ("added", "Deny"): "is now refused",
    ("removed", "Deny"): "is no longer refused",
}
_ACTIONS = {"add": "add", "remove": "remove", "modify": "modify", "renew": "new", "follow": "follows"}
# CloudFormation makes an empty one and copies nothing, whether the old one is deleted then or retained.
_HOLDS = {
    "AWS::DynamoDB::Table": "items",
    "AWS::S3::Bucket": "objects",
    "AWS::SQS::Queue": "messages",
    "AWS::Logs::LogGroup": "log events",
    "AWS::KMS::Key": "means to decrypt what it encrypted",
}


def value_text(value: Any) -> str:
    """A value as one line of the template's short form: ``!GetAtt Table.StreamArn``; very long ones are cut."""
    if value is None:
        return "nothing"
    text = _DIGEST.sub(lambda found: found[0][:_SHOWN_DIGITS], _short_form(value))
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}… ({len(text)} characters)"


def property_text(difference: PropertyDifference) -> str:
    """``MemorySize: 512 → 1024``, or what was added or removed."""
    if difference.before is None:
        return f"{difference.path}: added {value_text(difference.after)}"
    if difference.after is None:
        return f"{difference.path}: removed {value_text(difference.before)}"
    return f"{difference.path}: {value_text(difference.before)} → {value_text(difference.after)}"


def action_text(resource: ResourceDifference) -> str:
    """``modify``, ``replace``, ``perhaps replace``, ``new`` …"""
    if resource.replacement == "always":
        return "replace"
    return "perhaps replace" if resource.replacement == "conditional" else _ACTIONS[resource.action]


def type_text(resource_type: str) -> str:
    """The type without what all of them have in common."""
    return "nested stack" if resource_type == NESTED_STACK else resource_type.removeprefix("AWS::")


def warnings_of(resource: ResourceDifference) -> Iterator[str]:
    """What a person must not overlook: why it is replaced, what that does to data, and that it will be refused."""
    if resource.replacement:
        may = "is replaced" if resource.replacement == "always" else "may be replaced"
        yield f"{may} because of {', '.join(resource.causes)}"
    held = _HOLDS.get(resource.resource_type)
    if held and resource.replacement:
        yield f"DATA AT RISK: the new one starts empty, {held} are not carried over{_fate(resource)}"
    elif held and resource.action == "remove" and resource.retained:
        yield f"it stays in the account with its {held}, and no stack has it any more"
    elif held and resource.action == "remove":
        yield f"DATA AT RISK: {held} go with it"
    if TYPE in resource.causes:
        yield "CloudFormation refuses this: a logical id keeps its type"
    elif resource.keeps_name:
        yield f"CloudFormation refuses this: a replacement cannot have the name of the old one, {resource.keeps_name}"
    if resource.confirmed == "alone":
        yield "CloudFormation alone sees this change: the templates do not differ here"
    elif resource.confirmed == "differs":
        yield "CloudFormation's own change set says this; the templates alone would say otherwise"


def quiet_texts(resource: ResourceDifference) -> Iterator[str]:
    """What explains a resource without being news."""
    sources: dict[str, list[str]] = {}
    for each in resource.depends_on:
        sources.setdefault(each.path, []).append(each.source)
    for path, names in sources.items():
        yield f"{path} depends on {', '.join(names)}"
    if resource.action == "renew":
        yield f"takes the place of {resource.before_id}" + (", which stays" if resource.retained else "")


def generation_text(generation: Generation) -> str:
    """``ApiVersion87797700e7c9  new in place of ApiVersion86180851f0fe``."""
    version = generation.version
    kind = type_text(version.resource_type)
    return f"{version.logical_id}  {action_text(version)}  {kind}, in place of {version.before_id}"


def generation_details(generation: Generation) -> Iterator[str]:
    """What comes with a new version and what follows it."""
    if generation.renewed:
        yield f"new with it: {', '.join(generation.renewed)}"
    if generation.followers:
        yield f"follow it: {', '.join(generation.followers)}"


def repeated_text(repeated: Repeated) -> str:
    """The change and on how many resources it happens."""
    stacks = ", ".join(repeated.stacks)
    return f"{property_text(repeated.difference)}, on {repeated.resources} resources ({stacks})"


def publication_text(publication: Publication) -> str:
    """Which function gets a version, why, and what moves its traffic."""
    if publication.reasons == (NEW_FUNCTION,):
        return f"{publication.function} gets its first version"
    reasons = ", ".join(publication.reasons) or "its version's hash"
    shift = f"traffic shifts by {publication.shift}" if publication.shift else "no alias is shifted to it"
    return f"{publication.function} gets a new version because of {reasons}; {shift}"


def permission_text(permission: PermissionDifference) -> str:
    """``role X may now call dynamodb:DeleteItem on dynamodb:table/…``, whatever kind of grant it is."""
    condition = f", if {_readable(permission.condition)}" if permission.condition else ""
    resource = _readable(permission.resource)
    if permission.actions == ("sts:AssumeRole",) and not permission.place:
        verb = "may now be assumed by" if permission.change == "added" else "may no longer be assumed by"
        return f"{permission.who} {verb} {resource}{condition}"
    if permission.actions == (BEYOND_BOUNDARY,):
        verb = "may now exceed" if permission.change == "added" else "may no longer exceed"
        return f"{permission.who} {verb} the boundary {resource}"
    verb = _VERBS[permission.change, permission.effect]
    through = f" (by {permission.place})" if permission.place else ""
    return f"{_readable(permission.who)} {verb} {', '.join(permission.actions)} on {resource}{condition}{through}"


def permissions_text(permissions: tuple[PermissionDifference, ...]) -> str:
    """How many there are of a deployment that is new."""
    roles = {each.who for each in permissions if not each.place}
    policies = {each.place for each in permissions if each.place}
    return (
        f"all new: {_count(len(permissions), 'grant')} of {_count(len(roles), 'role')} and of "
        f"{_count(len(policies), 'policy')} of resources; `tapgen iam show` explains them"
    )


def artifact_text(artifact: ArtifactDifference) -> str:
    """Name, sizes and how much of it differs."""
    if not artifact.known:
        return f"{artifact.name}: other contents; one of the two zips cannot be read any more"
    if not artifact.before_digest:
        return f"{artifact.name}: new, {_size(artifact.after_bytes)}"
    if not artifact.after_digest:
        return f"{artifact.name}: not needed any more, was {_size(artifact.before_bytes)}"
    sizes = f"{_size(artifact.before_bytes)} → {_size(artifact.after_bytes)}"
    return f"{artifact.name}: {sizes}, {_count(len(artifact.files), 'file')} changed"


def artifact_details(artifact: ArtifactDifference) -> Iterator[str]:
    """Dependency versions of the layer; files of everything else."""
    for each in artifact.dependencies:
        if each.before and each.after:
            yield f"{each.name} {each.before} → {each.after}"
        else:
            yield f"{each.name} {each.after} added" if each.after else f"{each.name} {each.before} removed"
    if artifact.dependencies:
        return
    for file in artifact.files:
        if file.before_bytes is None:
            yield f"{file.path} added, {_size(file.after_bytes)}"
        elif file.after_bytes is None:
            yield f"{file.path} removed, was {_size(file.before_bytes)}"
        else:
            yield f"{file.path} {_size(file.before_bytes)} → {_size(file.after_bytes)}"


def false_alarm_text(alarm: FalseAlarm) -> str:
    """What CloudFormation announces, and why it will not happen."""
    announced = {"always": "a replacement", "conditional": "perhaps a replacement", "": "a change"}[alarm.announced]
    return f"{alarm.stack}.{alarm.logical_id}: {announced} for {alarm.path}, which depends on {alarm.source}"


def summary_text(difference: Difference) -> str:
    """``1 to replace, 3 to modify, 2 new versions and guards``; what there is none of is left out."""
    counts = difference.counts()
    words = (
        ("add", "to add"),
        ("remove", "to remove"),
        ("replace", "to replace"),
        ("modify", "to modify"),
        ("renew", "renewed"),
        ("follow", "that follow"),
    )
    parts = [f"{counts[key]} {text}" for key, text in words if counts[key]]
    if not parts:
        return "other declarations alone" if difference.changed else "no differences"
    return ", ".join(parts)


def _fate(resource: ResourceDifference) -> str:
    return "; the old one stays in the account without a stack" if resource.retained else ""


def _count(number: int, word: str) -> str:
    plural = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{number} {word if number == 1 else plural}"


def _readable(text: str) -> str:
    """A resource or a condition without what every ARN has in common."""
    if text.startswith("{"):
        text = _short_form(json.loads(text))
    for common in _IN_EVERY_ARN:
        text = text.replace(common, "")
    return text


def _size(size_bytes: int | None) -> str:
    return f"{size_bytes or 0:,} B"


def _short_form(value: Any) -> str:
    if isinstance(value, str):
        return value or '""'
    if isinstance(value, dict) and len(value) == 1:
        name, inner = next(iter(value.items()))
        if name == "Ref":
            return f"!Ref {inner}"
        if name == "Fn::GetAtt":
            return f"!GetAtt {inner if isinstance(inner, str) else '.'.join(map(str, inner))}"
        if name == "Fn::Sub" and isinstance(inner, str):
            return f"!Sub {inner}"
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
