"""CloudFormation's own rules and schemas, as cfn-lint knows them, on every template."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cfnlint.api import lint  # type: ignore[import-untyped]  # cfn-lint ships no type information
from cfnlint.core import get_rules  # type: ignore[import-untyped]  # cfn-lint ships no type information
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]  # cfn-lint ships no type information

from tapgen.rules.stacks.cost_tags import TAGGED, UNTAGGED
from tests.unit.templates.variants import ENVIRONMENTS, VARIANTS, templates

# cfn-lint's lines, not ours, are what runs here.
pytestmark = pytest.mark.no_cover


@pytest.fixture(scope="module", name="lint_rules")
def load_lint_rules() -> Any:
    """All rules, the informational ones among them: they ask for decisions, such as what becomes of a queue."""
    return get_rules([], [], ["I"], {})


# scripts/check lints those that are shipped.
@pytest.mark.parametrize("name", sorted(VARIANTS.keys() - set(ENVIRONMENTS.names)))
def test_cfn_lint_is_silent(name: str, lint_rules: Any) -> None:
    """No error, warning or note."""
    for stack, template in templates(VARIANTS[name]).items():
        found = lint(json.dumps(template), rules=lint_rules, regions=[VARIANTS[name].region])
        assert [str(item) for item in found] == [], stack


@pytest.mark.parametrize("name", VARIANTS)
def test_a_rule_that_is_ignored_has_its_reason(name: str) -> None:
    """Beside it, in the resource's metadata."""
    for template in templates(VARIANTS[name]).values():
        for logical_id, resource in template["Resources"].items():
            if "cfn-lint" in resource.get("Metadata", {}):
                assert resource["Metadata"]["Reason"], logical_id


def test_cfn_lint_finds_what_is_wrong(lint_rules: Any) -> None:
    """The rules are loaded: a property that does not exist is found."""
    template = templates(VARIANTS["dev"])["data"]
    template["Resources"]["DeadLetterQueue"]["Properties"]["Retention"] = 1

    assert [item.rule.id for item in lint(json.dumps(template), rules=lint_rules)] == ["E3002"]


def test_known_types_are_taggable_as_cloudformation_says() -> None:
    """The two lists of types agree with the resource providers' schemas, and hold every type that is in use."""
    for resource_type in TAGGED | UNTAGGED:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type).schema
        assert ("Tags" in schema["properties"]) == (resource_type in TAGGED), resource_type
    used = {
        resource["Type"]
        for environment in VARIANTS.values()
        for template in templates(environment).values()
        for resource in template["Resources"].values()
    }
    assert used <= TAGGED | UNTAGGED
