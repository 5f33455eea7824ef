"""What a comparison of two releases answers. Values alone, JSON-ready by ``dataclasses.asdict``."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA_VERSION = 1

Requirement = Literal["never", "conditional", "always"]
"""Whether a changed property makes CloudFormation replace the resource."""

Action = Literal["add", "remove", "modify", "renew", "follow"]
"""What becomes of a resource.

``renew``: its logical id carries a hash and changes with it, so that a new one takes its place and no data is lost: a
function's version, its guards, the layer. ``follow``: its template is as it was, and what it refers to is not.
"""


@dataclass(frozen=True, kw_only=True)
class PropertyDifference:
    """One place at which two values differ."""

    path: str
    """``MemorySize``, ``Environment.Variables.TABLE_NAME``, ``Tags[Owner]``, ``UpdatePolicy…``."""
    before: Any = None
    """As the template has it; None when it was absent."""
    after: Any = None
    requires: Requirement = "never"


@dataclass(frozen=True, kw_only=True)
class Dependence:
    """A property whose value comes from a resource that becomes another one."""

    path: str
    source: str
    """``data.TransactionsTable``."""
    requires: Requirement = "never"


@dataclass(frozen=True, kw_only=True)
class ResourceDifference:
    """One resource that is not as it was."""

    action: Action
    logical_id: str
    resource_type: str
    before_id: str = ""
    """Its logical id before, where that carries a hash."""
    properties: tuple[PropertyDifference, ...] = ()
    depends_on: tuple[Dependence, ...] = ()
    replacement: Literal["", "conditional", "always"] = ""
    causes: tuple[str, ...] = ()
    """Paths of the properties that replace it."""
    retained: bool = False
    """The old one stays in the account, and no stack has it any more."""
    keeps_name: str = ""
    """The physical name that old and new one would share: CloudFormation refuses such a replacement."""
    confirmed: Literal["", "same", "differs", "alone"] = ""
    """What CloudFormation's change set says of it: the same, another replacement, or that it alone sees a change."""


@dataclass(frozen=True, kw_only=True)
class StackDifference:
    """One stack in which something is not as it was."""

    stack: str
    action: Literal["add", "remove", "modify"]
    resources: tuple[ResourceDifference, ...] = ()
    declarations: tuple[PropertyDifference, ...] = ()
    """Outside of resources: ``Outputs.ApiUrl``, ``Parameters.KeyArn.Default``, ``Conditions.…``."""


@dataclass(frozen=True, kw_only=True)
class FileDifference:
    """One file of a zip; a size is None on the side that lacks it."""

    path: str
    before_bytes: int | None
    after_bytes: int | None


@dataclass(frozen=True, kw_only=True)
class DependencyDifference:
    """One distribution of the layer; a version is empty on the side that lacks it."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ArtifactDifference:
    """A function's code, or the layer."""

    name: str
    before_digest: str
    after_digest: str
    before_bytes: int | None = None
    """Of the zip; None when it could not be read, and then nothing is known of its files."""
    after_bytes: int | None = None
    files: tuple[FileDifference, ...] = ()
    dependencies: tuple[DependencyDifference, ...] = ()

    @property
    def known(self) -> bool:
        """Whether both zips could be read, or one is not there because the artifact came or went."""
        before = self.before_bytes is not None or not self.before_digest
        return before and (self.after_bytes is not None or not self.after_digest)


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A function version that will be published."""

    stack: str
    function: str
    """Logical id: ``ApiFunction``."""
    reasons: tuple[str, ...]
    """Paths of the versioned settings that differ; ``code`` and ``layer`` for what lies in zips."""
    shift: str
    """The deployment configuration that moves traffic; empty where no alias is shifted."""


@dataclass(frozen=True, kw_only=True)
class PermissionDifference:
    """Actions that somebody may do now and could not before, or the other way round."""

    change: Literal["added", "removed"]
    effect: Literal["Allow", "Deny"]
    who: str
    """A role's name, or the principal of a resource's own policy."""
    actions: tuple[str, ...]
    resource: str
    condition: str = ""
    """As JSON; empty without one."""
    place: str = ""
    """The resource policy that says it, ``data.ArchiveBucketPolicy``; empty for a role's."""

    @property
    def widens(self) -> bool:
        """Whether somebody may do more."""
        return (self.change == "added") == (self.effect == "Allow")


@dataclass(frozen=True, kw_only=True)
class FalseAlarm:
    """A change that CloudFormation announces for a value that it does not know yet and that will stay as it is."""

    stack: str
    logical_id: str
    resource_type: str
    path: str
    source: str
    """Where the value comes from: ``data.TransactionsTable``, which stays; or the parameter's name."""
    announced: Literal["", "conditional", "always"] = ""
    """The replacement that it announces."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """All that separates two releases of a deployment."""

    before: str
    after: str
    """Labels of the sides."""
    stacks: tuple[StackDifference, ...] = ()
    artifacts: tuple[ArtifactDifference, ...] = ()
    publications: tuple[Publication, ...] = ()
    permissions: tuple[PermissionDifference, ...] = ()
    tags: tuple[PropertyDifference, ...] = ()
    """Of the root stack."""
    confirmed: bool = False
    """Whether CloudFormation's change set was asked, too."""
    false_alarms: tuple[FalseAlarm, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether a deploy would do anything."""
        return bool(self.stacks or self.artifacts or self.tags)

    @property
    def first(self) -> bool:
        """Whether nothing is there yet."""
        return bool(self.stacks) and all(stack.action == "add" for stack in self.stacks)

    def resources(self) -> Iterator[tuple[str, ResourceDifference]]:
        """(stack, resource) of everything that is not as it was."""
        for stack in self.stacks:
            for resource in stack.resources:
                yield stack.stack, resource

    def counts(self) -> dict[str, int]:
        """``add``, ``remove``, ``modify``, ``replace``, ``renew``, ``follow``: how many resources."""
        found = dict.fromkeys(("add", "remove", "modify", "replace", "renew", "follow"), 0)
        for _, resource in self.resources():
            found["replace" if resource.replacement == "always" else resource.action] += 1
        return found

    def as_dict(self) -> dict[str, Any]:
        """The shape that ``--json`` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "changed": self.changed,
            "counts": self.counts(),
            **dataclasses.asdict(self),
        }
