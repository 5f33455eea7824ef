"""One of two releases that are compared."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tapgen.model import Rendered, RenderedTemplate

Template = dict[str, Any]
"""A finished template, parsed."""

ROOT = "root"
NESTED_STACK = "AWS::CloudFormation::Stack"


def _no_artifact(_: str) -> bytes | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Side:
    """A release with what a comparison needs of it."""

    label: str
    """For people: ``the live release 7 (7f3a…)``, ``this project``."""
    templates: Mapping[str, Template] = field(default_factory=dict)
    """Stack name → template; empty when nothing is deployed."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Of the root stack; CloudFormation hands them down."""
    artifacts: Mapping[str, str] = field(default_factory=dict)
    """Name → digest: ``api``, ``archiver``, ``hooks``, ``layer``."""
    read_artifact: Callable[[str], bytes | None] = _no_artifact
    """The zip of that name; None when it cannot be had any more. Called for those that differ alone."""

    def nested_stacks(self) -> dict[str, str]:
        """Stack name → logical id of its nested stack in the root template: ``data`` → ``Data``.

        The name is in the key of the template, ``…/templates/<stack>/<digest>.json``.
        """
        found = {}
        for logical_id, resource in self.templates.get(ROOT, {}).get("Resources", {}).items():
            if resource["Type"] == NESTED_STACK:
                url = resource["Properties"]["TemplateURL"]
                text = url["Fn::Sub"] if isinstance(url, dict) else url
                found[str(text).split("/")[-2]] = logical_id
        return found


def side_of(rendered: Rendered, *, label: str) -> Side:
    """The side of a rendered release; its zips lie where they were packaged."""
    paths = {artifact.name: artifact.path for artifact in rendered.artifacts}
    return Side(
        label=label,
        templates=parse_templates(rendered.templates),
        tags=rendered.tags,
        artifacts={artifact.name: artifact.digest for artifact in rendered.artifacts},
        read_artifact=lambda name: paths[name].read_bytes(),
    )


def parse_templates(templates: Iterable[RenderedTemplate]) -> dict[str, Template]:
    """Stack name → template."""
    return {template.stack: json.loads(template.body) for template in templates}
