"""Rules of services that no resource schema holds, each with its name and source; a module per resource.

::

    rule            what a rule is
    table_rules, function_rules, role_rules, alarm_rules, bucket_rules, stage_rules

They are looked at when a resource is created or changed, with everything resolved. What the API of a service refuses
for everybody is refused by that service in its own folder, and CloudFormation passes it on: ``dynamodb.table_changes``
(expiry, stream), ``lambda_service`` (weighted aliases, provisioned concurrency), ``event_sources.mapping_rules``; what
keeps a resource from being deleted is in ``storage_types``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.local.extension.cloudformation.service_rules import (
    alarm_rules,
    bucket_rules,
    function_rules,
    role_rules,
    stage_rules,
    table_rules,
)
from tapgen.local.extension.cloudformation.service_rules.rule import Asked, Rule
from tapgen.local.extension.cloudformation.stack_operations import resources

if TYPE_CHECKING:
    from tapgen.local.extension.cloudformation.stack_operations.operation import Operation
    from tapgen.local.extension.seams import Seam
    from tapgen.local.extension.settings import Settings

RULES: tuple[Rule, ...] = (
    *table_rules.RULES,
    *function_rules.RULES,
    *role_rules.RULES,
    *alarm_rules.RULES,
    *bucket_rules.RULES,
    *stage_rules.RULES,
)
"""Every rule."""

SEAMS: tuple[Seam, ...] = (*function_rules.SEAMS, *role_rules.SEAMS, *stage_rules.SEAMS)


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Look at each resource that is about to be created or changed."""
    resources.CHECKS.append(_check)


def find_refusals(resource_type: str, asked: Asked) -> list[str]:
    """Why services refuse a resource; the first is what AWS would say."""
    return [reason for rule in RULES if rule.resource_type == resource_type and (reason := rule.refusal(asked))]


def _check(operation: Operation, change: resources.Change) -> None:
    """Refuse what the service would.

    Raises:
        ValueError: A rule does not hold; the text is AWS's.
    """
    del operation
    before = change.before or {}
    asked = Asked(
        properties=change.properties,
        before=change.had if change.before else None,
        physical_id=str(before.get("PhysicalResourceId", "")),
    )
    for reason in find_refusals(change.resource_type, asked):
        raise ValueError(reason)
