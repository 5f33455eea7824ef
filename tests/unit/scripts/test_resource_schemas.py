"""The embedded AWS's resource schemas are the locked cfn-lint's, and somebody is told when they are old."""

from __future__ import annotations

import json
from datetime import date, timedelta

from scripts.resource_schemas import MAX_AGE_DAYS, find_fault, made_types, reduce, write_extract
from tapgen.local.extension.cloudformation.properties import schemas


def test_the_committed_schemas_are_the_locked_ones() -> None:
    """Whoever edits the file by hand, or locks a newer cfn-lint and forgets it, is told; so is who waits too long."""
    text, wanted = schemas.FILE.read_text(encoding="utf-8"), write_extract()
    published = date.fromisoformat(json.loads(text.partition("\n")[0])["published"])

    assert find_fault(text, wanted=wanted, today=published) == ""
    assert "not what" in find_fault(text.replace("AWS::SQS::Queue", "AWS::SQS::Line"), wanted=wanted, today=published)
    late = published + timedelta(days=MAX_AGE_DAYS + 1)
    assert f"on {published}" in find_fault(text, wanted=wanted, today=late)


def test_every_schema_compiles_and_every_type_that_can_be_made_has_one() -> None:
    """Types whose names are no resource types are the exception."""
    missing = {name for name in made_types() if name not in schemas.types()}

    assert missing <= {"AWS::EarlyValidation::ResourceExistenceCheck", "AWS::EarlyValidation::PropertyValidation"}
    assert all(schemas.find(name) for name in schemas.types())


def test_what_cfn_lint_adds_in_its_own_language_is_left_out() -> None:
    """CloudFormation's meta-schema knows no conditions; a choice that lost a branch would refuse too much."""
    schema = {
        "description": "text",
        "properties": {"description": {"type": "string", "format": "AWS::S3::Bucket.Name"}},
        "allOf": [{"if": {"required": ["a"]}, "then": {"required": ["b"]}}],
        "anyOf": [{"required": ["a"]}, {"requiredXor": ["b", "c"]}],
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    }

    assert reduce(schema) == {"properties": {"description": {"type": "string"}}, "oneOf": schema["oneOf"]}


def test_patterns_are_said_in_the_language_of_json_schema() -> None:
    """AWS's are Java's; one that cannot be translated would refuse everything, or nothing would compile."""
    assert reduce({"pattern": "^a\\Z"}) == {"pattern": "^a$"}
    assert reduce({"pattern": "^(?s)", "type": "string"}) == {"type": "string"}
