"""config/environments.yaml → typed environments, or one error that lists every fault with its place.

An environment is ``defaults`` with its own section merged over it; ``function`` is merged under each function. Which
section a value came from is remembered, so that a fault points at the line where the value stands.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from tapgen.config.environment import Environment, build_environment
from tapgen.config.schema import EnvironmentSection, FunctionsSection
from tapgen.config.source import Document, Fault, Key, read_document
from tapgen.errors import ConfigError, UsageError
from tapgen.naming import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

_SECTIONS = ("defaults", "environments")
_FUNCTION = "function"
_FUNCTIONS = "functions"
# Set by the loader; the file may not set them.
_RESERVED = {"name", "suffix", "configured_region"}


@dataclass(frozen=True)
class _Merged:
    """A resolved but unchecked environment: values, and where each came from."""

    data: dict[str, Any]
    origins: dict[Key, Key] = field(default_factory=dict)

    def origin_of(self, key: Key) -> Key:
        """The place in the file that a value came from: of itself, or of the nearest mapping around it."""
        tail: Key = ()
        while key and key not in self.origins:
            key, tail = key[:-1], (key[-1], *tail)
        return (*self.origins.get(key, ()), *tail)


class Environments:
    """All environments of one file; nothing is validated before it is asked for."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._project = document.path.parent.parent

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names in the order of the file."""
        section = self._document.data.get("environments")
        return tuple(section) if isinstance(section, dict) else ()

    def resolve(self, name: str, *, suffix: str | None = None, region: str | None = None) -> Environment:
        """One environment with its defaults, checked.

        Args:
            name: Key of the environment.
            suffix: Makes it an independent second deployment.
            region: Replaces the configured region.

        Raises:
            UsageError: There is no such environment.
            ConfigError: Every fault that this environment sees.
        """
        if name not in self.names:
            raise self._unknown(name)
        faults = list(self._document.faults) + self._section_faults()
        environment, found = self._check(name, suffix=suffix, region=region)
        faults += found
        if faults or environment is None:
            raise self._error(faults)
        return environment

    def resolve_all(self) -> tuple[Environment, ...]:
        """Every environment, in the order of the file.

        Raises:
            ConfigError: All faults of the whole file at once.
        """
        faults = list(self._document.faults) + self._section_faults()
        environments: list[Environment] = []
        for name in self.names:
            environment, found = self._check(name)
            faults += found
            if environment:
                environments.append(environment)
        faults += self._collisions(environments)
        if faults:
            raise self._error(faults)
        return tuple(environments)

    def _check(
        self, name: str, *, suffix: str | None = None, region: str | None = None
    ) -> tuple[Environment | None, list[Fault]]:
        merged = merge_environment(self._document.data, name)
        faults = [
            self._fault(merged, (key,), f"{key!r} is set by tapgen and may not stand in the file")
            for key in sorted(_RESERVED & merged.data.keys())
        ]
        data = {key: value for key, value in merged.data.items() if key not in _RESERVED}
        data |= {"name": name, "suffix": suffix}
        if region:
            data |= {"region": region, "configured_region": data.get("region")}
        try:
            environment = build_environment(EnvironmentSection.model_validate(data).model_dump(mode="json"))
        except ValidationError as error:
            details = error.errors(include_url=False)
            return None, faults + [self._explain(merged, name, detail) for detail in details]
        faults += self._check_files(merged, environment) + self._check_names(environment)
        return environment, faults

    def _section_faults(self) -> list[Fault]:
        data = self._document.data
        faults = [
            Fault(line=self._document.line_of((key,)), path=key, text=_unknown_key(key, _SECTIONS))
            for key in data
            if key not in _SECTIONS
        ]
        if not self.names:
            faults.append(Fault(line=0, path="environments", text="there must be at least one environment"))
        for path in [("defaults",), *(("environments", name) for name in self.names)]:
            value = _at(data, path)
            if value is not None and not isinstance(value, dict):
                text = f"must be a mapping, not {value!r}"
                faults.append(Fault(line=self._document.line_of(path), path=".".join(path), text=text))
        return faults

    def _check_files(self, merged: _Merged, environment: Environment) -> list[Fault]:
        """Files that the configuration names must be there."""
        layer = environment.layer
        return [
            self._fault(merged, ("layer", key), f"{value!r} does not exist below {self._project}")
            for key, value in (("path", layer.path), ("requirements", None if layer.path else layer.requirements))
            if value is not None and not (self._project / value).is_file()
        ]

    def _check_names(self, environment: Environment) -> list[Fault]:
        """All names fit their services."""
        try:
            Names(environment).check()
        except ConfigError as error:
            line = self._document.line_of(("environments", environment.name))
            return [Fault(line=line, path=f"environments.{environment.name}", text=error.what)]
        return []

    def _collisions(self, environments: Iterable[Environment]) -> list[Fault]:
        """Two environments of one account and region whose resources would have the same names."""
        seen: dict[tuple[str, str], str] = {}
        faults = []
        for environment in environments:
            key = (environment.account_id, Names(environment).prefix)
            if key in seen:
                line = self._document.line_of(("environments", environment.name))
                text = (
                    f"has the same names as {seen[key]!r}: both are {key[1]} in account {key[0]}; "
                    "change project, region or account_id of one"
                )
                faults.append(Fault(line=line, path=f"environments.{environment.name}", text=text))
            seen.setdefault(key, environment.name)
        return faults

    def _explain(self, merged: _Merged, name: str, detail: ErrorDetails) -> Fault:
        key: Key = detail["loc"]
        if detail["type"] == "missing":
            line = self._document.line_of(("environments", name, *key))
            path = ".".join(map(str, ("environments", name, *key)))
            return Fault(line=line, path=path, text="is missing, here and in `defaults`")
        if detail["type"] == "extra_forbidden":
            return self._fault(merged, key, _unknown_key(str(key[-1]), _known_keys(key[:-1])))
        value = "" if isinstance(detail["input"], dict) or not key else f"{detail['input']!r}: "
        return self._fault(merged, key, value + _sentence(detail))

    def _fault(self, merged: _Merged, key: Key, text: str) -> Fault:
        origin = merged.origin_of(key)
        return Fault(line=self._document.line_of(origin), path=".".join(map(str, origin)), text=text)

    def _error(self, faults: Iterable[Fault]) -> ConfigError:
        unique = sorted(set(faults), key=lambda fault: (fault.line, fault.path, fault.text))
        count = f"{len(unique)} fault" + ("s" if len(unique) > 1 else "")
        return ConfigError(
            f"{self._document.path.name} has {count}",
            why="\n".join(fault.render(str(self._document.path)) for fault in unique),
            hint="`tapgen config schema` prints what is allowed where",
        )

    def _unknown(self, name: str) -> UsageError:
        return UsageError(
            f"there is no environment {name!r} in {self._document.path}",
            why=f"the environments are {', '.join(self.names)}" if self.names else "the file names none",
            hint=_did_you_mean(name, self.names) or "choose one of them with --env",
            code="unknown-environment",
        )


def load_environments(path: Path) -> Environments:
    """Read the file; environments are checked when they are resolved.

    Raises:
        ConfigError: The file cannot be read or is not YAML.
    """
    return Environments(read_document(path))


def merge_environment(data: Mapping[str, Any], name: str) -> _Merged:
    """``defaults`` with the environment over it; ``function`` under each of ``functions``, the specific one winning."""
    merged = _Merged({})
    sections: tuple[Key, ...] = (("defaults",), ("environments", name))
    for section in sections:
        values = _at(data, section)
        rest = {key: value for key, value in values.items() if key != _FUNCTION} if isinstance(values, dict) else {}
        _overlay(merged, rest, origin=section)
    overrides = merged.data.pop(_FUNCTIONS, {})
    if not isinstance(overrides, dict):
        merged.data[_FUNCTIONS] = overrides
        return merged
    for role in dict.fromkeys([*FunctionsSection.model_fields, *overrides]):
        _put(merged.data, (_FUNCTIONS, role), {})
        for key in ((_FUNCTION,), (_FUNCTIONS, role)):
            for section in sections:
                _overlay(merged, _at(data, (*section, *key)), origin=(*section, *key), key=(_FUNCTIONS, role))
    return merged


def _overlay(merged: _Merged, values: Any, *, origin: Key, key: Key = ()) -> None:
    """Put a section's values over what is there: mappings key by key, everything else as a whole."""
    if not isinstance(values, dict):
        return
    for name, value in values.items():
        here, place = (*key, name), (*origin, name)
        merged.origins[here] = place
        if isinstance(value, dict):
            if not isinstance(_at(merged.data, here), dict):
                _put(merged.data, here, {})
            _overlay(merged, value, origin=place, key=here)
        else:
            _put(merged.data, here, value)


def _at(data: Mapping[str, Any], key: Key) -> Any:
    value: Any = data
    for name in key:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _put(data: dict[str, Any], key: Key, value: Any) -> None:
    for name in key[:-1]:
        data = data.setdefault(name, {})  # type: ignore[arg-type]  # keys of mappings are text
    data[key[-1]] = value  # type: ignore[index]  # keys of mappings are text


def _known_keys(key: Key) -> tuple[str, ...]:
    """The keys that the schema allows at a path."""
    model: Any = EnvironmentSection
    for name in key:
        if isinstance(name, int):
            return ()
        annotation = model.model_fields[name].annotation
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        model = next((item for item in candidates if hasattr(item, "model_fields")), None)
        if model is None:
            return ()
    known = [name for name in model.model_fields if name not in _RESERVED or model is not EnvironmentSection]
    return tuple(known + ([_FUNCTION] if model is EnvironmentSection else []))


def _unknown_key(key: str, known: tuple[str, ...]) -> str:
    return f"unknown key {key!r}; {_did_you_mean(key, known) or 'the keys are ' + ', '.join(known)}"


def _did_you_mean(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else ""


def _sentence(detail: ErrorDetails) -> str:
    """The message of pydantic as the end of a sentence, with what is allowed."""
    if detail["loc"] == ("account_id",) and isinstance(detail["input"], int):
        return "an account id is twelve digits in quotes; YAML reads it as a number and drops leading zeros"
    message = detail["msg"]
    return message[:1].lower() + message[1:]
