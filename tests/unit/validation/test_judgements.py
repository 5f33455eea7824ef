"""What counts as room in an account, and what makes a JWT issuer of use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.limits import Concurrency, Usage
from tapgen.errors import BrokenRule, RulesError
from tapgen.validation.issuer import check_issuers
from tapgen.validation.offline import explain_refusal
from tapgen.validation.quotas import judge_concurrency, judge_room

if TYPE_CHECKING:
    from collections.abc import Callable

ISSUER = "https://login.example.com/"


@pytest.mark.parametrize(("used", "status"), [(4990, "passed"), (4991, "failed")])
def test_room_ends_at_the_quota(used: int, status: str) -> None:
    """The last one fits; one more is told with how much is missing and whose word the quota is."""
    finding = judge_room("quota-alarms", what="alarms", needed=10, usage=Usage(used=used, limit=5000), source="AWS")

    assert finding.status == status
    assert f"{used} of 5000 are in use (AWS)" in finding.what
    assert ("exceeded by 1" in finding.why) == (status == "failed")


@pytest.mark.parametrize(
    ("wanted", "held", "status"), [(0, 0, "passed"), (50, 0, "passed"), (51, 0, "failed"), (150, 100, "passed")]
)
def test_lambda_keeps_a_hundred_for_functions_without_a_reservation(wanted: int, held: int, status: str) -> None:
    """What the deployed functions hold is given back; an account at its limit that reserves nothing is no fault."""
    finding = judge_concurrency(Concurrency(limit=1000, unreserved=150), wanted=wanted, held=held)

    assert finding.status == status
    assert status == "passed" or f"at most {50 + held}" in finding.fix


def _stacks(issuer: str) -> dict[str, Any]:
    authorizer = {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": {"JwtConfiguration": {"Issuer": issuer}}}
    return {"Compute": {"Resources": {"Jwt": authorizer}}}


def _answers(**documents: Any) -> Callable[[str], bytes]:
    """A network that has these documents, by the end of their URLs."""

    def fetch(url: str) -> bytes:
        for end, document in documents.items():
            if url.endswith(end):
                return json.dumps(document).encode()
        raise OSError("nobody answers")

    return fetch


KEYS = {"keys": [{"kid": "1"}]}
DISCOVERY = {"issuer": ISSUER, "jwks_uri": "https://login.example.com/keys"}


@pytest.mark.parametrize(
    ("issuer", "documents", "words"),
    [
        (ISSUER, {"configuration": DISCOVERY, "keys": KEYS}, ""),
        (ISSUER, {}, "nobody answers"),
        (ISSUER, {"configuration": DISCOVERY}, "nobody answers"),
        (ISSUER, {"configuration": DISCOVERY, "keys": {"keys": []}}, "publishes no keys"),
        (ISSUER, {"configuration": DISCOVERY | {"issuer": ISSUER[:-1]}, "keys": KEYS}, "calls itself"),
        (ISSUER, {"configuration": {}, "keys": KEYS}, "jwks_uri"),
        (ISSUER, {"configuration": DISCOVERY | {"jwks_uri": "http://x/keys"}, "keys": KEYS}, "not HTTPS"),
        ("http://login.example.com/", {}, "not reached over HTTPS"),
    ],
)
def test_an_issuer_must_answer_as_api_gateway_asks(issuer: str, documents: dict[str, Any], words: str) -> None:
    """Discovery document, its keys, HTTPS, and the same issuer to the letter."""
    (finding,) = check_issuers(_stacks(issuer), fetch=_answers(**documents))

    assert (finding.status, finding.check) == ("failed" if words else "passed", "jwt-issuer")
    assert words in finding.what


def test_nobody_is_asked_who_no_route_needs() -> None:
    """An API without a JWT authorizer has no issuer."""
    (finding,) = check_issuers({"Compute": {"Resources": {}}}, fetch=_answers())
    assert finding.status == "passed"


def test_a_release_that_cannot_be_rendered_is_told_by_rule() -> None:
    """Each broken rule is a finding with its id, reason and source; what is no rule's keeps the error's code."""
    error = RulesError(
        "the templates have 2 findings",
        broken=(BrokenRule("retained-data", "data.Table", "keeps no backups"),),
        why="data.Table: keeps no backups [retained-data]\nroot: 1,000,001 bytes",
        hint="each line names the rule",
    )

    first, second = explain_refusal(error)

    assert (first.check, first.status, first.what) == ("retained-data", "failed", "data.Table keeps no backups")
    assert "DeletionPolicy" in first.why
    assert (second.check, second.fix) == ("template-checks", "each line names the rule")
