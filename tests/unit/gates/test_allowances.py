"""Names that were allowed, and whose word counts in production."""

from __future__ import annotations

import pytest

from tapgen.errors import RefusedError
from tapgen.gates.allowances import Threat, weigh
from tapgen.gates.production import Consent, check_consent, is_pipeline


def _threat(path: str) -> Threat:
    return Threat(path=path, resource_type="AWS::SQS::Queue", kind="delete", property_path="", cause="it would go")


def test_names_are_exact() -> None:
    """A path or a logical id; a beginning, another case or a name that nothing needs is a mistake."""
    threats = (_threat("Data.Orders"), _threat("Compute.Jobs"))

    weighed = weigh(threats, ["Data.Orders", "Jobs", "Ord", "data.orders", "Data"])

    assert weighed.refused == ()
    assert weighed.allowed == threats
    assert weighed.unneeded == ("Ord", "data.orders", "Data")
    assert weigh(threats, ["Jobs"]).refused == threats[:1]


def test_a_logical_id_that_several_stacks_have_names_none_of_them() -> None:
    """Whoever means one of them says its path."""
    threats = (_threat("Data.Orders"), _threat("Archive.Orders"))

    weighed = weigh(threats, ["Orders"])

    assert (weighed.refused, weighed.allowed, weighed.unneeded) == (threats, (), ())
    assert weigh(threats, ["Archive.Orders"]).allowed == threats[1:]


def test_yes_counts_in_production_for_what_was_looked_at() -> None:
    """A terminal or a pipeline; --yes alone is refused and says what to do."""
    for consent in (Consent(assume_yes=False), Consent(assume_yes=True, in_pipeline=True)):
        check_consent(consent, operation="deploy", options="--env prod")
    with pytest.raises(RefusedError, match="--yes does not count") as caught:
        check_consent(Consent(assume_yes=True), operation="deploy", options="--env prod")
    assert "tapgen deploy --env prod --plan FILE" in caught.value.hint


def test_a_pipeline_is_one_that_says_so() -> None:
    """CI is set to something that does not mean no."""
    assert [is_pipeline({"CI": value}) for value in ("true", "1", "woodpecker")] == [True] * 3
    assert [is_pipeline(environ) for environ in ({}, {"CI": ""}, {"CI": "false"}, {"CI": "0"})] == [False] * 4
