"""What the configuration accepts of the rules: with a reason, of one resource or everywhere, and told."""

from __future__ import annotations

import dataclasses

import pytest

from tapgen.config.environment import Validation
from tapgen.elements.rule import Found, Rule
from tapgen.elements.templates import Templates
from tapgen.errors import RulesError
from tapgen.render import render
from tapgen.rules.judgement import judge
from tapgen.validation.offline import report_rules
from tests.unit.templates.variants import ARTIFACTS, environment, templates

REASON = "the archive is rebuilt from its source every night"


def _accepting(*keys: str, **changes: object) -> Templates:
    accepting = dataclasses.replace(
        environment("prod", **changes), validation=Validation(suppress=dict.fromkeys(keys, REASON))
    )
    whole = templates(environment("prod"))
    del whole["bootstrap"]
    del whole["data"]["Resources"]["ArchiveBucket"]["Properties"]["VersioningConfiguration"]
    return Templates(accepting, whole)


@pytest.mark.parametrize("key", ["private-buckets", "private-buckets.ArchiveBucket"])
def test_a_rule_is_suppressed_with_a_reason(key: str) -> None:
    """By its id, or for one resource: no breach is left, and the reason stands beside what was accepted."""
    judgement = judge(_accepting(key))

    assert judgement.breaches == ()
    (accepted,) = judgement.suppressed
    assert (accepted.rule.id, accepted.place, accepted.reason) == ("private-buckets", "data.ArchiveBucket", REASON)
    assert judgement.unused == ()


def test_another_resource_is_not_accepted() -> None:
    """A suppression of one resource says nothing of another, and is told as unused."""
    judgement = judge(_accepting("private-buckets.AccessLogBucket"))

    assert [breach.place for breach in judgement.breaches] == ["data.ArchiveBucket"]
    assert judgement.unused == ("private-buckets.AccessLogBucket",)


def test_unused_suppressions_are_told_by_validate() -> None:
    """One that nothing breaks, and one that names no rule, each with what to do."""
    found = environment("dev")
    accepting = dataclasses.replace(found, validation=Validation(suppress={"limits": REASON, "no-such-rule": REASON}))

    first, second, passed = report_rules(accepting, render(accepting, ARTIFACTS))

    assert (first.check, first.status, "nothing breaks" in first.why) == ("unused-suppression", "warned", True)
    assert (second.what, second.why) == ("validation.suppress: no-such-rule", "there is no rule of this id")
    assert (passed.check, passed.status) == ("rules", "passed")


def test_a_rule_that_fails_is_told_as_its_own_fault() -> None:
    """The rule of any package may raise: that is a finding with the rule's id, and the others are still asked."""

    def explode(templates: Templates) -> Found:
        raise LookupError(f"{len(templates.resources)} are too many")

    rule = Rule(id="exploding", holds="Nothing.", why="A test.", source="This test.", find=explode)

    (breach,) = judge(Templates(environment("dev"), {}), [rule]).breaches

    assert breach.render() == "templates: cannot be judged: LookupError: 0 are too many [exploding]"


def test_a_broken_rule_keeps_an_environment_from_being_rendered() -> None:
    """Rendering refuses what breaks a rule and says which; where the configuration accepts it, it renders."""
    longer = environment("dev", tags__owner="t" * 5)
    broken = dataclasses.replace(longer, encryption="customer-managed", iam=longer.iam)
    assert render(broken, ARTIFACTS).templates

    with pytest.raises(RulesError) as caught:
        render(environment("dev", tables__transactions__ttl_attribute="t" * 1_000_000), ARTIFACTS)
    assert caught.value.code == "template-checks"
