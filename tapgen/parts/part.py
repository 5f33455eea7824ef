"""What a part is, whatever its kind: a name, the place where the user wrote it, verbs that grant, and references.

Values alone. Nothing here knows AWS's resources, an environment or a template.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Place:
    """Where something was written: a file of the project and a line."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


NOWHERE = Place("", 0)
"""Of what the engine adds by itself."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a service."""

    kind: ClassVar[str]
    """The kind's name in messages and in the registry: ``table``."""

    name: str
    """As the user wrote it: lower case, digits and hyphens; unique within its kind."""
    logical_id: str
    """First part of the logical ids of its resources, or the id of its only one."""
    existing_arn: str = ""
    """Of what others own: the service uses it and makes nothing."""
    key_arn: str = ""
    """Of the key of others that encrypts it; the environment's ``encryption`` decides when left out."""
    defaults: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Settings that ``config/service.py`` gives; ``environments.yaml`` wins over them."""
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    @property
    def label(self) -> str:
        """``table orders``."""
        return f"{self.kind} {self.name}"

    def reference(self, attribute: str, *, default: str = "") -> Reference:
        """A value of the deployed part, for a function's variables: ``name``, ``arn``, ``url`` or a setting."""
        return Reference(part=self, attribute=attribute, default=default)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A value that is known when an environment is rendered: a part's name, URL, ARN or setting."""

    part: Part
    attribute: str
    """``name``, ``arn``, ``url``, or a setting of the part's kind."""
    default: str = ""
    """Instead of a setting that is null."""


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One set of actions on one exact ARN of a part."""

    part: Part
    name: str
    """``put``, ``query``: what the user wrote."""
    actions: tuple[str, ...]
    """``dynamodb:PutItem``."""
    path: str = ""
    """What follows the part's ARN: ``/index/by-status``, ``/daily/*``."""
    variables: bool = True
    """Whether the function is told the part's name: a verb for the engine's own use brings no variable."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A verb that a function may use, and what needs it."""

    verb: Verb
    reason: str
    """The route or event: ``POST /orders``."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting of the service's own: ``settings.<name>`` of an environment, read as a variable."""

    name: str
    default: bool | int | str
    description: str
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class EnvironmentValue:
    """A setting of tapgen's own by its path in an environment: ``api.authorization``."""

    path: str


Variable = str | Reference | Setting | EnvironmentValue
"""What a function's environment variable may hold in the model."""


def pascal_case(name: str) -> str:
    """``dead-letters`` → ``DeadLetters``: a name as a part of a logical id."""
    return "".join(word[:1].upper() + word[1:] for word in name.replace("_", "-").split("-"))


def upper_case(name: str) -> str:
    """``dead-letters`` → ``DEAD_LETTERS``: a name as a part of a variable."""
    return name.replace("-", "_").upper()
