"""What a function may do with the key of an encrypted queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs import kms
from awacs.aws import Allow, Condition, Statement, StringEquals

from tapgen.iam.statements import needed_key_actions

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
    needed = needed_key_actions(used, actions)
    if needed:
        yield Statement(
            Sid=f"UseKeyOf{part.logical_id}",
            Effect=Allow,
            Action=needed,
            Resource=[key],
            Condition=Condition(StringEquals({"kms:ViaService": {"Fn::Sub": "sqs.${AWS::Region}.${AWS::URLSuffix}"}})),
        )
