"""Templates to price: those of the snapshots, and small ones of one resource."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.model import RenderedTemplate

if TYPE_CHECKING:
    from collections.abc import Mapping

SNAPSHOTS = Path(__file__).parents[2] / "snapshots"
STACKS = ("security", "data", "compute", "observability", "root")


def template_of(resources: Mapping[str, Any], stack: str = "compute") -> RenderedTemplate:
    """A template with these resources."""
    body = json.dumps({"Resources": resources}).encode()
    return RenderedTemplate(stack=stack, body=body, digest="0" * 32, resource_count=len(resources))


def snapshot(environment: str) -> tuple[RenderedTemplate, ...]:
    """The templates of an environment, as the snapshots have them."""
    bodies = {stack: json.loads((SNAPSHOTS / environment / f"{stack}.json").read_text("utf-8")) for stack in STACKS}
    return tuple(template_of(body["Resources"], stack) for stack, body in bodies.items())


def alarm(**properties: Any) -> dict[str, Any]:
    """An alarm."""
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "Errors", "Period": 60, **properties}}
