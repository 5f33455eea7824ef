"""What a function may do with the key of an encrypted topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs import kms
from awacs.aws import Allow, Condition, Statement, StringEquals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.iam.statements import Key
    from tapgen.naming import Names
    from tapgen.parts.topic.model import Topic


def use_key(key: Key, names: Names, part: Topic, actions: Sequence[str]) -> Iterator[Statement]:  # noqa: ARG001 - SNS gives no context
    """A publication to the encrypted topic needs both actions (SNS developer guide, "key management")."""
    through = {"kms:ViaService": {"Fn::Sub": "sns.${AWS::Region}.${AWS::URLSuffix}"}}
    yield Statement(
        Sid=f"UseKeyOf{part.logical_id}",
        Effect=Allow,
        Action=[kms.Decrypt, kms.GenerateDataKey],
        Resource=[key],
        Condition=Condition(StringEquals(through)),
    )
