"""How a project's functions are tried: the journeys of ``config/journeys.py``.

The file is ordinary Python: ``JOURNEYS`` has a journey for each function by name, ``ROUTES`` the HTTP routes of each.
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.errors import ConfigError
from tapgen.journey import Journey

if TYPE_CHECKING:
    from types import ModuleType

JOURNEYS_FILE = Path("config") / "journeys.py"


@dataclass(frozen=True, kw_only=True)
class Tried:
    """How one function is tried."""

    function: str
    """Its name in the service."""
    journey: Journey
    routes: tuple[str, ...] = ()
    """``METHOD /path`` of the HTTP routes that invoke it."""


def load_tried(project: Path) -> tuple[Tried, ...]:
    """How the project's functions are tried, by name; those without a journey are not among them.

    Raises:
        ConfigError: The file cannot be run, or defines no journeys.
    """
    path = project / JOURNEYS_FILE
    if not path.is_file():
        return ()
    module = _run(path)
    journeys: Any = getattr(module, "JOURNEYS", None)
    routes: Any = getattr(module, "ROUTES", {})
    if not isinstance(journeys, dict) or not all(isinstance(each, Journey) for each in journeys.values()):
        raise ConfigError(
            f"{path} defines no journeys",
            hint='it has JOURNEYS = {"function": Journey(…)}; see docs/journeys.md',
            code="bad-journeys",
        )
    return tuple(
        Tried(function=function, journey=journey, routes=tuple(routes.get(function, ())))
        for function, journey in sorted(journeys.items())
    )


def _run(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("tapgen_project_journeys", path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path} cannot be read as Python", code="bad-journeys")
    module = importlib.util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = frames[-1].lineno if frames else getattr(error, "lineno", None) or 1
        raise ConfigError(
            f"{path}, line {line}: {error}", hint="correct the journey there; see docs/journeys.md", code="bad-journeys"
        ) from error
    finally:
        sys.dont_write_bytecode = written
    return module
