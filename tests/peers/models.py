"""Checks requests against a botocore that is not the installed one: its service models alone are read.

botocore refuses what a model does not know, and is silent about values outside of an enumeration and about members that
are on their way out: those are looked at here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from scripts.tools import ensure_tool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from botocore.model import Shape

    from tests.peers.recording import Request


def newest_models() -> Path:
    """Where the newest botocore's service models are: moto's environment has it."""
    (found,) = (ensure_tool("moto").parent / "lib").glob("python*/site-packages/botocore/data")
    return found


def find_faults(request: Request, models: Path) -> list[str]:
    """What the models refuse of a request, and what they would have refused if they looked."""
    service = _model(request.service, models)
    if request.operation not in service.operation_names:
        return [f"{request.name}: no such operation"]
    operation = service.operation_model(request.operation)
    if operation.input_shape is None:
        return [f"{request.name}: takes nothing"] if request.parameters else []
    report = ParamValidator().validate(request.parameters, operation.input_shape).generate_report()
    faults = [f"{request.name}: {report}"] if report else []
    faults += [f"{request.name}: {fault}" for fault in _values(request.parameters, operation.input_shape, "")]
    return faults + ([f"{request.name}: is deprecated"] if operation.deprecated else [])


@cache
def _model(service: str, models: Path) -> ServiceModel:
    loader = Loader(extra_search_paths=[str(models)], include_default_search_paths=False)
    return ServiceModel(loader.load_service_model(service, "service-2"), service_name=service)


def _values(value: Any, shape: Shape, place: str) -> Iterator[str]:
    """Values outside of an enumeration or a pattern, and deprecated members that were given."""
    kind: Any = shape
    if shape.type_name == "structure":
        for name, item in value.items():
            if name in kind.members:
                yield from _values(item, kind.members[name], f"{place}.{name}")
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            yield from _values(item, kind.member, f"{place}[{index}]")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from _values(key, kind.key, f"{place} key")
            yield from _values(item, kind.value, f"{place}[{key!r}]")
    elif shape.type_name == "string" and isinstance(value, str):
        yield from _text(value, kind, place)
    if shape.metadata.get("deprecated"):
        yield f"{place} is deprecated"


def _text(value: str, shape: Any, place: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"{place} is {value!r}, and not one of {', '.join(shape.enum)}"
    pattern = shape.metadata.get("pattern")
    try:
        fits = not pattern or re.search(pattern, value, re.DOTALL) is not None
    except re.error:
        # Some models write Java's classes of characters, which Python does not know.
        return
    if not fits:
        yield f"{place} is {value!r}, which {pattern!r} does not take"
