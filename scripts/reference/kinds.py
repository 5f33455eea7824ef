"""What is known of a kind of part: read from its class, its schema and its alarms, by what their annotations say."""

from __future__ import annotations

import dataclasses
import inspect
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.reference.signatures import Call, list_calls, read_call, read_summary
from tapgen.config.json_schema import build_json_schema
from tapgen.parts.part import Verb
from tapgen.parts.source import Source
from tapgen.service.builder import Service
from tapgen.service.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.parts.registry import Kind

_BUILDERS = {"function": "FunctionBuilder"}
"""Kinds that the vocabulary builds step by step, with what it answers meanwhile."""
_NO_DEFAULT = object()


@dataclass(frozen=True, kw_only=True)
class VerbPage:
    """One verb with its actions."""

    call: str
    """``orders.query(index=None)``."""
    summary: str
    actions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SettingPage:
    """One setting of a kind in environments.yaml."""

    name: str
    allowed: str
    default: str
    production: str
    text: str


@dataclass(frozen=True, kw_only=True)
class KindPage:
    """All that the reference says of a kind."""

    kind: Kind
    summary: str
    calls: tuple[Call, ...]
    verbs: tuple[VerbPage, ...]
    sources: tuple[Call, ...]
    settings: tuple[SettingPage, ...]
    runbooks: Mapping[str, str]


def read_kind(kind: Kind) -> KindPage:
    """A kind from its modules."""
    members = [(name, item) for name, item in vars(kind.part).items() if not name.startswith("_")]
    alarms = kind.load("alarms")
    return KindPage(
        kind=kind,
        summary=read_summary(kind.part),
        calls=tuple(_calls(kind)),
        verbs=tuple(_verbs(kind, members)),
        sources=tuple(
            read_call(item, name) for name, item in members if inspect.isfunction(item) and _answers(kind, item, Source)
        ),
        settings=tuple(_settings(kind)) if kind.section else (),
        runbooks=alarms.RUNBOOKS if alarms else {},
    )


def _calls(kind: Kind) -> Iterator[Call]:
    """What of the service makes a part of this kind, by what it answers."""
    wanted = _BUILDERS.get(kind.name, kind.part.__name__)
    for name, item in list_calls(Service):
        if item.__annotations__.get("return") == wanted:
            yield read_call(item, name)


def _verbs(kind: Kind, members: list[tuple[str, Any]]) -> Iterator[VerbPage]:
    sample = _sample(kind)
    owner = kind.part.__name__.lower()
    for name, item in members:
        if isinstance(item, property) and item.fget and _answers(kind, item.fget, Verb):
            yield VerbPage(call=f"{owner}.{name}", summary=read_summary(item), actions=getattr(sample, name).actions)
        elif inspect.isfunction(item) and _answers(kind, item, Verb):
            call = read_call(item, name)
            yield VerbPage(call=call.render(owner), summary=call.summary, actions=getattr(sample, name)().actions)


def _sample(kind: Kind) -> Any:
    """A part of which nothing is known but its defaults: a verb's actions depend on nothing else."""
    sample = object.__new__(kind.part)
    for item in dataclasses.fields(kind.part):
        default = item.default_factory() if callable(item.default_factory) else item.default
        object.__setattr__(sample, item.name, item.name if default is dataclasses.MISSING else default)
    return sample


def _answers(kind: Kind, function: Any, wanted: type) -> bool:
    """Whether a function answers such a value, by its annotation within the kind's model."""
    name = str(function.__annotations__.get("return", ""))
    found = wanted if name == wanted.__name__ else getattr(kind.require("model"), name, None)
    return isinstance(found, type) and issubclass(found, wanted)


def _settings(kind: Kind) -> Iterator[SettingPage]:
    definition = build_json_schema(Model(name="", title="", parts=(_sample(kind),)))["$defs"][
        kind.require("schema").SCHEMA.__name__
    ]
    defaults = kind.require("settings").shared_defaults
    usual, strict = defaults(production=False), defaults(production=True)
    for name, item in definition["properties"].items():
        yield SettingPage(
            name=name,
            allowed=_allowed(item),
            default=_show(usual.get(name, _NO_DEFAULT)),
            production=_show(strict.get(name, _NO_DEFAULT)),
            text=str(item.get("description", "")),
        )


def _allowed(item: Mapping[str, Any]) -> str:
    if "anyOf" in item:
        return ", ".join(dict.fromkeys(_allowed(part) for part in item["anyOf"]))
    if "enum" in item:
        return ", ".join(f"`{value}`" for value in item["enum"])
    if "const" in item:
        return f"`{item['const']}`"
    if item.get("type") in ("integer", "number") and "minimum" in item and "maximum" in item:
        return f"{item['minimum']:,} to {item['maximum']:,}"
    return str(item.get("type", "mapping"))


def _show(value: Any) -> str:
    """As YAML writes it."""
    return "" if value is _NO_DEFAULT else f"`{json.dumps(value).strip(chr(34))}`"
