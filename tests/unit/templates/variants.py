"""Environments as the shipped configuration has them, variants of them, and their finished templates."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.config.load import load_environments
from tapgen.model import Artifact
from tapgen.render import render
from tapgen.templates.bootstrap import build_bootstrap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.config.environment import Environment

REPOSITORY = Path(__file__).parents[3]
ENVIRONMENTS = load_environments(REPOSITORY / "config" / "environments.yaml")
STACKS = ("security", "data", "compute", "observability", "root")

Template = dict[str, Any]


def artifact(name: str, *, digest: str = "") -> Artifact:
    """An artifact that nobody reads; templates use its name and digest."""
    return Artifact(
        name=name,
        path=Path(f"{name}.zip"),
        digest=digest or name.encode().hex().ljust(32, "0"),
        sha256="0" * 64,
        size_bytes=1,
        unpacked_bytes=1,
    )


ARTIFACTS = (artifact("api"), artifact("archiver"), artifact("hooks"), artifact("layer"))


def environment(name: str = "dev", **changes: Any) -> Environment:
    """A shipped environment with settings changed: ``functions__api__memory_mb=128``."""
    resolved = ENVIRONMENTS.resolve(name)
    for path, value in changes.items():
        resolved = _change(resolved, path.split("__"), value)
    return resolved


def _change(record: Any, path: list[str], value: Any) -> Any:
    field, *rest = path
    if isinstance(record, dict):
        return record | {field: _change(record[field], rest, value) if rest else value}
    if field in ("functions", "tables", "buckets", "queues"):
        return dataclasses.replace(record, parts=_change(record.parts, path, value))
    return dataclasses.replace(record, **{field: _change(getattr(record, field), rest, value) if rest else value})


def templates(environment: Environment, artifacts: tuple[Artifact, ...] = ARTIFACTS) -> dict[str, Template]:
    """Every template of a deployment as CloudFormation gets it, the bootstrap stack's among them."""
    finished = {template.stack: json.loads(template.body) for template in render(environment, artifacts).templates}
    return {**finished, "bootstrap": build_bootstrap(environment)}


def of_type(template: Template, resource_type: str) -> dict[str, Template]:
    """Logical id → resource, of one type."""
    return {name: item for name, item in template["Resources"].items() if item["Type"] == resource_type}


def only(found: Mapping[str, Any]) -> Any:
    """The single value."""
    (value,) = found.values()
    return value


def properties(template: Template, logical_id: str) -> Template:
    """A resource's properties."""
    found: Template = template["Resources"][logical_id]["Properties"]
    return found


def everything_on() -> Environment:
    """Every option that a shipped environment leaves out, at once."""
    return environment(
        "prod",
        suffix="pr-42",
        functions__api__snap_start=True,
        functions__archiver__reserved_concurrency=5,
        functions__archiver__architecture="x86_64",
        shift__type="linear",
        shift__percentage=25,
        shift__interval_min=7,
        alarms__latency_detection="anomaly-band",
    )


VARIANTS = {
    **{name: ENVIRONMENTS.resolve(name) for name in ENVIRONMENTS.names},
    "everything-on": everything_on(),
    "iam-with-key": environment("dev", encryption="customer-managed"),
    "bare": environment(
        "local", tables__transactions__ttl_attribute=None, tables__transactions__point_in_time_recovery=False
    ),
}
"""Name → environment; what all promises are held to."""
