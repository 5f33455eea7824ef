"""What tapgen gives to pytest: fixtures of the project that the tests belong to.

pytest imports this in every run, whatever it tests, so everything of tapgen's is imported when a test asks for it.

    tapgen_project       the project (:class:`tapgen.testing.Project`), once for all tests
    tapgen_environment   each environment rendered (:class:`tapgen.testing.RenderedEnvironment`); a test that asks for
                         it runs once for each
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tapgen.testing import Project, RenderedEnvironment

_OPTION = "tapgen_project"
_EACH = "tapgen_environment"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The setting ``tapgen_project`` of pytest's configuration file."""
    parser.addini(_OPTION, "Folder of the tapgen project, relative to the configuration file.", default=".")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each environment when it asks for one."""
    if _EACH in metafunc.fixturenames:
        metafunc.parametrize(_EACH, _load(metafunc.config).environments, indirect=True)


@pytest.fixture(scope="session")
def tapgen_project(request: pytest.FixtureRequest) -> Project:
    """The project that the tests belong to: ``tapgen_project.render("local")``."""
    return _load(request.config)


@pytest.fixture
def tapgen_environment(request: pytest.FixtureRequest, tapgen_project: Project) -> RenderedEnvironment:
    """Each environment of the project in turn, rendered without network and credentials."""
    return tapgen_project.render(request.param)


def _load(config: pytest.Config) -> Project:
    from tapgen.errors import TapgenError
    from tapgen.testing import load_project

    base = config.inipath.parent if config.inipath else config.rootpath
    try:
        project = load_project(base / config.getini(_OPTION))
        # Reads the service, so that its faults are told here, in words.
        _ = project.environments
    except TapgenError as error:
        raise pytest.Collector.CollectError("\n".join(filter(None, [str(error), error.hint]))) from error
    return project
