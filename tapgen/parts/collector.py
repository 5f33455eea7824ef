"""Gathers the parts of a service as they are written, and tells at once of what no kind allows.

Each kind's ``vocabulary`` adds its words to it; ``tapgen.service.Service`` is all of them together.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import fields
from typing import TypeVar

from tapgen.parts.faults import tell
from tapgen.parts.part import Part
from tapgen.parts.registry import kind_of

P = TypeVar("P", bound=Part)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MAX_NAME = 32
_KEY = re.compile(
    r"arn:(aws[a-z-]*|\$\{AWS::Partition\}):kms:([a-z0-9-]+|\$\{AWS::Region\}):(\d{12}|\$\{AWS::AccountId\})"
    r":key/[A-Za-z0-9-]+"
)


class Collector:
    """The parts of a service in the order in which they are written."""

    def __init__(self) -> None:
        self._parts: list[Part] = []

    def add(self, part: P) -> P:
        """Add a part of any kind, another package's among them; answers it."""
        check_part(part)
        for other in self._parts:
            if other.kind == part.kind and other.name == part.name:
                tell(f"{part.label} is defined twice, first in {other.place}", place=part.place)
            elif other.logical_id == part.logical_id:
                tell(f"{part.label} has the logical id {part.logical_id} of {other.label}", place=part.place)
        self._parts.append(part)
        return part


def check_part(part: Part) -> None:
    """Tell of a name that the part cannot have, and of settings that its kind does not know."""
    check_name(part.kind, part.name)
    holder = kind_of(part).taken.get(part.name)
    if holder:
        tell(f"{part.kind} {part.name!r}: the name is taken by {holder}")
    if part.key_arn:
        check_key(part.key_arn)
    _check_settings(part)


def check_key(arn: str) -> bool:
    """Tell of what is no ARN of a KMS key; whether it is one."""
    fits = bool(_KEY.fullmatch(arn))
    if not fits:
        tell(f"{arn!r} is no ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID; an alias names none in a policy")
    return fits


def check_name(kind: str, name: str) -> None:
    """Tell of what is no name: it becomes part of physical names, whose rules differ by service."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > _MAX_NAME:
        tell(f"{kind} {name!r}: a name is lower-case words joined by hyphens, {_MAX_NAME} characters at most")


def _check_settings(part: Part) -> None:
    """A kind that has settings takes those alone; others take none."""
    settings = kind_of(part).settings
    known = [field.name for field in fields(settings)] if settings else []
    for name in part.defaults:
        if name in known:
            continue
        close = difflib.get_close_matches(name, known, n=1)
        allowed = f"its settings are {', '.join(known)}" if known else "it has none"
        tell(f"{part.label} has no setting {name!r}; {f'did you mean {close[0]!r}?' if close else allowed}")
