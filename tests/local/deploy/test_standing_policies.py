"""What is told where the stacks cannot be given their policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.deploy.change_sets.stack_policies import set_standing_policies
from tapgen.events import Noted

if TYPE_CHECKING:
    from tests.local.deploy.service import Service


def test_bootstrap_is_named_for_a_refusal_alone(service: Service) -> None:
    """A stack that is not there, or a service that fails, is no permission that bootstrap would give."""
    set_standing_policies(service.context, f"{service.name}-nothing")

    (note,) = service.seen(Noted)
    assert "the stack policies could not be set" in note.text
    assert "bootstrap" not in note.hint
    assert "the next deploy tries again" in note.hint
