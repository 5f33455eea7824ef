"""The permissions of the orders service are exact: the proof of its functions' roles; the whole of it when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.build import Builder, BuildRequest
from tapgen.proof.stage import Play, Stage, open_stage
from tapgen.toolkit.bootstrap_request import bootstrap_request
from tests.projects.conftest import copy_test_project

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(name="stage", scope="module")
def _stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    project = copy_test_project("orders", tmp_path_factory.mktemp("orders"))
    builder = Builder(project.folder)
    environment = builder.environments.resolve("local")
    play = Play(
        project=project.folder,
        environment=environment,
        rendered=builder.load_or_render(BuildRequest(environment="local")),
        bootstrap=bootstrap_request(environment),
        tell=lambda _: None,
    )
    with open_stage(play) as stage:
        yield stage


def test_every_function_has_what_it_needs_and_no_more(stage: Stage) -> None:
    """API, consumer and schedule by their journeys; each mutant is caught, and nothing is left unproven."""
    roles = {stage.blueprint.names.function_role(name) for name in ("api", "fulfilment", "nightly")}
    subjects = [subject for subject in stage.subjects if subject.role in roles]
    assert {subject.role for subject in subjects} == roles

    proof = stage.prover.prove(subjects)

    assert proof.faults() == []
    assert proof.unproven == ()
    assert len(proof.caught) == proof.total > 0
    assert {item.mutant.role for item in proof.caught} == roles
