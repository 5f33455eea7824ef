"""What the tests of a project use: its environments as rendered templates, their resources, and assertions over them.

    project     a project's folder → rendered environments; no network, no credentials, no files written
    rendered    templates and their resources, by type, by part, by stack
    policies    what a function's role allows, read from the templates
    assertions  ``assert_…``: each raises one AssertionError that lists every finding

Importable without pytest; ``tapgen.pytest_plugin`` makes fixtures of it.

Example::

    from tapgen.testing import assert_allows_only, assert_least_privilege, load_project

    def test_permissions() -> None:
        rendered = load_project().render("local")
        assert_least_privilege(rendered)
        assert_allows_only(rendered, "api", {"dynamodb:GetItem", "dynamodb:PutItem"})
"""

from __future__ import annotations

from tapgen.testing.assertions import (
    assert_alarmed,
    assert_allows_only,
    assert_authorized,
    assert_encrypted,
    assert_guarded,
    assert_least_privilege,
    assert_logs_expire,
    assert_private,
    assert_retained,
    assert_tagged,
)
from tapgen.testing.project import Project, load_project
from tapgen.testing.rendered import RenderedEnvironment, Resource

__all__ = [
    "Project",
    "RenderedEnvironment",
    "Resource",
    "assert_alarmed",
    "assert_allows_only",
    "assert_authorized",
    "assert_encrypted",
    "assert_guarded",
    "assert_least_privilege",
    "assert_logs_expire",
    "assert_private",
    "assert_retained",
    "assert_tagged",
    "load_project",
]
