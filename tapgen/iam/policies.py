"""Policy documents within IAM's limits: counted as IAM counts, and split where one would be too long.

Knows sizes alone; what a statement means is nobody's concern here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tapgen.errors import RenderError
from tapgen.iam.grants import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

VERSION = "2012-10-17"
"""The policy language's version, not a date of ours."""
MAX_MANAGED_CHARACTERS = 6144
"""Of a managed policy, white space not counted (IAM user guide, "IAM and AWS STS quotas")."""
MAX_INLINE_CHARACTERS = 10_240
"""Of all inline policies of a role together (the same page)."""
MAX_ATTACHED = 10
"""Managed policies of a role; an account may ask for 20 (the same page)."""
_LONGEST = {
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-1",
    "AWS::AccountId": "0" * 12,
    "AWS::URLSuffix": "amazonaws.com.cn",
}
_SID_CHARACTERS = 40
# The length of an ARN that another resource or stack answers, none of which is longer with the names that we allow.
_UNKNOWN_ARN = "a" * 160

Document = dict[str, Any]


class Rendering(Protocol):
    """A statement of awacs."""

    def to_json(self) -> str:
        """The statement as JSON."""
        ...


Statement = Mapping[str, Any] | Rendering
"""A plain one, or awacs'."""


@dataclass(frozen=True, kw_only=True)
class RolePolicies:
    """What a role carries: inline as much as fits, the rest as managed policies."""

    inline: Document | None
    managed: tuple[Document, ...] = ()


def characters(document: Mapping[str, Any]) -> int:
    """How many characters IAM counts in the longest region and partition."""
    return len(re.sub(r"\s", "", json.dumps(_resolved(document))))


def split(statements: Iterable[Statement], *, limit: int = MAX_MANAGED_CHARACTERS) -> tuple[Document, ...]:
    """Documents of these statements in their order, as few as fit; a statement that is too long is cut in two.

    Args:
        statements: Plain ones, or awacs'. One without a Sid gets one from its service and its place.
        limit: Characters of a document.

    Raises:
        RenderError: One action on one resource is longer than a document.
    """
    documents: list[list[Document]] = []
    for number, statement in enumerate(_cut(statements, limit), start=1):
        numbered = {"Sid": f"{_service(statement)}{number}", **statement}
        if documents and characters(make_document([*documents[-1], numbered])) <= limit:
            documents[-1].append(numbered)
        else:
            documents.append([numbered])
    return tuple(make_document(found) for found in documents)


def fit_role(role: str, statements: Iterable[Statement], *, attached: int = 0) -> RolePolicies:
    """A role's statements, inline as long as they fit, in their order; the others in managed policies.

    Args:
        role: Its name, for whoever has to do something about it.
        statements: All that it may do.
        attached: Managed policies that it has besides.

    Raises:
        RenderError: It would need more managed policies than IAM attaches.
    """
    rest = [plain(statement) for statement in statements]
    if characters(make_document(rest)) <= MAX_INLINE_CHARACTERS:
        return RolePolicies(inline=make_document(rest) if rest else None)
    found = _fit(rest)
    if attached + len(found.managed) > MAX_ATTACHED:
        found = _fit(_merge(rest))
    check_attached(role, attached + len(found.managed))
    return found


def _fit(statements: Iterable[Document]) -> RolePolicies:
    """Inline what fits, in their order, and the others in managed policies."""
    inline: list[Document] = []
    rest = list(statements)
    for statement in list(rest):
        if characters(make_document([*inline, statement])) > MAX_INLINE_CHARACTERS:
            break
        inline.append(rest.pop(0))
    return RolePolicies(inline=make_document(inline) if inline else None, managed=split(rest))


def _merge(statements: Iterable[Document]) -> list[Document]:
    """Statements that differ in their resources alone, as one: what many cost is repeated around each resource."""
    found: dict[str, Document] = {}
    for statement in statements:
        same = {key: value for key, value in statement.items() if key not in ("Sid", "Resource")}
        key = json.dumps(same, sort_keys=True)
        if "Resource" not in statement or key not in found:
            found[key if key not in found else f"{key}{len(found)}"] = dict(statement)
        else:
            known, more = listed(found[key]["Resource"]), listed(statement["Resource"])
            found[key]["Resource"] = [*known, *(resource for resource in more if resource not in known)]
    return list(found.values())


def check_attached(role: str, count: int) -> None:
    """Refuse more managed policies than a role takes.

    Raises:
        RenderError: There are more.
    """
    if count > MAX_ATTACHED:
        raise RenderError(
            f"the role {role} needs {count} managed policies; IAM attaches {MAX_ATTACHED}",
            why=f"each holds {MAX_MANAGED_CHARACTERS:,} characters, and its permissions are longer than all of them",
            hint="give some of its work to another function, or shorten `project` and the environment's key: "
            "they stand in every ARN",
            code="role-too-large",
        )


def make_document(statements: Sequence[Mapping[str, Any]]) -> Document:
    """A policy document."""
    return {"Version": VERSION, "Statement": [dict(statement) for statement in statements]}


def plain(statement: Statement) -> Document:
    """The statement as IAM reads it, with CloudFormation's functions in it."""
    if isinstance(statement, Mapping):
        return dict(statement)
    rendered: Document = json.loads(statement.to_json())
    return rendered


def _cut(statements: Iterable[Statement], limit: int) -> Iterator[Document]:
    for statement in statements:
        # Room for a Sid, which a statement gets when it has its place.
        yield from _halves(plain(statement), limit - len('"Sid":"",') - _SID_CHARACTERS)


def _halves(statement: Document, limit: int) -> Iterator[Document]:
    """The statement, or parts of it that fit: half of its resources each, or half of its actions."""
    if characters(make_document([statement])) <= limit:
        yield statement
        return
    # Which of the two is longer: cutting the other repeats it.
    by_size = sorted(("Action", "Resource"), key=lambda key: len(json.dumps(_resolved(statement.get(key, ())))))
    key = next((key for key in reversed(by_size) if len(listed(statement.get(key, ()))) > 1), None)
    if key is None:
        raise RenderError(
            f"a statement has {characters(statement):,} characters; IAM allows {MAX_MANAGED_CHARACTERS:,} in a policy",
            why=json.dumps(statement)[:200],
            hint="its condition or its names are too long: shorten them",
            code="statement-too-large",
        )
    values = listed(statement[key])
    for number, part in enumerate((values[: len(values) // 2], values[len(values) // 2 :]), start=1):
        named = {"Sid": f"{statement['Sid']}{number}"} if "Sid" in statement else {}
        yield from _halves({**statement, **named, key: part}, limit)


def _service(statement: Mapping[str, Any]) -> str:
    service: str = listed(statement.get("Action", statement.get("NotAction", "")))[0].partition(":")[0]
    return re.sub(r"\W", "", service.title())


def _resolved(value: Any) -> Any:
    """The value with what CloudFormation puts in, as long as it can be."""
    if isinstance(value, dict):
        if set(value) == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str):
            return re.sub(r"\$\{([^}]+)\}", lambda found: _LONGEST.get(found[1], _UNKNOWN_ARN), value["Fn::Sub"])
        if len(value) == 1 and {"Ref", "Fn::GetAtt", "Fn::Sub", "Fn::ImportValue"} & set(value):
            return _LONGEST.get(str(value.get("Ref")), _UNKNOWN_ARN)
        return {key: _resolved(item) for key, item in value.items()}
    return [_resolved(item) for item in value] if isinstance(value, list | tuple) else value
