"""The scan that keeps the engine free of any service: nothing under ``tapgen/`` names a part of the shipped one.

The names come from the model of ``config/service.py``. Read are string literals, attributes and identifiers; docstrings
and comments are prose and may give examples. ``python -m scripts.names`` prints what it finds and exits with 1.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.parts.part import pascal_case, upper_case
from tapgen.service.load import load_service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.service import Model

REPOSITORY = Path(__file__).parents[1]
# Projects of their own, which name their own parts.
EXCLUDED = ("tapgen/starters/projects/",)
# Names that are words of the engine as well: name → why it says nothing of the shipped service. They are looked for
# where they would address its parts: as the prefix of logical ids and variables.
GENERAL = {
    "api": "an HTTP API is a kind of part",
    "Api": "the logical id of the one HTTP API that a service may have",
    "archive": "the command group that was there before `redrive`, and zips",
    "transactions": "the starter of that name, and DynamoDB's own word",
    "dead-letters": "every queue may have them",
    "$default": "API Gateway's own name of a route",
    "GET /health": "what the default journey tries where a service has it",
}
# Names in one file that say something else there: (file, name) → why.
ALLOWED = {
    ("tapgen/parts/queue/vocabulary.py", "DeadLetterQueue"): "the end of every logical id of a queue's dead letters",
    (
        "tapgen/parts/queue/vocabulary.py",
        "DEAD_LETTERS_QUEUE_URL",
    ): "the end of the variable of every queue's dead letters",
}
_WORD = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")


def list_names(model: Model) -> frozenset[str]:
    """The names of a service's parts, key attributes and routes, with the identifiers that are made of them."""
    names: set[str] = set()
    for part in model.parts:
        names |= {part.name, part.logical_id, pascal_case(part.name), part.name.replace("-", "_")}
        names |= {upper_case(part.name)} if "-" in part.name else set()
        for key in getattr(part, "keys", ()):
            names.add(key.name)
        variable = getattr(part, "variable", "")
        names |= {variable} if variable else set()
    for function in model.functions:
        names |= {route.key for route in function.routes}
        names |= {word for route in function.routes for word in re.findall(r"\{(\w+)\}", route.key)}
        names |= {route.logical_id for route in function.routes if route.logical_id != "Default"}
    return frozenset(
        names - GENERAL.keys() - {"dead_letters", "DeadLetters", "DEAD_LETTERS", "Archive", "Transactions"}
    )


def find_names(files: Iterable[Path], names: frozenset[str], *, root: Path = REPOSITORY) -> Iterator[str]:
    """``file:line: name`` of each name of a service that the code says."""
    for file in files:
        relative = file.relative_to(root).as_posix()
        tree = ast.parse(file.read_text(encoding="utf-8"))
        prose = set(_list_prose(tree))
        for node in ast.walk(tree):
            for text in _texts(node) if id(node) not in prose else ():
                for name in sorted(names & {text, *_WORD.findall(text)}):
                    if (relative, name) not in ALLOWED:
                        yield f"{relative}:{getattr(node, 'lineno', 1)}: {name}"


def _list_prose(tree: ast.AST) -> Iterator[int]:
    """Docstrings, of attributes too: expressions that are nothing but a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def _texts(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(value)):
            yield value
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
            yield name
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case _:
            pass


def main() -> None:
    """Print each name that is found; end with 1 when there is one."""
    names = list_names(load_service(REPOSITORY / "config"))
    files = [
        file
        for file in sorted((REPOSITORY / "tapgen").rglob("*.py"))
        if not file.relative_to(REPOSITORY).as_posix().startswith(EXCLUDED)
    ]
    found = list(find_names(files, names))
    sys.stdout.writelines(f"{line}\n" for line in found)
    if found:
        sys.exit(f"{len(found)} names of config/service.py stand in tapgen/: take them from the service's model")


if __name__ == "__main__":
    main()
