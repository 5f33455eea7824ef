"""The first real cause among the events of a failed operation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tapgen.engine.root_cause import find_cause, hint_for
from tapgen.events import StackEvent

_START = datetime(2026, 1, 1, tzinfo=UTC)
_NESTED = "AWS::CloudFormation::Stack"


def _events(*rows: tuple[str, str, str, str, str]) -> list[StackEvent]:
    return [
        StackEvent(
            stack=stack,
            logical_id=logical_id,
            resource_type=resource_type,
            status=status,
            reason=reason,
            timestamp=_START + timedelta(seconds=second),
        )
        for second, (stack, logical_id, resource_type, status, reason) in enumerate(rows)
    ]


def test_cause_is_the_resource_not_the_stack_around_it() -> None:
    """The failed role inside the nested stack is the cause; cancelled siblings and the parent are consequences."""
    events = _events(
        ("Compute", "Queue", "AWS::SQS::Queue", "CREATE_FAILED", "Resource creation cancelled"),
        ("Compute", "Api", "AWS::Lambda::Function", "UPDATE_FAILED", "Resource update cancelled"),
        ("Security", "Role", "AWS::IAM::Role", "CREATE_FAILED", "shop-api already exists in stack x"),
        (
            "Security",
            "shop-Security-1",
            _NESTED,
            "CREATE_FAILED",
            "The following resource(s) failed to create: [Role].",
        ),
        ("root", "Security", _NESTED, "UPDATE_FAILED", "Embedded stack arn:x was not successfully updated."),
        ("root", "shop", _NESTED, "UPDATE_ROLLBACK_COMPLETE", ""),
    )

    cause = find_cause(events)

    assert cause is not None
    assert (cause.stack, cause.logical_id) == ("Security", "Role")
    assert "import or delete it" in cause.hint


def test_first_of_several_causes_counts() -> None:
    """Of two real failures the earlier one is the cause."""
    events = _events(
        ("Data", "Table", "AWS::DynamoDB::Table", "CREATE_FAILED", "first"),
        ("Data", "Bucket", "AWS::S3::Bucket", "CREATE_FAILED", "second"),
    )

    cause = find_cause(events)

    assert cause is not None
    assert cause.reason == "first"


def test_nested_stack_is_the_cause_when_nothing_else_failed() -> None:
    """A nested stack that could not even start is named rather than nothing."""
    events = _events(("root", "Data", _NESTED, "CREATE_FAILED", "TemplateURL must reference a valid S3 object"))

    cause = find_cause(events)

    assert cause is not None
    assert cause.logical_id == "Data"


def test_success_has_no_cause() -> None:
    """Events without a failure give no cause."""
    assert find_cause(_events(("root", "shop", _NESTED, "CREATE_COMPLETE", ""))) is None


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("User: x is not authorized to perform: lambda:CreateFunction on resource: y", "lacks the action"),
        (
            "Specified ReservedConcurrentExecutions decreases account's UnreservedConcurrentExecution below 10",
            "reserved_concurrency",
        ),
        ("One or more alarms have been activated according to the Amazon CloudWatch metrics", "guard alarm"),
        ("Rate exceeded", "few minutes"),
        ("Resource limit exceeded", "quota"),
    ],
)
def test_known_reasons_have_a_hint(reason: str, words: str) -> None:
    """AWS's common sentences lead to what to do."""
    assert words in hint_for(reason)


def test_wrapping_of_the_resource_handler_is_taken_off() -> None:
    """The reason is what the service said; the request token helps nobody but support."""
    tail = "(RequestToken: 1-2, HandlerErrorCode: InternalFailure)"
    reason = f'Resource handler returned message: "d-1 failed. One alarm" {tail}'

    wrapped, plain = _events(("a", "b", "c", "d", reason), ("a", "b", "c", "d", "as it is"))

    assert (wrapped.plain_reason, plain.plain_reason) == ("d-1 failed. One alarm", "as it is")


def test_unknown_reason_has_no_invented_hint() -> None:
    """Where nothing is known, nothing is said."""
    assert hint_for("something nobody has seen") == ""
