"""What a function may do with the key of an encrypted secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs import kms
from awacs.aws import Allow, Condition, Statement, StringEquals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.iam.statements import Key
    from tapgen.naming import Names
    from tapgen.parts.secret.model import Secret


def use_key(key: Key, names: Names, part: Secret, actions: Sequence[str]) -> Iterator[Statement]:  # noqa: ARG001 - an ARN's suffix is not known
    """A read of the secret: Secrets Manager decrypts for its caller."""
    through = {"kms:ViaService": {"Fn::Sub": "secretsmanager.${AWS::Region}.${AWS::URLSuffix}"}}
    yield Statement(
        Sid=f"UseKeyOf{part.logical_id}",
        Effect=Allow,
        Action=[kms.Decrypt],
        Resource=[key],
        Condition=Condition(StringEquals(through)),
    )
