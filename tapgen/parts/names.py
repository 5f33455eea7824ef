"""Names of any part: what a reference stands for, what a grant brings, and which names are too long."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tapgen.errors import ConfigError, RenderError
from tapgen.parts.part import EnvironmentValue, Reference, Setting
from tapgen.parts.registry import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from troposphere import Sub

    from tapgen.config.environment import Environment
    from tapgen.naming import Names
    from tapgen.parts.part import Part, Variable


def physical_name(names: Names, part: Part) -> str:
    """What the part is called in the environment.

    Raises:
        ConfigError: The name is longer than the service allows.
    """
    found: str = kind_of(part).require("names").physical_name(names, part)
    return found


def make_arn(names: Names, part: Part, path: str = "") -> Any:
    """The part's ARN, or that of something in it, as ``Fn::Sub``."""
    return kind_of(part).require("names").make_arn(names, part, path)


def refer(names: Names, part: Part) -> Sub:
    """The part's ARN as the value of a resource's property: troposphere takes no plain ``Fn::Sub``."""
    from troposphere import Sub

    return Sub(make_arn(names, part)["Fn::Sub"])


def granted_variables(names: Names, part: Part) -> dict[str, Any]:
    """The variables that a grant on the part brings to a function."""
    module = kind_of(part).require("names")
    return dict(module.variables(names, part)) if hasattr(module, "variables") else {}


def resolve(environment: Environment, names: Names, variable: Variable) -> Any:
    """What a function's variable holds in an environment.

    Raises:
        RenderError: A reference names nothing that its part has.
    """
    match variable:
        case Reference():
            return _resolve_reference(environment, names, variable)
        case Setting(name=name):
            return _text(environment.settings[name])
        case EnvironmentValue(path=path):
            return _text(_look_up(environment, path))
        case _:
            return variable


def find_long_names(environment: Environment, names: Names) -> Iterator[str]:
    """What is wrong with each name that exceeds its service's limit."""
    makers: list[Callable[[], str]] = [*names.longest()]
    makers += [partial(physical_name, names, part) for part in environment.service.parts]
    for make in makers:
        try:
            make()
        except ConfigError as error:
            yield error.what


def _resolve_reference(environment: Environment, names: Names, reference: Reference) -> Any:
    part, attribute = reference.part, reference.attribute
    kind = kind_of(part)
    attributes = kind.require("names").attributes(names, part)
    if attribute in attributes:
        return attributes[attribute]
    settings = environment.settings_of(part) if kind.section else None
    if not hasattr(settings, attribute):
        raise RenderError(
            f"{part.label} has no {attribute!r} to refer to",
            why=f"written in {part.place}; it has {', '.join(attributes)} and its settings",
            hint="correct reference(…) in config/service.py",
            code="unknown-reference",
        )
    value = getattr(settings, attribute)
    return _text(value) if value is not None else reference.default


def _look_up(environment: Environment, path: str) -> Any:
    value: Any = environment
    for name in path.split("."):
        if not hasattr(value, name):
            raise RenderError(
                f"there is no setting {path!r} in an environment",
                hint="correct EnvironmentValue(…) in config/service.py",
                code="unknown-reference",
            )
        value = getattr(value, name)
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
