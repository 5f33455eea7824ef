"""Which operations of AWS tapgen calls, read from its code without running it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import get_args

import botocore.session
from botocore import xform_name

from tapgen.aws.session import ServiceName

_TAPGEN = Path(__file__).parents[2] / "tapgen"
# Others run there: MiniStack's process, CodeDeploy's hooks, and the projects that users begin with.
_OTHERS = ("local", "hook_runtime", "starters", "proof", "cli", "journey")
SERVICES: tuple[str, ...] = get_args(ServiceName)
# Methods of the same name in two services, and names that are a method of tapgen's own as well.
_CLIENT_OF = {
    "create_deployment": "codedeploy",
    "get_deployment": "codedeploy",
    "get_policy": "iam",
    "list_aliases": "lambda",
    "update_alias": "lambda",
}
_OWN = {"create_bucket", "list_objects", "list_subscriptions", "list_stacks"}


@cache
def called_operations() -> frozenset[str]:
    """``cloudformation.DescribeStacks`` of each call of a client's method, of a paginator and of a signed URL."""
    known = _operations_by_method()
    found: set[str] = set()
    for path in _TAPGEN.rglob("*.py"):
        if path.relative_to(_TAPGEN).parts[0] in _OTHERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            method = _method(node)
            if method in known and method not in _OWN:
                found.add(known[method])
    return frozenset(found)


def _method(node: ast.AST) -> str:
    """The client's method that an expression calls; empty for every other expression."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return ""
    if node.func.attr in {"get_paginator", "generate_presigned_url"} and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    return node.func.attr


@cache
def _operations_by_method() -> dict[str, str]:
    session = botocore.session.get_session()
    found: dict[str, str] = {}
    for service in SERVICES:
        for operation in session.get_service_model(service).operation_names:
            method = xform_name(operation)
            if _CLIENT_OF.get(method, service) == service:
                found.setdefault(method, f"{service}.{operation}")
    return found
