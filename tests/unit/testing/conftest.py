"""The worker starter with an account of its own: table, queue with dead letters, two functions, an API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.starters.catalogue import find_starter
from tapgen.starters.writing import write_project
from tapgen.testing import RenderedEnvironment, load_project

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENTS = """
project: jobs
environments:
  local: {}
  prod:
    account_id: "123456789012"
    region: eu-west-1
    production: true
    notifications: {critical: [{protocol: email, endpoint: ops@example.com}]}
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("projects") / "jobs"
    write_project(made, find_starter("worker"))
    (made / "config" / "environments.yaml").write_text(ENVIRONMENTS, encoding="utf-8")
    return made


@pytest.fixture(scope="session")
def local(folder: Path) -> RenderedEnvironment:
    return load_project(folder).render("local")


@pytest.fixture(scope="session")
def prod(folder: Path) -> RenderedEnvironment:
    return load_project(folder).render("prod")
