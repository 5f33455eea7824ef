"""Suppressed findings of the scanner: each on a resource that is there, each with a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.templates.variants import VARIANTS, templates

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_suppression_has_a_reason(name: str) -> None:
    """A security reviewer reads why, not that."""
    skipped = [
        skip
        for template in templates(VARIANTS[name]).values()
        for resource in template["Resources"].values()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", ())
    ]

    assert skipped
    for skip in skipped:
        assert re.fullmatch(r"CKV2?_AWS_[0-9]+", skip["id"])
        assert len(skip["comment"].split()) >= 8


def test_reserved_concurrency_is_not_suppressed_where_it_is_set() -> None:
    """A suppression stands only where the scanner would speak up."""
    for name, reserved in (("prod", True), ("dev", False)):
        function = templates(VARIANTS[name])["compute"]["Resources"]["ApiFunction"]
        ids = {skip["id"] for skip in function["Metadata"]["checkov"]["skip"]}
        assert ("CKV_AWS_115" not in ids) is reserved


def test_the_scanner_is_pinned() -> None:
    """With its hashes, apart from the development environment, whose boto3 is another."""
    lock = (REPOSITORY / "requirements" / "checkov.txt").read_text(encoding="utf-8")

    assert re.search(r"^checkov==[0-9.]+ \\\n    --hash=sha256:", lock, re.MULTILINE)
