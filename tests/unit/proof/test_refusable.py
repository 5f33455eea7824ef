"""Whose new version a hook can refuse in a proof: what has a journey, and is granted what the journey uses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.parts.function.model import Function
from tapgen.proof.deploying import hooks_refuse
from tests.unit.templates.variants import environment

if TYPE_CHECKING:
    from tapgen.service.model import Model


def _with(service: Model, **changes: object) -> Model:
    """The service whose functions differ so."""
    parts = tuple(replace(part, **changes) if isinstance(part, Function) else part for part in service.parts)  # type: ignore[arg-type]  # by name
    return replace(service, parts=parts)


def test_a_hook_refuses_what_cannot_use_its_grants() -> None:
    """Without a journey of its own, or without a grant, a function works whatever its role may do."""
    service = environment("local").service

    assert hooks_refuse(service)
    assert not hooks_refuse(_with(service, journey=None))
    assert not hooks_refuse(_with(service, grants=()))
