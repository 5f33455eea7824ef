"""The kinds that there are: those of this package, and those that others publish.

A kind's modules are loaded when they are needed, so that reading a service imports neither troposphere nor pydantic.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Literal

from tapgen.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from tapgen.parts.part import Part

GROUP = "tapgen.parts"
"""Entry point group of kinds that other packages bring: each entry is a :class:`Kind`."""

StackName = Literal["security", "data", "compute", "observability"]
_OWN = (
    "table",
    "bucket",
    "queue",
    "topic",
    "bus",
    "secret",
    "parameter",
    "schedule",
    "rule",
    "http_api",
    "function",
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of part."""

    name: str
    """As in messages and in the class: ``table``."""
    package: str
    """The folder with its modules, dotted: ``tapgen.parts.table``."""
    section: str = ""
    """Key of ``environments.yaml`` with the settings of each part by name: ``tables``; empty without settings."""
    shared: str = ""
    """Key with what all parts of the kind share: ``table``; it is merged under each of them."""
    reserved: tuple[str, ...] = ()
    """Names of parts that tapgen adds itself; they have settings like any other."""
    taken: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Names that no part of the kind can have, each with what of tapgen's own has it."""
    stack: StackName | None = None
    """The nested stack of its resources; None when the composition places them itself."""
    spread: bool = False
    """Whether a part that does not fit into the stack may be made in a further one: nothing in the stack refers to it
    by its logical id, and its values are taken as parameters."""

    def load(self, module: str) -> ModuleType | None:
        """A module of the kind's folder; None when the kind has none."""
        return _load(f"{self.package}.{module}")

    def require(self, module: str) -> ModuleType:
        """A module that the kind must have.

        Raises:
            ConfigError: The package of the kind lacks it.
        """
        found = self.load(module)
        if found is None:
            raise ConfigError(
                f"the kind {self.name!r} is incomplete: {self.package} has no module {module}",
                hint=f"update or remove the package that brings {self.package}",
                code="kind-incomplete",
            )
        return found

    @cached_property
    def part(self) -> type[Part]:
        """The class of its values."""
        found: type[Part] = self.require("model").PART
        return found

    @cached_property
    def settings(self) -> type[Any] | None:
        """The frozen value of its settings; None without settings."""
        return self.require("settings").SETTINGS if self.section else None


@cache
def _load(name: str) -> ModuleType | None:
    package, _, _ = name.rpartition(".")
    importlib.import_module(package)
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


@cache
def list_kinds() -> tuple[Kind, ...]:
    """Every kind: this package's in the order in which their resources depend on each other, then others' by name.

    Raises:
        ConfigError: A package brings a kind that cannot be loaded, or one whose name is taken.
    """
    kinds: dict[str, Kind] = {}
    for folder in _OWN:
        kind: Kind = importlib.import_module(f"tapgen.parts.{folder}").KIND
        kinds[kind.name] = kind
    for entry in sorted(entry_points(group=GROUP), key=lambda item: item.name):
        try:
            found = entry.load()
        except Exception as error:
            raise ConfigError(
                f"the kind {entry.name!r} of {entry.value} cannot be loaded",
                why=f"{type(error).__name__}: {error}",
                hint="update or remove the package that brings it",
                code="kind-unloadable",
            ) from error
        if not isinstance(found, Kind) or found.name in kinds:
            raise ConfigError(
                f"the kind {entry.name!r} of {entry.value} cannot be used",
                why="it is no tapgen.parts.registry.Kind" if not isinstance(found, Kind) else "its name is taken",
                hint="update or remove the package that brings it",
                code="kind-refused",
            )
        kinds[found.name] = found
    return tuple(kinds.values())


def kind_of(part: Part) -> Kind:
    """The kind of a part.

    Raises:
        ConfigError: No kind of that name is installed.
    """
    for kind in list_kinds():
        if kind.name == part.kind:
            return kind
    raise ConfigError(
        f"there is no kind {part.kind!r}",
        why=f"{part.label} is written in {part.place}",
        hint="install the package that brings the kind",
        code="kind-unknown",
    )
