"""The table of properties that replace their resource, held against CloudFormation's schemas as cfn-lint has them."""

from __future__ import annotations

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]  # cfn-lint ships no type information

from tapgen.diff.requirements import CONDITIONAL, CREATE_ONLY, requirement, strictest
from tests.unit.templates.variants import VARIANTS, templates

# Firmer than its schema: tapgen/diff/requirements.py says why.
_FIRM = {("AWS::DynamoDB::Table", "KeySchema")}
TYPES = sorted(
    {
        resource["Type"]
        for variant in VARIANTS.values()
        for template in templates(variant).values()
        for resource in template["Resources"].values()
    }
)


@pytest.mark.parametrize("resource_type", TYPES)
def test_the_table_says_what_the_schema_says(resource_type: str) -> None:
    """For every type that any environment's templates use, and nothing beside that is not explained."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", resource_type).schema
    always, conditional = (
        {path.removeprefix("/properties/").partition("/")[0] for path in schema.get(key, ())}
        for key in ("createOnlyProperties", "conditionalCreateOnlyProperties")
    )
    firm = {name for kind, name in _FIRM if kind == resource_type}

    assert set(CREATE_ONLY.get(resource_type, ())) == always | firm
    assert set(CONDITIONAL.get(resource_type, ())) == conditional - firm


def test_a_path_below_a_property_is_of_that_property() -> None:
    """Whatever part of a key schema differs, it is the key schema."""
    assert requirement("AWS::DynamoDB::Table", "KeySchema[userId].KeyType") == "always"
    assert requirement("AWS::DynamoDB::Table", "BillingMode") == "never"
    assert requirement("AWS::Events::Rule", "EventBusName") == "conditional"
    assert strictest(["never", "conditional", "always"]) == "always"
    assert strictest([]) == "never"
