"""AWS calls in the handlers' code, read without running it: which IAM action each one needs, with file and line.

The second witness of what a function needs; the first is what the embedded AWS has authorised. A call that cannot be
read is a fault that names its place, never a call that is left out.
"""

from __future__ import annotations

import ast
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.errors import UsageError
from tapgen.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HANDLERS = "handlers"
HOOK_CODE = "tapgen/hook_runtime"
"""Where the code of the hooks is."""
SHARED = "common"
"""The folder that every function's code includes."""
_TAPGEN = Path(__file__).parents[1]
_MAKE_CLIENT = "make_client"
# Client methods that speak of the SDK, not of AWS.
_NO_REQUEST = {"can_paginate", "close", "generate_presigned_url"}
# (service, client method) → the actions it is authorised as, where they are not the method's own name (Service
# Authorization Reference; S3 user guide, "required permissions for S3 API operations").
_OTHER_NAMES = {
    ("lambda", "invoke"): "InvokeFunction",
    ("s3", "head_bucket"): "ListBucket",
    ("s3", "head_object"): "GetObject",
    ("s3", "list_objects_v2"): "ListBucket",
}
# A transaction is authorised as what its items do (DynamoDB developer guide, "IAM for transactions"), which stand as
# keys in the call's module.
_TRANSACTIONS = {
    ("dynamodb", "transact_write_items"): {
        "ConditionCheck": "ConditionCheckItem",
        "Delete": "DeleteItem",
        "Put": "PutItem",
        "Update": "UpdateItem",
    },
    ("dynamodb", "transact_get_items"): {"Get": "GetItem"},
}


@dataclass(frozen=True, kw_only=True, order=True)
class CallSite:
    """One place that needs an action."""

    action: str
    """``dynamodb:PutItem``."""
    file: str
    """From the project's folder on."""
    line: int

    @property
    def place(self) -> str:
        """``handlers/api/storage.py:61``."""
        return f"{self.file}:{self.line}"


def read_calls(project: Path, folder: str) -> tuple[CallSite, ...]:
    """Every AWS call that the function in ``handlers/<folder>`` can make.

    Raises:
        UsageError: A call or a module cannot be read; all of them at once, with their places.
    """
    sources = Sources(project / HANDLERS)
    found = (each for name in (folder, SHARED) for each in sources.find(name))
    return _read_sites(((f"{HANDLERS}/{relative}", path) for relative, path in found), what=f"{HANDLERS}/{folder}")


def find_unread(project: Path, folder: str) -> str:
    """Why the calls of a function are not read: where it makes a client by boto3 itself; empty when they are.

    What such code calls is known at run time alone: a resource has methods of its own, and a client any name.
    """
    sources = Sources(project / HANDLERS)
    for relative, path in (each for name in (folder, SHARED) for each in sources.find(name)):
        if path.suffix != ".py":
            continue
        try:
            tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError):
            # ``read_calls`` tells what is wrong with it.
            continue
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
        line = next((call.lineno for call in calls if _makes_client(call)), 0)
        if line:
            return f"{HANDLERS}/{relative}:{line} makes a client by boto3 itself"
    return ""


def _makes_client(call: ast.Call) -> bool:
    """``boto3.client("s3")``, ``session.resource("dynamodb")``: with the service's name as it is."""
    named = isinstance(call.func, ast.Attribute) and call.func.attr in ("client", "resource")
    return named and any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in call.args[:1])


def read_hook_calls() -> tuple[CallSite, ...]:
    """Every AWS call that the hooks can make: tapgen's own code, which is in their zip.

    Raises:
        UsageError: A call cannot be read.
    """
    folder = _TAPGEN / "hook_runtime"
    files = ((path.relative_to(_TAPGEN.parent).as_posix(), path) for path in sorted(folder.rglob("*.py")))
    return _read_sites(files, what=HOOK_CODE)


def _read_sites(files: Iterable[tuple[str, Path]], *, what: str) -> tuple[CallSite, ...]:
    faults: list[str] = []
    modules = list(_read_modules(files, faults))
    services = sorted({service for module in modules for service in module.services()})
    sites = [site for module in modules for site in module.sites(services, faults)]
    if faults:
        raise UsageError(
            f"AWS calls in {what} cannot be read",
            why="\n".join(faults),
            hint="call a client's method by its name, or teach tapgen/iam/calls.py the exception",
            code="calls-unreadable",
        )
    return tuple(sorted(set(sites)))


def _read_modules(files: Iterable[tuple[str, Path]], faults: list[str]) -> Iterator[_Module]:
    """The modules of a function's zip; what is no Python goes into ``faults``."""
    for file, path in files:
        if path.suffix != ".py":
            continue
        try:
            # From bytes: Python reads the module's own declaration of its encoding.
            tree = ast.parse(path.read_bytes())
        except SyntaxError as error:
            faults.append(f"{file}:{error.lineno or 1}: {error.msg}")
        except (OSError, ValueError) as error:
            faults.append(f"{file}: {error}")
        else:
            yield _Module(file, tree)


class _Module:
    def __init__(self, file: str, tree: ast.Module) -> None:
        self._file = file
        self._tree = tree

    def services(self) -> Iterator[str]:
        """Services that clients are made for."""
        for call in self._calls():
            if _name(call.func) == _MAKE_CLIENT and call.args and isinstance(call.args[0], ast.Constant):
                yield str(call.args[0].value)

    def sites(self, services: Iterable[str], faults: list[str]) -> Iterator[CallSite]:
        """The module's call sites; what cannot be read goes into ``faults``."""
        for method, line in self._methods({"client", *services}, faults):
            actions = list(self._actions(method, services))
            if not actions:
                faults.append(f"{self._file}:{line}: {method} is no call of {', '.join(services) or 'any client'}")
            yield from (CallSite(action=action, file=self._file, line=line) for action in actions)

    def _methods(self, clients: set[str], faults: list[str]) -> Iterator[tuple[str, int]]:
        """(client method, line): of ``client.put_item(…)``, and of ``self._call("put_item")``, which passes it on."""
        passing = self._passing(clients)
        for call in self._calls():
            name, first = _name(call.func), call.args[0] if call.args else None
            if isinstance(call.func, ast.Attribute) and _is_client(call.func.value, clients):
                if name in ("get_paginator", "get_waiter"):
                    yield from self._constant(first, call.lineno, faults)
                elif name not in _NO_REQUEST:
                    yield name, call.lineno
            elif name in passing:
                yield from self._constant(first, call.lineno, faults)

    def _constant(self, node: ast.expr | None, line: int, faults: list[str]) -> Iterator[tuple[str, int]]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, line
        else:
            faults.append(f"{self._file}:{line}: which operation is called is known at run time alone")

    def _passing(self, clients: set[str]) -> set[str]:
        """Functions that call the client's method that their argument names: ``getattr(self._client, operation)``."""
        return {
            function.name
            for function in ast.walk(self._tree)
            if isinstance(function, ast.FunctionDef)
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and _name(node.func) == "getattr" and _is_client(node.args[0], clients)
        }

    def _actions(self, method: str, services: Iterable[str]) -> Iterator[str]:
        for service in services:
            if (service, method) in _TRANSACTIONS:
                kinds = _TRANSACTIONS[service, method]
                yield from (f"{service}:{kinds[key]}" for key in sorted(self._keys() & kinds.keys()))
                continue
            action = _OTHER_NAMES.get((service, method)) or method.title().replace("_", "")
            if _exists(service, action):
                yield f"{service}:{action}"

    def _keys(self) -> set[str]:
        """Constant keys of the module's dictionaries."""
        displays = (node for node in ast.walk(self._tree) if isinstance(node, ast.Dict))
        return {str(key.value) for display in displays for key in display.keys if isinstance(key, ast.Constant)}

    def _calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self._tree) if isinstance(node, ast.Call))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_client(node: ast.expr, clients: set[str]) -> bool:
    """Clients are called ``client``, ``…_client``, or as their service: ``self._sqs``."""
    name = _name(node).strip("_")
    return name in clients or name.endswith("_client")


def _exists(service: str, action: str) -> bool:
    """Whether the service has the action, as far as awacs knows."""
    name = "awslambda" if service == "lambda" else service.replace("-", "_")
    try:
        return hasattr(importlib.import_module(f"awacs.{name}"), action)
    except ModuleNotFoundError:
        return False
