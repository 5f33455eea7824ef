"""docs/reference/parts.md says what the parts say, all of it."""

from __future__ import annotations

from scripts.reference.__main__ import PAGE
from scripts.reference.kinds import read_kind
from scripts.reference.pages import write_page
from scripts.reference.signatures import read_call
from tapgen.parts.registry import list_kinds
from tapgen.service.builder import Service


def test_page_is_what_the_parts_say() -> None:
    """Whoever changes a part writes the page anew: ``scripts/parts write``."""
    assert PAGE.read_text(encoding="utf-8") == write_page()


def test_every_kind_can_be_made_and_has_what_it_needs() -> None:
    """No kind, verb, setting or runbook is left out, and none is without a word."""
    page = write_page()
    for kind in list_kinds():
        found = read_kind(kind)
        assert found.summary, kind.name
        assert found.calls or kind.name == "schedule", kind.name
        assert all(verb.summary and verb.actions for verb in found.verbs), kind.name
        assert all(setting.text for setting in found.settings), kind.name
        assert all(f"runbooks/{slug}.md" in page for slug in found.runbooks), kind.name


def test_actions_of_verbs_are_those_of_the_part() -> None:
    """A verb's actions are read from the part, whether it is a property or takes something."""
    table = next(read_kind(kind) for kind in list_kinds() if kind.name == "table")

    actions = {verb.call: verb.actions for verb in table.verbs}
    assert actions["table.put"] == ("dynamodb:PutItem",)
    assert actions["table.query(index=None)"] == ("dynamodb:Query",)


def test_call_is_shown_as_it_is_written() -> None:
    """Parameters that must be named stand behind a star, and each has its text."""
    call = read_call(Service.bucket, "bucket")

    assert call.render("service").startswith("service.bucket(name, *, access_logs=True, ")
    assert call.render("service").endswith(", **settings)")
    assert {item.name: item.text for item in call.parameters}["access_logs"] == "Whether S3 logs each request to it."
