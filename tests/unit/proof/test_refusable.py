"""Whose new version a hook can refuse in a proof: what has a journey, and is granted what the journey uses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.parts.function.model import Function
from tapgen.proof.deploying import find_refusable
from tests.unit.templates.variants import environment

if TYPE_CHECKING:
    from tapgen.service.model import Model


def _with(service: Model, **changes: object) -> Model:
    """The service whose functions differ so."""
    parts = tuple(replace(part, **changes) if isinstance(part, Function) else part for part in service.parts)  # type: ignore[arg-type]  # by name
    return replace(service, parts=parts)


def test_the_first_function_that_uses_something_is_chosen() -> None:
    """Without a journey of its own, or without a grant, a function works whatever its role may do."""
    service = environment("local").service
    chosen = find_refusable(service)

    assert chosen
    assert chosen.name == "api"
    assert find_refusable(_with(service, journey=None)) is None
    assert find_refusable(_with(service, grants=())) is None
