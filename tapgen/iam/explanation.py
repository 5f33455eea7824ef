"""Why a permission is there: of a statement, what its function says; of the execution role, the operations.

The words stand beside the statements, in ``statements`` and ``deployer``, and are read from there.
"""

from __future__ import annotations

import ast
import inspect
import json
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tapgen.iam import deployer, statements
from tapgen.iam.grants import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tapgen.iam.execution import Reason


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One action of one role.

    Attributes:
        statement: The statement's Sid.
        action: ``dynamodb:PutItem``.
        resources: As the template has them.
        reason: Which operation needs it, and where that is known from.
    """

    statement: str
    action: str
    resources: tuple[str, ...]
    reason: str


def operations_of(reasons: Iterable[Reason]) -> dict[str, str]:
    """Action → every operation of CloudFormation's that needs it."""
    operations: dict[str, list[str]] = {}
    for reason in reasons:
        operations.setdefault(reason.action, []).append(reason.operation)
    return {action: ", ".join(found) for action, found in operations.items()}


def explain(
    documents: Iterable[Mapping[str, Any]],
    reasons: Mapping[str, str] = MappingProxyType({}),
    *,
    granted: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> Iterator[Explained]:
    """Every allowed action of these policies.

    Args:
        documents: Policy documents, from templates or from IAM.
        reasons: Action → why, where that is known of the action and not of its statement.
        granted: (Sid, action) → the routes and events that need it; with an empty action, of the whole statement.
    """
    for document in documents:
        for statement in listed(document["Statement"]):
            if statement["Effect"] != "Allow":
                continue
            for action in listed(statement["Action"]):
                yield Explained(
                    statement=statement.get("Sid", ""),
                    action=action,
                    resources=tuple(map(_text, listed(statement["Resource"]))),
                    reason=reasons.get(action) or _reason(statement.get("Sid", ""), action, granted),
                )


def _reason(sid: str, action: str, granted: Mapping[tuple[str, str], str]) -> str:
    """Of a statement; one that was cut in parts has their numbers at the end of its Sid."""
    for name in (sid, sid.rstrip("0123456789")):
        found = granted.get((name, action)) or granted.get((name, "")) or _reasons().get(name)
        if found:
            return found
    return ""


def _text(resource: Any) -> str:
    if isinstance(resource, str):
        return resource
    return str(resource["Fn::Sub"]) if "Fn::Sub" in resource else json.dumps(resource)


@cache
def _reasons() -> dict[str, str]:
    """Sid → the first sentence of the function that makes the statement."""
    found = {}
    for module in (statements, deployer):
        for function in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(function, ast.FunctionDef):
                words = " ".join((ast.get_docstring(function) or "").partition("\n\n")[0].split())
                found.update(dict.fromkeys(_sids(function), words.rstrip(".")))
    return found


def _sids(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.keyword) and node.arg == "Sid" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)
