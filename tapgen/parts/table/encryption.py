"""What a function may do with the key of an encrypted table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs import kms
from awacs.aws import Allow, Condition, Statement, StringEquals

from tapgen.parts.table.names import physical_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.iam.statements import Key
    from tapgen.naming import Names
    from tapgen.parts.table.model import Table

_ACCOUNT = {"Ref": "AWS::AccountId"}


def use_key(key: Key, names: Names, part: Table, actions: Sequence[str]) -> Iterator[Statement]:  # noqa: ARG001 - the same for all
    """Reads and writes of the encrypted table, and of its stream: DynamoDB uses the table's key for its caller."""
    yield Statement(
        Sid=f"UseKeyOf{part.logical_id}",
        Effect=Allow,
        Action=[kms.Decrypt],
        Resource=[key],
        Condition=Condition(
            StringEquals(
                {
                    "kms:ViaService": {"Fn::Sub": "dynamodb.${AWS::Region}.${AWS::URLSuffix}"},
                    "kms:EncryptionContext:aws:dynamodb:tableName": physical_name(names, part),
                    "kms:EncryptionContext:aws:dynamodb:subscriberId": _ACCOUNT,
                }
            )
        ),
    )
