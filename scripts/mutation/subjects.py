"""The services whose templates are mutated: the shipped one, and the test projects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.testing import load_project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tapgen.config.environment import Environment

_REPOSITORY = Path(__file__).parents[2]
PROJECTS = {
    "shipped": _REPOSITORY,
    "orders": _REPOSITORY / "tests" / "projects" / "orders",
    "every_kind": _REPOSITORY / "tests" / "projects" / "every_kind",
}
"""Name → folder."""
ENVIRONMENT = "prod"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One service, rendered for production."""

    name: str
    environment: Environment
    templates: Mapping[str, Mapping[str, Any]]


def load_subject(name: str) -> Subject:
    """Render a service without packaging anything.

    Raises:
        KeyError: There is no such service.
    """
    rendered = load_project(PROJECTS[name]).render(ENVIRONMENT)
    return Subject(name=name, environment=rendered.environment, templates=rendered.templates)
