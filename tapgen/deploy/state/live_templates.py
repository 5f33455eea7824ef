"""What is deployed, as CloudFormation has it: the templates of the root and of every nested stack.

CloudFormation's own, not the recorded ones: whoever updated a stack past tapgen is seen, and a release without a record
is compared like any other.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tapgen.aws import stacks
from tapgen.gates.templates import NESTED_STACK, ROOT
from tapgen.naming import ADOPTION_PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.deploy.state.preflight import Ready
    from tapgen.engine.context import Context
    from tapgen.gates.templates import Template


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The live stacks; empty before the first create."""

    templates: Mapping[str, Template] = field(default_factory=dict)
    """``root``, and each nested stack by its logical id."""
    stack_ids: Mapping[str, str] = field(default_factory=dict)
    """The same labels → stack id."""

    @property
    def has_release(self) -> bool:
        """False before the first deploy, also where resources were adopted before it."""
        return bool(self.templates) and ADOPTION_PLACEHOLDER not in self.templates[ROOT].get("Resources", {})


def read_baseline(context: Context, decision: Ready) -> Baseline:
    """Read every template of what is live, in parallel."""
    if decision.state is None or decision.kind == "CREATE":
        return Baseline()
    stack_ids = list_stack_ids(context, decision.state.stack_id)
    client = context.aws.client("cloudformation")
    with ThreadPoolExecutor(8, thread_name_prefix="baseline") as pool:
        bodies = pool.map(lambda stack_id: stacks.read_template(client, stack_id), stack_ids.values())
        templates = {label: json.loads(body) for label, body in zip(stack_ids, bodies, strict=True)}
    return Baseline(templates=templates, stack_ids=stack_ids)


def list_stack_ids(context: Context, root_id: str) -> dict[str, str]:
    """``root`` and each nested stack by its logical id → stack id."""
    resources = stacks.list_resources(context.aws.client("cloudformation"), root_id)
    nested = {item.logical_id: item.physical_id for item in resources if item.resource_type == NESTED_STACK}
    return {ROOT: root_id, **{label: stack_id for label, stack_id in nested.items() if stack_id}}
