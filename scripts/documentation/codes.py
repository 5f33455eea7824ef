"""docs/reference/codes.md: every code of an error, a note, a reason and a check, read from the code that gives it.

The code is read as text, never run: what is raised on a rare path is listed like everything else.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_NOTES = {"warn": "warning", "tell": "note", "Noted": "note"}
_LONGEST = 160
_HEAD = """# Codes

<!-- Written by scripts/docs write; do not edit. -->

What a script may rely on: codes stay when texts change. An error ends a command with its exit code and stands under
`error.code` of the last event of `--json`; a note is an event `noted`; a reason says why something is refused, and is
listed in the error's `why`; a check is a finding of `doctor`, `validate` or `verify`. `…` stands for what differs from
case to case. An error of AWS keeps AWS's own code. [Rules](rules.md) of templates have ids of their own.
"""
_SECTIONS = {
    "error": ("Errors", ("code", "exit code", "what happened", "how to fix")),
    "note": ("Notes", ("code", "level", "what is told", "what to do")),
    "reason": ("Reasons", ("code", "of", "why it is refused", "how to fix")),
    "check": ("Checks", ("code", "of", "", "")),
}


@dataclass(frozen=True, order=True, slots=True)
class Coded:
    """A code where the source gives it."""

    section: str
    code: str
    kind: str
    text: str
    hint: str


def write_page(package: Path) -> str:
    """The page, from every module of the package."""
    found: defaultdict[str, set[Coded]] = defaultdict(set)
    for path in sorted(package.rglob("*.py")):
        if "starters/projects" in path.as_posix():
            continue
        for coded in find_codes(ast.parse(path.read_text(encoding="utf-8")), module=path.stem):
            found[coded.section].add(coded)
    return "\n".join([_HEAD, *(line for section in _SECTIONS for line in _section(section, found[section]))])


def find_codes(tree: ast.Module, *, module: str) -> Iterator[Coded]:
    """Every code that a module gives."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        code = _constant(given.get("code"))
        text = _text(given.get("text") or given.get("what") or (node.args[0] if node.args else None))
        hint = _text(given.get("hint") or given.get("fix"))
        error = getattr(errors, name, None)
        if isinstance(error, type) and issubclass(error, errors.TapgenError):
            yield Coded("error", code or error.default_code, str(int(error.exit_code)), text, hint)
        elif name in _NOTES and code:
            yield Coded("note", code, _constant(given.get("level")) or _NOTES[name], text, hint)
        elif name == "Reason" and code:
            yield Coded("reason", code, module.replace("_", " "), text, hint)
        elif name == "Report" and node.args and (check := _constant(node.args[0])):
            yield Coded("check", check, module.replace("_", " "), "", "")


def _section(section: str, found: Iterable[Coded]) -> Iterator[str]:
    title, head = _SECTIONS[section]
    columns = [index for index, name in enumerate(head) if name]
    yield f"## {title}\n"
    yield "| " + " | ".join(head[index] for index in columns) + " |"
    yield "|" + "---|" * len(columns)
    for coded in sorted(found):
        cells = (f"`{coded.code}`", coded.kind, coded.text, coded.hint)
        yield "| " + " | ".join(_cell(cells[index]) for index in columns) + " |"
    yield ""


def _cell(text: str) -> str:
    line = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _constant(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _text(node: ast.expr | None) -> str:
    """A text with ``…`` for what is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text(value) for value in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left) + _text(right)
        case ast.IfExp(body=body, orelse=other):
            return " / ".join(filter(None, (_text(body), _text(other))))
        case None:
            return ""
    return "…"
