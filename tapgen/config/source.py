"""A YAML file as plain values plus the place of every key and value in it. Knows nothing of environments."""

from __future__ import annotations

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
    """Duplicate keys; everything else about the content is the schema's business."""

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

    def read(self, node: yaml.Node, key: Key) -> Any:
        self.lines.setdefault(key, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._read_mapping(node, key)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*key, index)) for index, item in enumerate(node.value)]
        return self.constructor.construct_object(node)

    def _read_mapping(self, node: yaml.MappingNode, key: Key) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name_node, value_node in node.value:
            name = str(name_node.value)
            line = name_node.start_mark.line + 1
            if name in values:
                first = self.lines[(*key, name)]
                path = ".".join(map(str, (*key, name)))
                self.faults.append(Fault(line=line, path=path, text=f"the key is there already, in line {first}"))
                continue
            self.lines[(*key, name)] = line
            values[name] = self.read(value_node, (*key, name))
        return values


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
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError(
            f"{path} is not valid YAML", why=f"{path}:{line}: {error.problem}", code="config-syntax"
        ) from error
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(
            f"{path} has no settings", why="the file must be a mapping with `defaults` and `environments`"
        )
    reader = _Reader()
    data = reader.read(node, ())
    return Document(path=path, data=data, lines=reader.lines, faults=tuple(reader.faults))
