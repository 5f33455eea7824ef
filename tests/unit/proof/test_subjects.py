"""The proof breaks a function of any service: it knows none of them."""

from __future__ import annotations

from tapgen.proof.deploying import choose_subject, granted_actions
from tapgen.service import Service, existing


def test_the_function_that_is_broken_needs_something_by_a_role_of_ours() -> None:
    """A hook can only refuse what stops working: neither a function without grants, nor one with a role of others."""
    service = Service("shop")
    jobs = service.queue("jobs")
    service.function("static")
    service.function("borrowed", role=existing.role("arn:aws:iam::123456789012:role/shared")).may(jobs.send)
    service.function("sender").may(jobs.send, jobs.inspect)

    subject = choose_subject(service.model())

    assert subject.name == "sender"
    assert granted_actions(subject) == ("sqs:GetQueueAttributes", "sqs:SendMessage")


def test_a_service_without_grants_has_a_subject_all_the_same() -> None:
    """Its first function, which may do nothing at all then."""
    service = Service("shop")
    service.function("static")

    subject = choose_subject(service.model())

    assert (subject.name, granted_actions(subject)) == ("static", ("*",))
