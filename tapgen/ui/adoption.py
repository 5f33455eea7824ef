"""What an adoption is about to import, as lines for people. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.ui.style import Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.events import AdoptionPlanned


def adoption_lines(event: AdoptionPlanned) -> Iterator[Line]:
    """Each part with what the next deploy changes of it, then the steps."""
    yield Line(text="", style="")
    for part in event.parts:
        yield Line(text=f"  import {part.physical_id} ({part.resource_type}) as {part.part}", style="strong")
        for difference in part.differences:
            yield Line(text=f"    differs: {difference}; the next deploy changes it", style="warn")
    for number, step in enumerate(event.steps, start=1):
        yield Line(text=f"  {number}. {step}", style="")
    yield Line(text="", style="")
