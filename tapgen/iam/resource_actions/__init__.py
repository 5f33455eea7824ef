"""What CloudFormation calls for each resource type, by what it does with the resource: one file for each service.

The facts are those of the resource types' schemas (``DescribeType``, ``handlers.*.permissions``), reduced to what a
resource's properties need; each omission says why, and with which properties it is none. Handlers for listing are left
out throughout: stacks do not list. Types without a schema carry the calls that their documentation names.

A part kind from outside adds the rows of its types with ``register``.
"""

from tapgen.iam.resource_actions.calls import (
    OPERATIONS,
    Addition,
    Omission,
    ResourceCalls,
    property_names,
    split_actions,
)
from tapgen.iam.resource_actions.registry import (
    actions_of,
    find_calls,
    known_types,
    omissions,
    register,
    unknown_type,
)

__all__ = [
    "OPERATIONS",
    "Addition",
    "Omission",
    "ResourceCalls",
    "actions_of",
    "find_calls",
    "known_types",
    "omissions",
    "property_names",
    "register",
    "split_actions",
    "unknown_type",
]
