"""config/environments.yaml → typed environments, or one error that lists every fault with its place.

A fault points at the line where the value stands: in ``defaults`` when the environment inherits it.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from tapgen.config import schema
from tapgen.config.defaults import REQUIREMENTS, build_defaults, named_sections
from tapgen.config.environment import Environment, build_environment
from tapgen.config.explanations import RESERVED, did_you_mean, explain, explain_unknown_key, in_list, show
from tapgen.config.merge import DEFAULTS, ENVIRONMENTS, PROJECT, Merged, Rules, has, merge_environment, value_at
from tapgen.config.rules import check_rules
from tapgen.config.sections import build_schema
from tapgen.config.source import Document, Fault, Key, read_document
from tapgen.errors import ConfigError, UsageError
from tapgen.naming import Names, prefix_patterns
from tapgen.parts.names import find_long_names
from tapgen.service.load import load_service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from tapgen.config.schema import EnvironmentSection
    from tapgen.service.model import Model

_SECTIONS = (PROJECT, DEFAULTS, ENVIRONMENTS)
# What makes the names of a deployment; two environments may not have all of it in common.
_IDENTITY = ("account_id", "project", "region")


class Environments:
    """All environments of one file; each is checked when it is asked for."""

    def __init__(self, document: Document, service: Model) -> None:
        self._document = document
        self._project = document.path.parent.parent
        self._service = service
        self._named = named_sections(service)

    @cached_property
    def _schema(self) -> type[EnvironmentSection]:
        return build_schema(self._service)

    @cached_property
    def _requirements(self) -> str | None:
        return REQUIREMENTS if (self._project / REQUIREMENTS).is_file() else None

    def _merge(self, name: str) -> Merged:
        said = {key: self._said(name, key) for key in (PROJECT, "production")}
        base = build_defaults(self._service, name, said=said, requirements=self._requirements)
        return merge_environment(self._document.data, name, rules=Rules(base=base, named=self._named))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names in the order of the file."""
        section = self._document.data.get(ENVIRONMENTS)
        return tuple(section) if isinstance(section, dict) else ()

    def resolve(self, name: str, *, suffix: str | None = None, region: str | None = None) -> Environment:
        """One environment with its defaults, checked.

        Args:
            name: Key of the environment.
            suffix: Makes it an independent second deployment.
            region: Replaces the configured region.

        Raises:
            UsageError: There is no such environment; the suffix or region is not one.
            ConfigError: Every fault that this environment sees.
        """
        _check_option("--suffix", suffix, schema.Suffix)
        _check_option("--region", region, schema.Region)
        faults = self._section_faults()
        if name not in self.names and not faults:
            raise self._unknown(name)
        environment, found = self._check(name, suffix=suffix, region=region) if name in self.names else (None, [])
        if faults or found or environment is None:
            raise self._error([*faults, *found])
        return environment

    def resolve_all(self) -> tuple[Environment, ...]:
        """Every environment, in the order of the file.

        Raises:
            ConfigError: All faults of the whole file at once.
        """
        faults = self._section_faults()
        environments: list[Environment] = []
        for name in self.names:
            environment, found = self._check(name)
            faults += found
            environments += [environment] if environment else []
        if faults:
            raise self._error(faults)
        return tuple(environments)

    def place_of(self, name: str, key: Key) -> tuple[str, int]:
        """The dotted path and the line where a value of an environment stands, its own or in ``defaults``."""
        merged = self._merge(name)
        origin = merged.origin_of(key)
        return ".".join(map(str, origin)), self._document.line_of(origin)

    def _check(
        self, name: str, *, suffix: str | None = None, region: str | None = None
    ) -> tuple[Environment | None, list[Fault]]:
        merged = self._merge(name)
        data = {key: value for key, value in merged.data.items() if key not in RESERVED}
        data |= {"name": name, "suffix": suffix}
        if region:
            data |= {"region": region, "configured_region": data.get("region")}
        if suffix or (region and region != data["configured_region"]):
            data["api"] = _without_domain(data.get("api"))
        faults = [
            *(self._fault(merged, (key,), "is set by tapgen") for key in RESERVED if key in merged.data),
            *(self._fault(merged, key, text) for key, text in check_rules(data, self._service)),
            *self._missing_files(merged),
            *self._collisions(data),
            *self._shared_domains(data),
            *self._overlaps(data),
        ]
        try:
            checked = self._schema.model_validate(data)
        except ValidationError as error:
            details = error.errors(include_url=False)
            return None, faults + [self._finding(merged, detail) for detail in details]
        dumped = checked.model_dump(mode="json")
        dumped["parts"] = {section: dumped.pop(section) for section in self._named}
        environment = build_environment(dumped, self._service)
        line = self._document.line_of((ENVIRONMENTS, name))
        faults += [
            Fault(line=line, path=f"{ENVIRONMENTS}.{name}", text=text)
            for text in find_long_names(environment, Names(environment))
        ]
        return environment, faults

    def _section_faults(self) -> list[Fault]:
        """What is wrong with the file before environments are looked at one by one."""
        data = self._document.data
        faults = list(self._document.faults)
        faults += [self._fault_at((key,), explain_unknown_key(key, _SECTIONS)) for key in data if key not in _SECTIONS]
        if has(data, (ENVIRONMENTS,)) and not isinstance(data[ENVIRONMENTS], dict):
            faults.append(self._fault_at((ENVIRONMENTS,), f"{show(data[ENVIRONMENTS])}: must be a mapping of names"))
        elif not self.names:
            faults.append(self._fault_at((ENVIRONMENTS,), "there must be at least one environment"))
        for section in [(DEFAULTS,), *((ENVIRONMENTS, name) for name in self.names)]:
            faults += [
                self._fault_at(key, f"{show(value_at(data, key))}: must be a mapping")
                for key in self._mappings_of(section)
                if not isinstance(value_at(data, key), dict | None)
            ]
        return faults

    def _mappings_of(self, section: Key) -> Iterator[Key]:
        """Places in a section that merging would pass over if they held no mapping."""
        yield section
        for parts, (shared, _) in self._named.items():
            yield (*section, shared)
            overrides = value_at(self._document.data, (*section, parts))
            yield from ((*section, parts, name) for name in (overrides if isinstance(overrides, dict) else ()))

    def _missing_files(self, merged: Merged) -> Iterator[Fault]:
        """Files that the configuration names and nobody made."""
        path, requirements = (value_at(merged.data, ("layer", key)) for key in ("path", "requirements"))
        named = ("path", path) if path else ("requirements", requirements)
        if isinstance(named[1], str) and not (self._project / named[1]).is_file():
            text = f"{named[1]!r} does not exist below {self._project}"
            yield self._fault(merged, ("layer", named[0]), text)

    def _collisions(self, data: dict[str, Any]) -> Iterator[Fault]:
        """Other environments whose resources would have the same names."""
        mine = _identity(data)
        for other in self.names:
            raw = {key: self._raw(other, key) for key in _IDENTITY}
            if other != data["name"] and _identity(raw | {"name": other, "suffix": None}) == mine:
                key: Key = (ENVIRONMENTS, data["name"])
                prefix = "-".join(mine[1:])
                text = f"has the same names as {other!r}: both are {prefix} in account {mine[0]}; change one"
                yield self._fault_at(key, text)

    def _shared_domains(self, data: dict[str, Any]) -> Iterator[Fault]:
        """Other environments with the same domain name: a region has it once, whatever the account."""
        key: Key = ("api", "domain", "name")
        name = value_at(data, key)
        for other in self.names if isinstance(name, str) else ():
            merged = self._merge(other)
            if other != data["name"] and value_at(merged.data, key) == name:
                text = f"{name!r}: is the domain name of {other!r}, too; each environment needs its own"
                yield self._fault(self._merge(data["name"]), key, text)

    def _overlaps(self, data: dict[str, Any]) -> Iterator[Fault]:
        """Other environments of the account whose names look like those of a suffix of this one, or the reverse.

        Roles act on patterns of names (``tapgen.iam``): those of ``dev`` with any suffix would reach into ``dev-2``.
        """
        for other in self.names:
            raw = {key: self._raw(other, key) for key in (*_IDENTITY, "production")} | {"name": other}
            if other == data["name"] or raw["account_id"] != data.get("account_id"):
                continue
            for wide, narrow in ((data, raw), (raw, data)):
                reach = _suffixed(wide)
                if reach and fnmatchcase(_exact(narrow), reach):
                    text = (
                        f"{narrow['name']!r} is named like a suffix of {wide['name']!r}: roles of {wide['name']!r} act "
                        f"on {reach} in account {data['account_id']}; rename one, or give it an account of its own"
                    )
                    yield self._fault_at((ENVIRONMENTS, data["name"]), text)

    def _raw(self, name: str, key: str) -> Any:
        return self._merge(name).data.get(key)

    def _said(self, name: str, key: str) -> Any:
        """What the file says of an environment, by itself or for all of them."""
        places: tuple[Key, ...] = ((ENVIRONMENTS, name, key), (DEFAULTS, key), (key,))
        return next((value_at(self._document.data, at) for at in places if has(self._document.data, at)), None)

    def _finding(self, merged: Merged, detail: ErrorDetails) -> Fault:
        key, text = detail["loc"], explain(detail, self._schema, shared=tuple(pair[0] for pair in self._named.values()))
        if key == ("name",):
            return self._fault_at((ENVIRONMENTS, merged.name), f"the name {text}")
        if detail["type"] == "missing" and not in_list(key):
            return self._fault_at((ENVIRONMENTS, merged.name, *key), text)
        return self._fault(merged, key, text)

    def _fault(self, merged: Merged, key: Key, text: str) -> Fault:
        return self._fault_at(merged.origin_of(key), text)

    def _fault_at(self, key: Key, text: str) -> Fault:
        return Fault(line=self._document.line_of(key), path=".".join(map(str, key)), text=text)

    def _error(self, faults: Iterable[Fault]) -> ConfigError:
        # A value that YAML already misread is not judged a second time.
        misread = {fault.path for fault in self._document.faults}
        told = [fault for fault in faults if fault.path not in misread or fault in self._document.faults]
        unique = sorted(set(told), key=lambda fault: (fault.line, fault.path, fault.text))
        return ConfigError(
            f"{self._document.path.name} has {len(unique)} fault{'s' if len(unique) > 1 else ''}",
            why="\n".join(fault.render(str(self._document.path)) for fault in unique),
            hint="`tapgen config schema` prints what is allowed where",
        )

    def _unknown(self, name: str) -> UsageError:
        return UsageError(
            f"there is no environment {name!r} in {self._document.path}",
            why=f"the environments are {', '.join(self.names)}",
            hint=did_you_mean(name, self.names) or "choose one of them with --env",
            code="unknown-environment",
        )


def load_environments(path: Path, *, service: Model | None = None) -> Environments:
    """Read the file and the service beside it; environments are checked when they are resolved.

    Args:
        path: ``config/environments.yaml``.
        service: Instead of the one that ``service.py`` beside the file defines.

    Raises:
        ConfigError: A file cannot be read, is not YAML, or the service has faults.
    """
    return Environments(read_document(path), service or load_service(path.parent))


def _without_domain(api: Any) -> Any:
    """A second deployment has no domain name: the first one has it."""
    return {**api, "domain": None} if isinstance(api, dict) else api


def _identity(data: dict[str, Any]) -> tuple[str, ...]:
    """Account and name prefix: equal for two deployments that would share their resources."""
    parts = (data.get("project"), data["name"], data["suffix"], data.get("region"))
    return (str(data.get("account_id")), "-".join(str(part) for part in parts if part))


def _exact(data: Mapping[str, Any]) -> str:
    return _patterns(data)[0]


def _suffixed(data: Mapping[str, Any]) -> str:
    """The pattern of all suffixes; empty for production, which has none."""
    return "".join(_patterns(data)[1:])


def _patterns(data: Mapping[str, Any]) -> tuple[str, ...]:
    project, name, region = (str(data.get(key)) for key in ("project", "name", "region"))
    return prefix_patterns(project, name, region, production=data.get("production") is True)


def _check_option(option: str, value: str | None, kind: Any) -> None:
    if value is None:
        return
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise UsageError(
            f"{option} {show(value)} is not allowed",
            why=error.errors()[0]["msg"],
            hint="use lower-case letters, digits and single hyphens, e.g. pr-42 or eu-west-1",
            code="bad-option",
        ) from error
