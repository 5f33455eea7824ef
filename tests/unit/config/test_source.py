"""YAML is read with the place of everything, and what YAML makes of a value never surprises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.config.source import read_document
from tapgen.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    return tmp_path / "environments.yaml"


def _faults(file: Path, text: str) -> list[tuple[int, str, str]]:
    file.write_text(text, encoding="utf-8")
    return [(fault.line, fault.path, fault.text) for fault in read_document(file).faults]


def test_every_key_and_list_member_has_its_line(file: Path) -> None:
    """Lines are those of the keys; a path that is not there has the line of what is around it."""
    file.write_text("a:\n  b:\n    - x\n    - y: 1\n  c: 2\n", encoding="utf-8")

    document = read_document(file)

    assert document.data == {"a": {"b": ["x", {"y": 1}], "c": 2}}
    assert document.line_of(("a", "b")) == 2
    assert document.line_of(("a", "b", 1, "y")) == 4
    assert document.line_of(("a", "c")) == 5
    assert document.line_of(("a", "d", "e")) == 1
    assert document.faults == ()


def test_a_key_that_stands_twice_is_a_fault_with_both_lines(file: Path) -> None:
    """YAML libraries take the last one silently; here the first counts and the second is told."""
    (fault,) = _faults(file, "a:\n  b: 1\n  c: 2\n  b: 3\n")

    assert fault == (4, "a.b", "the key is there already, in line 2")
    assert read_document(file).data == {"a": {"b": 1, "c": 2}}


@pytest.mark.parametrize(("written", "value"), [("0512", 330), ("12:30", 750), ("-017", -15)])
def test_numbers_that_yaml_reads_unlike_people_are_faults(file: Path, written: str, value: int) -> None:
    """YAML 1.1 has octal and sexagesimal numbers that look like others."""
    (fault,) = _faults(file, f"a: {written}\n")

    assert fault == (1, "a", f"YAML reads {written} as the number {value}; put it in quotes if it is text")


@pytest.mark.parametrize("written", ["0", "10", "-7", "0x1f", "1_000"])
def test_ordinary_numbers_are_none(file: Path, written: str) -> None:
    """Zero and the marked notations mean what they say."""
    assert _faults(file, f"a: {written}\n") == []


@pytest.mark.parametrize("written", ["2024-12-05", "2024-13-45", "2024-12-05T10:00:00Z", "="])
def test_what_looks_like_a_date_stays_text(file: Path, written: str) -> None:
    """No setting is a date; an owner or audience may look like one."""
    file.write_text(f"a: {written}\n", encoding="utf-8")

    assert read_document(file).data == {"a": written}


@pytest.mark.parametrize(
    ("text", "line", "path", "words"),
    [
        ("a:\n  b: !mine x\n", 2, "a.b", "the tag '!mine' has no use here"),
        ("a: !!int x\n", 1, "a", "'x' is not what the tag 'int' says"),
        ("a: !!bool x\n", 1, "a", "'x' is not what the tag 'bool' says"),
        ("a: !!binary eA==\n", 1, "a", "the tag 'binary' has no use here"),
        ("a:\n  <<: {b: 1}\n", 2, "a.<<", "`defaults` is merged under every environment"),
        ("a:\n  ? [x]\n  : 1\n", 2, "a", "a key must be text"),
        ("a: &a\n  b: *a\n", 2, "a.b", "is an alias of a section that it stands in"),
        ("a: &a\n  - *a\n", 1, "a.0", "is an alias of a section that it stands in"),
    ],
)
def test_yaml_that_a_configuration_has_no_use_for_is_a_fault(
    file: Path, text: str, line: int, path: str, words: str
) -> None:
    """Nothing that YAML can express crashes the reader or is dropped silently."""
    (fault,) = _faults(file, text)

    assert fault[:2] == (line, path)
    assert words in fault[2]


def test_aliases_are_read(file: Path) -> None:
    """An alias that does not contain itself is the value it names."""
    file.write_text("a: &x {b: [1]}\nc: *x\nd: *x\n", encoding="utf-8")

    assert read_document(file).data == {"a": {"b": [1]}, "c": {"b": [1]}, "d": {"b": [1]}}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a:\n  b: [1\nc: 2\n", 3, "expected ',' or ']'"),
        ("a: 1\n\tb: 2\n", 2, "tab"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: 1\nb: *x\n", 2, "undefined alias"),
        ("a: 1\nä: ü\nb: '\x01'\n", 3, "the character '\\x01' is not allowed"),
    ],
)
def test_a_syntax_error_names_its_line(file: Path, text: str, line: int, words: str) -> None:
    """Line and reason are YAML's own."""
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        read_document(file)

    assert caught.value.code == "config-syntax"
    assert caught.value.why.startswith(f"{file}:{line}: ")
    assert words in caught.value.why


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]\n", "text\n"])
def test_a_file_without_settings_is_told(file: Path, text: str) -> None:
    """An empty file, a list or a word is no configuration."""
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match="has no settings"):
        read_document(file)


def test_a_file_that_cannot_be_read_is_told(file: Path) -> None:
    """A missing file and one that is not UTF-8 are faults of the configuration."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_document(file)

    file.write_bytes(b"a: \xff\n")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_document(file)
