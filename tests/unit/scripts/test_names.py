"""The scan for names of the shipped service: it finds each sort of place; ``scripts/check`` scans the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts import names
from tapgen.service.load import load_service

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = names.list_names(load_service(names.REPOSITORY / "config"))


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("x = 'archiver'", "archiver"),
        ("x = f'{y}/archiver/z'", "archiver"),
        ("archiver = 1", "archiver"),
        ("x.archiver", "archiver"),
        ("def archiver(): ...", "archiver"),
        ("f(archiver=1)", "archiver"),
        ("x = {'userId': 1}", "userId"),
        ("x = 'TransactionsTable'", "TransactionsTable"),
        ("x = 'GET /users/{userId}/transactions'", "GET /users/{userId}/transactions"),
    ],
)
def test_names_are_found_in_code(tmp_path: Path, code: str, found: str) -> None:
    """In literals, attributes, identifiers and keywords, with file and line."""
    (tmp_path / "one.py").write_text(f"{code}\n", encoding="utf-8")

    assert f"one.py:1: {found}" in list(names.find_names([tmp_path / "one.py"], SHIPPED, root=tmp_path))


def test_prose_may_give_examples(tmp_path: Path) -> None:
    """Docstrings and comments say what they like."""
    (tmp_path / "one.py").write_text('"""Of the archiver."""\n# archiver\n', encoding="utf-8")

    assert list(names.find_names([tmp_path / "one.py"], SHIPPED, root=tmp_path)) == []
