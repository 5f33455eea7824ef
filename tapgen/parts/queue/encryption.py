"""What a function may do with the key of an encrypted queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs import kms
from awacs.aws import Action, Allow, Condition, Statement, StringEquals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.iam.statements import Key
    from tapgen.naming import Names
    from tapgen.parts.queue.model import Queue


def use_key(key: Key, names: Names, part: Queue, actions: Sequence[str]) -> Iterator[Statement]:  # noqa: ARG001 - SQS gives no context
    """Messages of the encrypted queue: a sender needs both actions, a receiver decrypts (SQS guide, key management)."""
    used = {
        "sqs:SendMessage": {kms.Decrypt, kms.GenerateDataKey},
        "sqs:ReceiveMessage": {kms.Decrypt},
    }
    needed = set().union(*(used.get(action, set()) for action in actions))
    if needed:
        yield Statement(
            Sid=f"UseKeyOf{part.logical_id}",
            Effect=Allow,
            Action=sorted(needed, key=_written),
            Resource=[key],
            Condition=Condition(StringEquals({"kms:ViaService": {"Fn::Sub": "sqs.${AWS::Region}.${AWS::URLSuffix}"}})),
        )


def _written(action: Action) -> str:
    """As a template has it: the order of a set is another one in each process."""
    text: str = action.JSONrepr()
    return text
