"""What a queue is called in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.iam import arns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.iam.arns import Arn
    from tapgen.naming import Names
    from tapgen.parts.queue.model import Queue

_FIFO = ".fifo"


def physical_name(names: Names, part: Queue) -> str:
    """The queue's name; a FIFO queue's ends with ``.fifo`` (SQS API reference, CreateQueue)."""
    if part.existing_arn:
        return part.existing_arn.rpartition(":")[2]
    return names.name("queue", f"{part.name}{_FIFO if part.fifo else ''}")


def make_arn(names: Names, part: Queue, path: str = "") -> Arn:
    """The ARN of the queue."""
    if part.existing_arn:
        return {"Fn::Sub": part.existing_arn}
    return arns.regional("sqs", f"{physical_name(names, part)}{path}")


def make_url(names: Names, part: Queue) -> dict[str, str]:
    """The queue's URL, without asking the queue: what a stack gives is not known to a change set."""
    if part.existing_arn:
        _, _, _, region, account, name = part.existing_arn.split(":", 5)
        return {"Fn::Sub": f"https://sqs.{region}.${{AWS::URLSuffix}}/{account}/{name}"}
    name = physical_name(names, part)
    return {"Fn::Sub": f"https://sqs.${{AWS::Region}}.${{AWS::URLSuffix}}/${{AWS::AccountId}}/{name}"}


def attributes(names: Names, part: Queue) -> Mapping[str, object]:
    """What a reference may name."""
    return {"name": physical_name(names, part), "arn": make_arn(names, part), "url": make_url(names, part)}


def variables(names: Names, part: Queue) -> Mapping[str, object]:
    """What a grant brings: the queue's URL."""
    return {part.variable: make_url(names, part)}
