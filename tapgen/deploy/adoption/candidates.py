"""Holds what exists against what the release wants, before anything is changed: found, free, and fit to be the part."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.aws.adoptable import find_owner, read_existing
from tapgen.deploy.adoption.fit import find_differences
from tapgen.deploy.drift.expectation import Surroundings
from tapgen.errors import RefusedError, UsageError
from tapgen.gates.templates import show

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tapgen.aws.adoptable.model import Existing
    from tapgen.deploy.adoption.fit import Difference
    from tapgen.deploy.parts import Part, Wish
    from tapgen.engine.context import Context
    from tapgen.model import Rendered

_URL_SUFFIX = {"aws-cn": "amazonaws.com.cn"}
# What somebody can do who wants the data all the same, by the kind of the part.
_RENAMED = "CloudFormation takes the physical id from the template's own {property}, and no {word} can be renamed"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A resource that exists and can be the part."""

    part: Part
    existing: Existing
    differences: tuple[Difference, ...]
    """What the next deploy changes."""


def surroundings_of(context: Context, rendered: Rendered) -> Surroundings:
    """What pseudo parameters stand for in the release."""
    partition = context.aws.client("cloudformation").meta.partition
    return Surroundings(
        account_id=rendered.account_id,
        region=rendered.region,
        partition=partition,
        url_suffix=_URL_SUFFIX.get(partition, "amazonaws.com"),
        parameters=rendered.parameters,
    )


def find_candidates(
    context: Context, wishes: Sequence[Wish], around: Surroundings, *, own: Collection[str]
) -> tuple[Candidate, ...]:
    """What the wishes name, each looked at.

    Args:
        context: Clients.
        wishes: What is asked for.
        around: What pseudo parameters stand for.
        own: Ids of the stacks of this deployment, which may hold a part already.

    Raises:
        UsageError: There is no such resource.
        RefusedError: Another stack has it, or no update could make it the part.
    """
    with ThreadPoolExecutor(8, thread_name_prefix="existing") as pool:
        found = list(pool.map(lambda wish: _look(context, wish), wishes))
        owners = list(pool.map(lambda existing: find_owner(context.aws, existing.physical_id), found))
    for wish, existing, owner in zip(wishes, found, owners, strict=True):
        if owner and owner not in own:
            raise _owned(wish, existing, owner)
    candidates = tuple(
        Candidate(part=wish.part, existing=existing, differences=find_differences(wish.part, existing, around))
        for wish, existing in zip(wishes, found, strict=True)
    )
    _require_fit(candidates)
    return candidates


def find_key_left(candidates: Sequence[Candidate], parts: Sequence[Part], held: Collection[str]) -> tuple[Part, str]:
    """A key that encrypts what is adopted and would stay outside, though the release has a key of its own.

    Returns:
        The release's key and the ARN of the one that is left; an empty ARN where none is.
    """
    keys = [part for part in parts if part.kind.word == "key" and part.path not in held]
    adopted = {each.existing.key_arn for each in candidates if each.part.kind.word == "key"}
    for each in candidates:
        arn = each.existing.key_arn
        if keys and ":key/" in arn and not adopted:
            return keys[0], arn
    return (keys[0] if keys else parts[0]), ""


def _look(context: Context, wish: Wish) -> Existing:
    existing = read_existing(context.aws, wish.part.resource_type, wish.given)
    if existing is None:
        raise UsageError(
            f"there is no {wish.part.kind.word} {wish.given!r} to adopt as {wish.part.path}",
            why="nothing of that name or id is in the account and region of the environment",
            hint=f"check the name; the release calls it {wish.part.name or 'by any id'}",
            code="nothing-to-adopt",
        )
    return existing


def _owned(wish: Wish, existing: Existing, owner: str) -> RefusedError:
    stack = owner.split("/")[1] if "/" in owner else owner
    return RefusedError(
        f"{existing.physical_id} belongs to the stack {stack} already",
        why="a resource is in one stack at most (CloudFormation user guide, resource import validation)",
        hint=f"give it `DeletionPolicy: Retain` there, take it out of that template and update {stack}; then rerun to "
        f"adopt it as {wish.part.path}",
        code="already-owned",
    )


def _require_fit(candidates: Sequence[Candidate]) -> None:
    lines, renamed = [], ""
    for candidate in candidates:
        part = candidate.part
        for each in candidate.differences:
            if not each.lasting:
                continue
            lines.append(
                f"{part.path} {each.name}: {candidate.existing.name} has {show(each.actual)}, "
                f"the release wants {show(each.wanted)}"
            )
            if each.name == part.kind.name_property:
                renamed = _RENAMED.format(property=each.name, word=part.kind.word)
    if lines:
        raise RefusedError(
            "what exists can never be that part",
            why="\n".join([*lines, *([renamed] if renamed else [])]),
            hint="change the definition so that it describes what exists (names come from `project`, the environment "
            "and its suffix), or let a deploy create the part and copy the data over",
            code="does-not-fit",
        )
