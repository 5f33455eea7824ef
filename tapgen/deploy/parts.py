"""Which resource of a release somebody means by ``PART=PHYSICAL_ID``. Pure.

The one place that knows how a part is called: whoever renders templates from parts with names of their own hands those
names in here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.errors import UsageError
from tapgen.gates.templates import ROOT, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tapgen.gates.templates import Stacks
    from tapgen.model import Rendered


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A type that holds data.

    Attributes:
        word: How people call it: ``table``.
        name_property: The property that names it; empty where AWS does.
        immutable: Properties whose change needs another resource (CloudFormation template reference).
        defaults: What an immutable property is where nobody says.
        unread: Properties that no service tells, and that are taken as rendered.
        ending: What logical ids of this type often end in.
    """

    word: str
    name_property: str
    immutable: tuple[str, ...]
    defaults: Mapping[str, Any]
    ending: str
    unread: tuple[str, ...] = ()


KINDS: Mapping[str, Kind] = {
    "AWS::DynamoDB::Table": Kind(
        word="table",
        name_property="TableName",
        immutable=("KeySchema", "LocalSecondaryIndexes"),
        defaults={},
        ending="Table",
    ),
    "AWS::S3::Bucket": Kind(word="bucket", name_property="BucketName", immutable=(), defaults={}, ending="Bucket"),
    "AWS::SQS::Queue": Kind(
        word="queue",
        name_property="QueueName",
        immutable=("FifoQueue",),
        defaults={"FifoQueue": False},
        ending="Queue",
    ),
    "AWS::SNS::Topic": Kind(
        word="topic",
        name_property="TopicName",
        immutable=("FifoTopic",),
        defaults={"FifoTopic": False},
        ending="Topic",
    ),
    "AWS::Logs::LogGroup": Kind(
        word="log-group",
        name_property="LogGroupName",
        immutable=("LogGroupClass",),
        defaults={"LogGroupClass": "STANDARD"},
        ending="LogGroup",
    ),
    "AWS::KMS::Key": Kind(
        word="key",
        name_property="",
        immutable=("KeySpec", "KeyUsage", "MultiRegion", "Origin"),
        defaults={
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "MultiRegion": False,
            "Origin": "AWS_KMS",
        },
        ending="Key",
        unread=("PendingWindowInDays",),
    ),
}
"""Types that can be adopted → what there is to know of them."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A resource of the release that can be adopted.

    Attributes:
        stack: Logical id of its nested stack; ``root`` for the root's own.
        logical_id: In its template.
        resource_type: A key of ``KINDS``.
        definition: As it is rendered.
        names: What people may call it, in lower case with hyphens.
    """

    stack: str
    logical_id: str
    resource_type: str
    definition: Mapping[str, Any]
    names: frozenset[str]

    @property
    def kind(self) -> Kind:
        """What there is to know of its type."""
        return KINDS[self.resource_type]

    @property
    def path(self) -> str:
        """``Data.Table``: the name that is never ambiguous."""
        return path_of(self.stack, self.logical_id)

    @property
    def name(self) -> str:
        """The name that the definition gives it; empty where AWS or an expression does."""
        found = self.definition.get("Properties", {}).get(self.kind.name_property)
        return found if isinstance(found, str) else ""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """``PART=PHYSICAL_ID``, with the part found."""

    part: Part
    given: str
    """What the existing resource is called on the command line."""


def list_parts(stacks: Stacks, rendered: Rendered) -> tuple[Part, ...]:
    """Every resource of the templates that can be adopted, in their order."""
    return tuple(
        Part(
            stack=stack,
            logical_id=logical_id,
            resource_type=resource["Type"],
            definition=resource,
            names=frozenset(_names(logical_id, resource, rendered)),
        )
        for stack, template in stacks.items()
        for logical_id, resource in template.get("Resources", {}).items()
        if resource["Type"] in KINDS
    )


def read_wishes(assignments: Iterable[str], parts: Sequence[Part]) -> tuple[Wish, ...]:
    """What the command line asks for.

    Raises:
        UsageError: An assignment is none, or names no part, several, or one twice.
    """
    wishes = tuple(_read(assignment, parts) for assignment in assignments)
    for index, wish in enumerate(wishes):
        if any(wish.part.path == other.part.path for other in wishes[:index]):
            raise UsageError(
                f"{wish.part.path} is named twice", hint="say one physical id for each part", code="part-twice"
            )
    return wishes


def describe_parts(parts: Iterable[Part]) -> str:
    """The parts, one a line: path, kind and the name that they are rendered with."""
    return "\n".join(f"{part.path} ({part.kind.word}) {part.name or 'any id'}" for part in parts)


def _read(assignment: str, parts: Sequence[Part]) -> Wish:
    word, equals, given = assignment.partition("=")
    if not word or not equals or not given:
        raise UsageError(
            f"{assignment!r} is not PART=PHYSICAL_ID",
            why="for example table:orders=orders-prod, archive=my-bucket or Data.Table=orders-prod",
            hint=f"the parts are:\n{describe_parts(parts)}",
            code="part-malformed",
        )
    return Wish(part=_find(word, parts), given=given)


def _find(word: str, parts: Sequence[Part]) -> Part:
    found = [part for part in parts if part.path == word] or [part for part in parts if part.logical_id == word]
    if not found:
        kind, colon, name = word.rpartition(":")
        found = [part for part in parts if kebab(name) in part.names and (not colon or _is_kind(part, kind))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{word!r} is more than one part",
            why=describe_parts(found),
            hint="say the whole path, for example " + found[0].path,
            code="part-ambiguous",
        )
    raise UsageError(
        f"the release has no part {word!r} that can be adopted",
        why="a part is a table, bucket, queue, topic, log group or key of the templates",
        hint=f"the parts are:\n{describe_parts(parts)}",
        code="part-unknown",
    )


def _is_kind(part: Part, word: str) -> bool:
    return kebab(word) in {part.kind.word, kebab(part.resource_type.rpartition("::")[2])}


def _names(logical_id: str, resource: Mapping[str, Any], rendered: Rendered) -> Iterator[str]:
    """The logical id, the same without its type, and what the physical name ends in behind the deployment's prefix."""
    kind = KINDS[resource["Type"]]
    yield kebab(logical_id)
    yield kebab(logical_id.removesuffix(kind.ending) or logical_id)
    name = resource.get("Properties", {}).get(kind.name_property)
    if isinstance(name, str):
        role = name.partition(f"{rendered.deployment}-{rendered.region}-")[2]
        if role:
            yield kebab(role.removesuffix(f"-{rendered.account_id}"))


def kebab(text: str) -> str:
    """``DeadLetterQueue`` → ``dead-letter-queue``; what has hyphens stays."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text).replace("_", "-").lower()


def is_root(part: Part) -> bool:
    """Whether the part is a resource of the root stack itself."""
    return part.stack == ROOT
