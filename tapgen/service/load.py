"""config/service.py → the model of a service, or one error that lists every fault with its line.

The file is ordinary Python and may import its neighbours in ``config/``. It is run once and must do nothing but define.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib.util
import re
import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tapgen.errors import ConfigError
from tapgen.parts.faults import Fault, gather
from tapgen.parts.part import Place
from tapgen.service import blocks
from tapgen.service.builder import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from tapgen.service.model import Model

SERVICE_FILE = "service.py"
VARIABLE = "service"
_CLASS = re.compile(r"^\w+\.(?=\w+\(\))")
HANDLERS = "handlers"
"""Folder of a project with a folder for each function."""


def load_service(folder: Path) -> Model:
    """The service that ``folder/service.py`` defines.

    Args:
        folder: The project's ``config``.

    Raises:
        ConfigError: There is no such file, or it has faults; all of them at once.
    """
    file = folder / SERVICE_FILE
    if not file.is_file():
        raise ConfigError(
            f"{file} does not exist: it says what the service is",
            hint="`tapgen init NAME` writes one in an empty folder",
            code="service-missing",
        )
    with gather() as faults:
        model = _run(file, faults)
        if model is not None:
            faults.extend(_find_missing_folders(model, folder.parent / HANDLERS))
    if faults or model is None:
        raise _error(file, faults)
    return _placed(folder, model)


def _placed(folder: Path, model: Model) -> Model:
    """The model with the block of each part, as the lock beside the file keeps it."""
    recorded = blocks.read_lock(folder)
    blocks.check_lock(folder, model.parts, recorded)
    found = blocks.assign(model.parts, recorded, capacity=blocks.CAPACITY)
    kept = recorded or blocks.needs_lock(model.parts, capacity=blocks.CAPACITY)
    return dataclasses.replace(model, blocks=found) if kept else model


def _run(file: Path, faults: list[Fault]) -> Model | None:
    try:
        with _importable(file.parent):
            module = _execute(file)
        service = getattr(module, VARIABLE, None)
        if not isinstance(service, Service):
            faults.append(Fault(Place(str(file), 1), f"there is no variable {VARIABLE!r} = Service(…)"))
            return None
        return service.model()
    except ConfigError:
        raise
    except SyntaxError as error:
        faults.append(Fault(Place(error.filename or str(file), error.lineno or 1), f"no Python: {error.msg}"))
    except Exception as error:  # noqa: BLE001 - whatever the user's file raises is told with its line
        faults.append(Fault(_place_of(error, file), _explain(error)))
    return None


def _find_missing_folders(model: Model, handlers: Path) -> Iterator[Fault]:
    """Functions whose code is not there, where the project has the folder of handlers at all."""
    if not handlers.is_dir():
        return
    present = sorted(item.name for item in handlers.iterdir() if item.is_dir() and item.name != "__pycache__")
    for function in model.functions:
        if not function.image and function.folder not in present:
            close = difflib.get_close_matches(function.folder, present, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"the folders are {', '.join(present) or 'none'}"
            text = f"function {function.name!r} has no code: {HANDLERS}/{function.folder} does not exist; {hint}"
            yield Fault(function.place, text)


def _execute(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("tapgen_project_service", file)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{file} cannot be read as Python", code="service-unreadable")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """The folder's modules can be imported meanwhile, and are forgotten: another project has files of the same name."""
    before, written = set(sys.modules), sys.dont_write_bytecode
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.dont_write_bytecode = written
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "") or "").startswith(str(folder)):
                del sys.modules[name]


def _place_of(error: Exception, file: Path) -> Place:
    """The innermost line of the project that the error went through."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(file.parent))
    ]
    return Place(frames[-1].filename, frames[-1].lineno or 1) if frames else Place(str(file), 1)


def _explain(error: Exception) -> str:
    if isinstance(error, AttributeError) and error.name and error.obj is not None:
        known = [name for name in dir(error.obj) if not name.startswith("_")]
        close = difflib.get_close_matches(error.name, known, n=1)
        label = getattr(error.obj, "label", type(error.obj).__name__)
        hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(known)}"
        return f"{label} has no {error.name!r}; {hint}"
    if isinstance(error, TypeError):
        # Python names the class that has the method; the user sees the service's.
        return f"TypeError: {_CLASS.sub('', str(error))}"
    return f"{type(error).__name__}: {error}"


def _error(file: Path, faults: list[Fault]) -> ConfigError:
    unique = sorted(set(faults), key=lambda fault: (fault.place.file, fault.place.line, fault.text))
    return ConfigError(
        f"{file.name} has {len(unique)} fault{'s' if len(unique) > 1 else ''}",
        why="\n".join(f"{fault.place}: {fault.text}" for fault in unique),
        hint="`tapgen guide parts` describes every part and its verbs",
        code="service-faults",
    )
