"""What a service adds and changes by itself: resources that tapgen does not know, and changes of generated ones."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tapgen.elements.wiring import ACTIONS, OWN
from tapgen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.elements.wiring import Context, Stack
    from tapgen.parts.part import Part


def add_resources(stack: Stack, context: Context) -> None:
    """The service's own resources of this stack, marked as such.

    Raises:
        RenderError: A logical id is taken.
    """
    for own in context.service.resources:
        if own.stack != stack.name:
            continue
        if own.resource.title in stack.template.resources:
            raise RenderError(
                f"the resource {own.resource.title!r} of {own.place} has a logical id that is taken in {stack.name}",
                hint="give it another title",
                code="resource-taken",
            )
        own.resource.Metadata = {**getattr(own.resource, "Metadata", {}), OWN: str(True).lower()}
        if own.actions:
            own.resource.Metadata[ACTIONS] = list(own.actions)
        stack.add(own.resource)


@contextmanager
def customized(stack: Stack, context: Context, part: Part) -> Iterator[None]:
    """What a part makes meanwhile is changed as the service says.

    Raises:
        RenderError: A change fails.
    """
    before = set(stack.template.resources)
    yield
    wanted = [
        item for item in context.service.customizations if (item.part.kind, item.part.name) == (part.kind, part.name)
    ]
    for item in wanted:
        for title in [title for title in stack.template.resources if title not in before]:
            try:
                item.change(stack.template.resources[title])
            except Exception as error:
                raise RenderError(
                    f"the customization of {part.label} in {item.place} fails at {title}",
                    why=f"{type(error).__name__}: {error}",
                    hint="correct the function that customize(…) was given",
                    code="customization-failed",
                ) from error
