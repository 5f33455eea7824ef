"""Properties that AWS's published schemas refuse: before a change set is made, and before a resource is provisioned.

::

    schemas         the published schema of each resource type (schemas.jsonl, written by scripts/schemas)
    violations      what a schema refuses, in CloudFormation's words
    known_values    what of a template's properties is known before it is deployed

MiniStack validates a handful of enumerations. CloudFormation looks at a template twice: at once, at everything that
hangs on no other resource (user guide, "Validate stack deployments": PROPERTY_VALIDATION), and at each resource when
everything is known ("Properties validation failed for resource ...").
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation import early_validation
from tapgen.local.extension.cloudformation import records as cfn
from tapgen.local.extension.cloudformation.early_validation import PROPERTIES, Objection
from tapgen.local.extension.cloudformation.properties import known_values, schemas
from tapgen.local.extension.cloudformation.properties.known_values import Template
from tapgen.local.extension.cloudformation.properties.violations import find_violations
from tapgen.local.extension.cloudformation.stack_operations import resources
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tapgen.local.extension.cloudformation.stack_operations.operation import Operation
    from tapgen.local.extension.settings import Settings

_ERRORS = Seam(
    module="ministack.services.cloudformation.stacks",
    attribute="_validation_errors",
    parameters=("resources_defs", "ordered", "param_values", "conditions", "mappings", "stack_name", "stack_id"),
    gap="Looks at the enumerations of two types.",
)
SEAMS: tuple[Seam, ...] = (*known_values.SEAMS, _ERRORS, cfn.EVALUATE_CONDITIONS)

_UNKNOWN = "unknown"
"""What stands for a parameter of a nested change set whose value does not exist yet."""


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Look at both times."""
    replace(_ERRORS, _with_schemas(original(_ERRORS)))
    early_validation.CHECKS.append(_find_objections)
    resources.CHECKS.append(_check)


def _check(operation: Operation, change: resources.Change) -> None:
    """Refuse the properties of a resource that is about to be created or updated.

    Raises:
        ValueError: The schema of its type does not take them; the text is AWS's.
    """
    del operation
    schema = schemas.find(change.resource_type)
    found = find_violations(schema, change.properties) if schema else ()
    if found:
        listed = "\n".join(map(str, found))
        raise ValueError(f"Properties validation failed for resource {change.logical_id} with message:\n{listed}")


def _find_objections(change_set: dict[str, Any]) -> Iterator[Objection]:
    """What a change set's template says that cannot be."""
    template, parameters = change_set["_template"], change_set["_resolved_params"]
    unknown = (name for name, value in parameters.items() if value.get("Value") == _UNKNOWN)
    read = Template(
        resources=template.get("Resources", {}),
        parameters=parameters,
        conditions=original(cfn.EVALUATE_CONDITIONS)(template, parameters),
        mappings=template.get("Mappings", {}),
        stack=(change_set["StackName"], change_set["StackId"]),
        unknown=frozenset(unknown) if change_set.get("_tapgen_parent") else frozenset(),
    )
    return _objections(read, read.resources)


def _objections(template: Template, logical_ids: Iterable[str]) -> Iterator[Objection]:
    for logical_id in logical_ids:
        schema = schemas.find(template.resources[logical_id].get("Type", ""))
        if schema is None or not template.exists(logical_id):
            continue
        known = template.read(logical_id)
        for violation in find_violations(schema, known.properties, pending=known.pending):
            yield Objection(
                validation=PROPERTIES,
                logical_id=logical_id,
                resource_type=template.resources[logical_id]["Type"],
                reason=str(violation),
                path="/".join(["", "Resources", logical_id, "Properties", *map(str, violation.path)]),
            )


def _with_schemas(errors: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """CreateStack and UpdateStack, which look before they begin."""

    @functools.wraps(errors)
    def find(definitions: Mapping[str, Any], ordered: list[str], *rest: Any) -> list[Any]:
        parameters, conditions, mappings, *stack = rest[:5]
        template = Template(
            resources=definitions,
            parameters=parameters,
            conditions=conditions,
            mappings=mappings,
            stack=(stack[0], stack[1]),
        )
        found = [
            (each.logical_id, each.resource_type, each.validation.name, each.path, each.reason)
            for each in _objections(template, ordered)
        ]
        seen = {path for _, _, _, path, _ in found}
        return found + [error for error in errors(definitions, ordered, *rest) if error[3] not in seen]

    return find
