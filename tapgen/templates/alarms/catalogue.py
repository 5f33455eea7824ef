"""Every metric alarm of an environment, as definitions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tapgen.elements.alarm import lasting
from tapgen.parts.registry import list_kinds
from tapgen.templates.alarms import objectives, shifts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.config.environment import Environment
    from tapgen.elements.alarm import Definition
    from tapgen.naming import Names
    from tapgen.templates.alarms.objectives import BurnPair


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The alarms of one environment."""

    symptoms: tuple[Definition, ...]
    """What is wrong now; a warning among them has its ``lasting`` where the configuration escalates."""
    burns: tuple[BurnPair, ...]
    shift: Definition
    """In ALARM while a traffic shift may run."""

    @property
    def definitions(self) -> Iterator[Definition]:
        """Every metric alarm, in the order of the template."""
        for symptom in self.symptoms:
            yield symptom
            if symptom.lasting:
                yield symptom.lasting
        for burn in self.burns:
            yield from (burn.long, burn.short)
        yield self.shift

    @property
    def warnings(self) -> tuple[Definition, ...]:
        """What escalates when it lasts or comes with another."""
        return tuple(symptom for symptom in self.symptoms if symptom.severity == "warning")

    @property
    def guarded(self) -> tuple[Definition, ...]:
        """What a shift's guards see themselves."""
        return tuple(symptom for symptom in self.symptoms if symptom.guarded)


def build_catalogue(environment: Environment, names: Names) -> Catalogue:
    """The alarms that the environment's configuration asks for."""
    minutes = environment.alarms.escalate_after_min
    found = tuple(_define(environment, names))
    symptoms = tuple(
        replace(
            item,
            # The composite alarm over what is guarded calls people in its stead.
            notifies=not item.guarded,
            lasting=lasting(item, minutes) if minutes and item.severity == "warning" else None,
        )
        for item in found
    )
    burns = tuple(objectives.define_pairs(environment.slo)) if environment.slo and environment.service.api else ()
    return Catalogue(symptoms=symptoms, burns=burns, shift=shifts.define(environment, names))


def _define(environment: Environment, names: Names) -> Iterator[Definition]:
    """The alarms of every part; a kind without alarms has none."""
    for kind in list_kinds():
        module = kind.load("alarms")
        if module is None:
            continue
        for part in environment.service.parts:
            if part.kind == kind.name:
                block = environment.service.block_of(part)
                yield from (replace(item, block=block) for item in module.define(environment, names, part))
