"""The page of permissions: role by role, each action with its reason, and the resources of each statement."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tapgen.ui.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tapgen.iam.explanation import Explained


def permission_page(roles: Mapping[str, Sequence[Explained]]) -> Iterator[str]:
    """The page's lines."""
    for role, actions in roles.items():
        yield role
        for resources, group in groupby(actions, key=lambda action: action.resources):
            yield table((), [(f"  {action.action}", action.reason) for action in group])
            yield from (f"    on {resource}" for resource in resources)
        yield ""
