"""Checked values: what the rest of tapgen works with is what the schema checked."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest
from pydantic import BaseModel

from tapgen.config.environment import Environment, build_environment, plain_data, shift_duration_min
from tapgen.config.load import load_environments
from tapgen.config.schema import EnvironmentSection
from tapgen.parts.registry import Kind, list_kinds
from tapgen.service.model import EMPTY

if TYPE_CHECKING:
    from tests.unit.config.conftest import Project

_PROJECT_FILE = Path(__file__).parents[3] / "config" / "environments.yaml"
COMPOSED = {"parts", "service", "settings"}
"""What a service brings: the sections of its parts are compared kind by kind."""


def _inner(kind: Any) -> Any:
    """The class that an annotation is about: `X`, `X | None`, `tuple[X, ...]`."""
    candidates = [kind, *get_args(kind)]
    return next((item for item in candidates if isinstance(item, type) and hasattr(item, "__annotations__")), None)


def _differences(section: type[BaseModel], values: Any, path: str) -> list[str]:
    fields = {field.name for field in dataclasses.fields(values)} - COMPOSED
    found = [f"{path}.{name}" for name in fields ^ set(section.model_fields)]
    hints = get_type_hints(values)
    for name in fields & set(section.model_fields):
        inner = _inner(section.model_fields[name].annotation)
        if inner is not None and issubclass(inner, BaseModel):
            found += _differences(inner, _inner(hints[name]), f"{path}.{name}")
    return found


def test_schema_and_values_have_the_same_fields() -> None:
    """What is checked is what is carried, at every depth."""
    assert _differences(EnvironmentSection, Environment, "environment") == []


@pytest.mark.parametrize("kind", [kind for kind in list_kinds() if kind.section], ids=lambda kind: kind.name)
def test_schema_and_settings_of_a_kind_have_the_same_fields(kind: Kind) -> None:
    """What is checked of a part is what is carried, and has a default."""
    schema = kind.require("schema").SCHEMA

    assert _differences(schema, kind.settings, kind.section) == []
    assert set(kind.require("settings").shared_defaults(production=True)) == set(schema.model_fields)


@pytest.mark.parametrize("name", load_environments(_PROJECT_FILE).names)
def test_an_environment_survives_json(name: str) -> None:
    """The cache keeps environments as JSON; every environment of the project comes back equal."""
    environment = load_environments(_PROJECT_FILE).resolve(name)

    assert build_environment(json.loads(json.dumps(plain_data(environment))), environment.service) == environment


def test_data_of_another_release_is_refused() -> None:
    """A field that is missing is never guessed."""
    with pytest.raises(KeyError):
        build_environment({"name": "dev"}, EMPTY)


def test_inherited_shared_and_own_settings_meet_in_a_function(project: Project) -> None:
    """`functions.archiver.timeout_s` wins over `function`, the rest is shared."""
    environment = project.change(
        ('account_id: "111122223333"\n', 'account_id: "111122223333"\n    function: {memory_mb: 256, timeout_s: 20}\n')
    ).resolve("dev")

    assert (environment.functions["api"].memory_mb, environment.functions["api"].timeout_s) == (256, 20)
    assert (environment.functions["archiver"].memory_mb, environment.functions["archiver"].timeout_s) == (256, 60)
    assert tuple(environment.functions) == ("api", "archiver", "hooks")


def test_cost_tags_tell_deployments_apart(project: Project) -> None:
    """The environment's tag carries the suffix; the project's tag is the project unless it is set."""
    environments = project.change()

    assert environments.resolve("dev", suffix="pr-1").cost_tags == {
        "Owner": "payments",
        "CostCentre": "cc-1",
        "Project": "ledger",
        "Environment": "dev-pr-1",
    }
    named = project.change(("cost_centre: cc-1", "cost_centre: cc-1, project: Payments"))
    assert named.resolve("prod").cost_tags["Project"] == "Payments"


def test_customer_managed_and_latency_are_derived(project: Project) -> None:
    """Derived values follow the settings that they come from."""
    environment = project.change(("encryption: aws-owned", "encryption: customer-managed")).resolve("dev")

    assert environment.customer_managed
    assert environment.alarms.latency_p90_ms == 300.0


@pytest.mark.parametrize(
    ("kind", "percentage", "interval_min", "minutes"),
    [("all-at-once", 10, 5, 0), ("canary", 10, 5, 5), ("linear", 10, 1, 9), ("linear", 30, 2, 6), ("linear", 99, 3, 3)],
)
def test_how_long_a_shift_takes(kind: str, percentage: int, interval_min: int, minutes: int) -> None:
    """A linear shift waits after every step but the last one."""
    assert shift_duration_min(kind, percentage=percentage, interval_min=interval_min) == minutes
