"""The seams: every private name of MiniStack that the extension leans on, and the check that they are all there.

MiniStack is pinned exactly, and its internals are not an interface. So each module of the extension names what it
replaces, with the parameters that it expects, and the server refuses to start when one of them is missing or has
changed. This module knows no single seam; it must not import MiniStack before it is asked to.
"""

from __future__ import annotations

import importlib
import inspect
import operator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MINISTACK_VERSION = "1.5.33"
"""The release whose private names the seams were read from; ``setup.cfg`` pins the same one."""


@dataclass(frozen=True, kw_only=True)
class Seam:
    """One name inside MiniStack that an extension module replaces, wraps or adds to.

    Attributes:
        module: The dotted module that defines the name.
        attribute: The name in that module; one in a class has the class's name and a dot before it.
        parameters: The leading parameter names of a callable; None for data.
        gap: What MiniStack lacks or gets wrong there, and what AWS does.
    """

    module: str
    attribute: str
    parameters: tuple[str, ...] | None
    gap: str

    @property
    def name(self) -> str:
        """``module.attribute``, the way messages name the seam."""
        return f"{self.module}.{self.attribute}"


class SeamError(Exception):
    """Seams are missing or changed: this MiniStack is not the one that the extension was written for."""


def check(seams: Iterable[Seam]) -> None:
    """Look at every seam.

    Raises:
        SeamError: Names the MiniStack found and expected, and each seam that is missing or changed, one a line.
    """
    faults = [fault for fault in map(_fault, seams) if fault]
    if faults:
        raise SeamError(
            "\n".join([f"MiniStack {found_version()} is installed, {MINISTACK_VERSION} is expected", *faults]),
        )


def original(seam: Seam) -> Any:
    """The current value of the seam."""
    return operator.attrgetter(seam.attribute)(importlib.import_module(seam.module))


def replace(seam: Seam, replacement: Any, *, also: tuple[str, ...] = ()) -> None:
    """Put ``replacement`` in the seam's place.

    Args:
        seam: The name to replace.
        replacement: Its new value.
        also: Further modules that imported the name from the seam's module and hold a reference of their own.

    Raises:
        SeamError: A module of ``also`` does not hold the same object.
    """
    current = original(seam)
    for module in also:
        if getattr(importlib.import_module(module), seam.attribute, None) is not current:
            raise SeamError(f"{module}.{seam.attribute} is not {seam.name}")
    owner, _, name = seam.attribute.rpartition(".")
    for module in (seam.module, *also):
        found = importlib.import_module(module)
        setattr(operator.attrgetter(owner)(found) if owner else found, name, replacement)


def found_version() -> str:
    """The version of the installed MiniStack, or ``no version`` when it carries no metadata."""
    try:
        return version("ministack")
    except PackageNotFoundError:
        return "no version"


def _fault(seam: Seam) -> str:
    try:
        value = original(seam)
    except ImportError as error:
        return f"{seam.name}: the module cannot be imported ({error})"
    except AttributeError:
        return f"{seam.name}: missing"
    if seam.parameters is None:
        return ""
    return _signature_fault(seam.name, value, seam.parameters)


def _signature_fault(name: str, value: Any, expected: tuple[str, ...]) -> str:
    if not callable(value):
        return f"{name}: {type(value).__name__} instead of a callable"
    found = tuple(inspect.signature(value).parameters)
    if found[: len(expected)] == expected:
        return ""
    return f"{name}: takes ({', '.join(found)}), expected ({', '.join(expected)}, ...)"
