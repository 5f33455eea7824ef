"""Policies within IAM's limits: nothing is lost when they are split, and what cannot fit is told."""

from __future__ import annotations

from typing import Any

import pytest
from awacs import sqs
from awacs.aws import Allow, Statement
from hypothesis import given
from hypothesis import strategies as st

from tapgen.errors import RenderError
from tapgen.iam.grants import grants_of
from tapgen.iam.policies import (
    MAX_ATTACHED,
    MAX_INLINE_CHARACTERS,
    MAX_MANAGED_CHARACTERS,
    characters,
    check_attached,
    fit_role,
    split,
)


def _statement(*, actions: int = 2, resources: int = 1, service: str = "sqs", **more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": [f"{service}:Action{number}" for number in range(actions)],
        "Resource": [f"arn:aws:{service}:eu-west-1:123456789012:queue-{number}" for number in range(resources)],
        **more,
    }


def _pairs(*documents: Any) -> set[tuple[str, str]]:
    return {(grant.action, str(grant.resource)) for document in documents for grant in grants_of(document)}


STATEMENTS = st.lists(
    st.builds(
        _statement,
        actions=st.integers(1, 60),
        resources=st.integers(1, 120),
        service=st.sampled_from(["sqs", "sns", "dynamodb", "execute-api"]),
    ),
    max_size=8,
)


@given(STATEMENTS)
def test_nothing_is_lost_or_added(statements: list[dict[str, Any]]) -> None:
    """Whatever the sizes, all documents fit, their Sids differ, and together they grant the same."""
    documents = split(statements)

    assert all(characters(document) <= MAX_MANAGED_CHARACTERS for document in documents)
    assert _pairs(*documents) == _pairs({"Statement": statements})
    for document in documents:
        sids = [statement["Sid"] for statement in document["Statement"]]
        assert len(sids) == len(set(sids))
        assert all(sid.isalnum() for sid in sids)


@given(STATEMENTS)
def test_a_role_carries_all_of_it(statements: list[dict[str, Any]]) -> None:
    """Inline as long as that fits, and beyond it in managed policies."""
    try:
        made = fit_role("worker", statements)
    except RenderError as error:
        assert error.code == "role-too-large"  # noqa: PT017 - most examples fit
        return
    inline = [made.inline] if made.inline else []

    assert sum(map(characters, inline)) <= MAX_INLINE_CHARACTERS
    assert all(characters(document) <= MAX_MANAGED_CHARACTERS for document in made.managed)
    assert _pairs(*inline, *made.managed) == _pairs({"Statement": statements})


def test_a_short_role_has_no_managed_policy() -> None:
    """Statements of awacs count like plain ones; nothing at all makes no policy."""
    send = Statement(Sid="Send", Effect=Allow, Action=[sqs.SendMessage], Resource=["arn:aws:sqs:::q"])
    made = fit_role("worker", [send, _statement()])

    assert made.managed == ()
    assert made.inline is not None
    assert [statement.get("Sid") for statement in made.inline["Statement"]] == ["Send", None]
    assert fit_role("worker", []).inline is None


def test_the_overflow_keeps_the_order() -> None:
    """What comes first stays inline, so that a statement more at the end moves none of the others."""
    statements = [_statement(resources=40, Sid=f"S{number}") for number in range(10)]
    made, more = fit_role("worker", statements), fit_role("worker", [*statements, _statement(Sid="Last")])

    assert made.inline is not None
    assert made.managed
    assert made.inline == more.inline
    assert made.managed[0]["Statement"] == more.managed[0]["Statement"]


def test_too_many_policies_are_told() -> None:
    """Ten are attached; an eleventh is refused, with the role's name and what to do."""
    check_attached("worker", MAX_ATTACHED)
    with pytest.raises(RenderError, match="the role worker needs 11 managed policies; IAM attaches 10") as caught:
        check_attached("worker", MAX_ATTACHED + 1)
    assert caught.value.hint

    with pytest.raises(RenderError, match="IAM attaches 10"):
        fit_role("worker", [_statement(resources=100, service=f"service{number}") for number in range(13)])


def test_what_differs_in_resources_alone_is_merged_before_it_is_too_much() -> None:
    """A role that uses hundreds of parts in the same way: no permission more, none less, and in ten policies."""
    statements = [
        {**_statement(), "Sid": f"S{number}", "Resource": [f"arn:aws:sqs:eu-west-1:123456789012:queue-{number}"]}
        for number in range(500)
    ]

    found = fit_role("worker", statements)

    assert len(found.managed) <= MAX_ATTACHED
    assert _pairs(found.inline, *found.managed) == _pairs({"Statement": statements})


def test_one_statement_that_cannot_be_cut_is_told() -> None:
    """One action, one resource, and a condition that is longer than a policy."""
    condition = {"StringEquals": {"aws:PrincipalTag/a": ["x" * 7000]}}
    with pytest.raises(RenderError, match="IAM allows 6,144 in a policy"):
        split([_statement(actions=1, Condition=condition)])


def test_what_is_not_known_yet_counts_as_an_arn() -> None:
    """A reference to another resource, in whichever way it is written."""
    plain = characters({"Resource": "a" * 160})

    for reference in (
        {"Ref": "KeyArn"},
        {"Fn::GetAtt": ["Key", "Arn"]},
        {"Fn::ImportValue": "key"},
        {"Fn::Sub": "${Key}"},
    ):
        assert characters({"Resource": reference}) == plain
