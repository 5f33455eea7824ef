"""A YAML file as plain values plus the place of every key and value in it. Knows nothing of environments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from tapgen.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

Key = tuple[str | int, ...]
"""A path in the document: ``("environments", "prod", "api")``."""

# The C loader reads the same YAML about ten times faster; it is missing where PyYAML was built without libyaml.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TAG = "tag:yaml.org,2002:"
_CONSTRUCTED = {_TAG + kind for kind in ("null", "bool", "int", "float")}
# YAML 1.1 turns these into dates and the like; every setting that looks so is meant as text.
_TEXT = {_TAG + kind for kind in ("str", "timestamp", "value")}
# YAML 1.1 reads 0512 as octal and 12:30 as sexagesimal.
_SURPRISING_INT = re.compile(r"[-+]?(0[0-7_]+|[0-9_]+(:[0-5]?[0-9])+)")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with the file."""

    line: int
    """1-based; 0 when the fault has no line."""
    path: str
    """Dotted YAML path, e.g. ``environments.prod.api.authorization``."""
    text: str
    """What is wrong, the value shown, and what is allowed."""

    def render(self, file: str) -> str:
        """``file:line: path: text``."""
        place = f"{file}:{self.line}" if self.line else file
        return f"{place}: {self.path}: {self.text}" if self.path else f"{place}: {self.text}"


@dataclass(frozen=True)
class Document:
    """A parsed file."""

    path: Path
    data: dict[str, Any]
    lines: dict[Key, int]
    faults: tuple[Fault, ...] = ()
    """What YAML allows and a configuration does not, e.g. a key that stands twice; more is the schema's business."""

    def line_of(self, key: Key) -> int:
        """The line of a key, or of the nearest one above it that the file has; 0 for the empty document."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 0)


@dataclass
class _Reader:
    lines: dict[Key, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    constructor: yaml.SafeLoader = field(default_factory=lambda: yaml.SafeLoader(""))
    around: list[yaml.Node] = field(default_factory=list)
    """The nodes that hold the one being read; an alias may point back at one of them."""

    def read(self, node: yaml.Node, key: Key) -> Any:
        self.lines.setdefault(key, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._read_scalar(node, key)
        if any(node is outer for outer in self.around):
            # The node's own mark is that of its anchor; the key's line is where the alias stands.
            self._tell(self.lines[key], key, "is an alias of a section that it stands in, which has no end")
            return None
        self.around.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._read_mapping(node, key)
            return [self.read(item, (*key, index)) for index, item in enumerate(node.value)]
        finally:
            self.around.pop()

    def _read_mapping(self, node: yaml.MappingNode, key: Key) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name_node, value_node in node.value:
            if not isinstance(name_node, yaml.ScalarNode):
                self._refuse(name_node, key, "a key must be text")
                continue
            name = name_node.value
            here = (*key, name)
            if name in values:
                self._refuse(name_node, here, f"the key is there already, in line {self.lines[here]}")
                continue
            if name_node.tag == _TAG + "merge":
                self._refuse(name_node, here, "is not read: `defaults` is merged under every environment")
                continue
            self.lines[here] = name_node.start_mark.line + 1
            values[name] = self.read(value_node, here)
        return values

    def _read_scalar(self, node: yaml.ScalarNode, key: Key) -> Any:
        if node.tag in _TEXT:
            return node.value
        if node.tag not in _CONSTRUCTED:
            return self._refuse(node, key, f"{node.value!r}: the tag {node.tag.removeprefix(_TAG)!r} has no use here")
        try:
            value = self.constructor.construct_object(node)
        except (ValueError, KeyError, yaml.YAMLError):
            return self._refuse(node, key, f"{node.value!r} is not what the tag {node.tag.removeprefix(_TAG)!r} says")
        if isinstance(value, int) and _SURPRISING_INT.fullmatch(node.value):
            return self._refuse(
                node, key, f"YAML reads {node.value} as the number {value}; put it in quotes if it is text"
            )
        return value

    def _refuse(self, node: yaml.Node, key: Key, text: str) -> str:
        """Tell a fault; what stands in for the value is its text, as nothing else is known about it."""
        self._tell(node.start_mark.line + 1, key, text)
        return str(node.value) if isinstance(node, yaml.ScalarNode) else ""

    def _tell(self, line: int, key: Key, text: str) -> None:
        self.faults.append(Fault(line=line, path=".".join(map(str, key)), text=text))


def read_document(path: Path) -> Document:
    """Parse a YAML file whose top is a mapping.

    Raises:
        ConfigError: The file cannot be read, is not YAML, or is not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read", why=str(error), code="config-unreadable") from error
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{path} is not valid YAML", why=_describe(error, path, text), code="config-syntax"
        ) from error
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(
            f"{path} has no settings", why="the file must be a mapping with `defaults` and `environments`"
        )
    reader = _Reader()
    data = reader.read(node, ())
    return Document(path=path, data=data, lines=reader.lines, faults=tuple(reader.faults))


def _describe(error: yaml.YAMLError, path: Path, text: str) -> str:
    """``file:line: what is wrong``."""
    if isinstance(error, yaml.reader.ReaderError):
        # libyaml counts bytes and PyYAML characters, so that the position is no help.
        character = chr(error.character)
        line = text.count("\n", 0, text.find(character)) + 1
        return f"{path}:{line}: the character {character!r} is not allowed in YAML"
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = f"{path}:{mark.line + 1}" if mark else str(path)
    return f"{place}: {getattr(error, 'problem', None) or error}"
