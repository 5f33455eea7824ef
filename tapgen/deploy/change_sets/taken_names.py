"""What a release would create and cannot, since the name is taken, and the command that adopts what holds data.

A deployment that was destroyed keeps its data, under names that the next deploy finds taken. CloudFormation says which
before anything is provisioned (user guide, "Validate stack deployments": NAME_CONFLICT_VALIDATION).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.adoptable import read_existing
from tapgen.deploy.parts import list_parts
from tapgen.engine.deployment import deployment_of
from tapgen.errors import AwsError, TapgenError
from tapgen.gates.templates import ROOT, path_of, stacks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tapgen.aws.early_validation import Objection
    from tapgen.deploy.parts import Part
    from tapgen.engine.context import Context
    from tapgen.model import Rendered

_CONFLICT = "NAME_CONFLICT_VALIDATION"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A name that is taken."""

    path: str
    """Of the resource that the release would create: ``Data.Table``."""
    resource_type: str
    physical_id: str
    part: Part | None
    """What could be adopted; None where the type holds no data."""


def find_taken(objections: Iterable[Objection], rendered: Rendered) -> tuple[Taken, ...]:
    """The names that are taken, among what CloudFormation's validation found."""
    parts = {part.path: part for part in list_parts(stacks_of(rendered), rendered)}
    return tuple(
        Taken(
            path=(path := path_of(objection.stack or ROOT, objection.logical_id)),
            resource_type=objection.resource_type,
            physical_id=objection.physical_id or (parts[path].name if path in parts else ""),
            part=parts.get(path),
        )
        for objection in objections
        if objection.name == _CONFLICT
    )


def names_taken(context: Context, rendered: Rendered, taken: Sequence[Taken]) -> AwsError:
    """The error of a release whose names are taken, with the way on."""
    adoptable = [each for each in taken if each.part]
    others = [each.path for each in taken if not each.part]
    whose = "a former deployment of this name has kept" if _was_deployed(context, rendered) else "others have made"
    lines = [f"{each.path} ({each.resource_type}): {each.physical_id} is taken" for each in taken]
    hints = []
    if adoptable:
        words = [f"{each.path}={each.physical_id}" for each in adoptable] + list(_keys(context, rendered, adoptable))
        command = " ".join(["tapgen adopt", deployment_of(rendered).options, *map(shlex.quote, words)])
        hints.append(f"`{command}` brings them under the deployment with their data; then deploy again")
    if others:
        hints.append(f"delete what has the names of {', '.join(others)}")
    count = "1 name" if len(taken) == 1 else f"{len(taken)} names"
    verb = "is" if len(taken) == 1 else "are"
    return AwsError(
        f"{count} of {rendered.deployment} {verb} taken by what {whose}",
        why="\n".join(lines),
        hint="; ".join(hints),
        code="names-taken",
    )


def _was_deployed(context: Context, rendered: Rendered) -> bool:
    try:
        return any(record.succeeded for record in deployment_of(rendered).ledger(context).read_all())
    except TapgenError:
        # The names are the better news.
        return False


def _keys(context: Context, rendered: Rendered, taken: Sequence[Taken]) -> Iterator[str]:
    """The key that encrypts the data, where the release would make another: a key has no name that could be taken."""
    part = next((part for part in list_parts(stacks_of(rendered), rendered) if part.kind.word == "key"), None)
    if part is None:
        return
    for each in taken:
        try:
            existing = read_existing(context.aws, each.resource_type, each.physical_id)
        except TapgenError:
            continue
        if existing and ":key/" in existing.key_arn:
            yield f"{part.path}={existing.key_arn.rpartition('/')[2]}"
            return
