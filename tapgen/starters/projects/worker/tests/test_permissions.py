"""What each function may do, action by action: a new permission is a change of this file."""

from __future__ import annotations

from tapgen.testing import Project, assert_allows_only


def test_intake_may_write_and_queue_jobs(tapgen_project: Project) -> None:
    """The API writes a job down, queues it, and reads it."""
    actions = {"dynamodb:GetItem", "dynamodb:PutItem", "sqs:SendMessage"}

    assert_allows_only(tapgen_project.render("local"), "intake", actions)


def test_worker_may_take_messages_and_update_jobs(tapgen_project: Project) -> None:
    """The worker has its messages read for it, and updates jobs; it can neither read nor delete them."""
    actions = {"dynamodb:UpdateItem", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}

    assert_allows_only(tapgen_project.render("local"), "worker", actions)


def test_sweep_may_find_and_queue_late_jobs(tapgen_project: Project) -> None:
    """The sweeper asks the index for late jobs and queues them."""
    assert_allows_only(tapgen_project.render("local"), "sweep", {"dynamodb:Query", "sqs:SendMessage"})


def test_failed_messages_are_put_aside(tapgen_project: Project) -> None:
    """A message that fails three times leaves the queue, so that it holds up no others."""
    queue = tapgen_project.render("local").resource("AWS::SQS::Queue", part="work")

    assert queue.properties["RedrivePolicy"]["maxReceiveCount"] == 3
