"""What a function may do with the key of an encrypted bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs import kms
from awacs.aws import Allow, Condition, Statement, StringEquals

from tapgen.iam.statements import needed_key_actions
from tapgen.parts.bucket.names import make_arn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tapgen.iam.statements import Key
    from tapgen.naming import Names
    from tapgen.parts.bucket.model import Bucket


def use_key(key: Key, names: Names, part: Bucket, actions: Sequence[str]) -> Iterator[Statement]:
    """Objects are encrypted with the bucket's key (S3 bucket keys: the context is the bucket's ARN).

    A read decrypts; a write makes a data key, and decrypts the bucket's own (S3 user guide, "bucket keys").
    """
    used = {
        "s3:GetObject": {kms.Decrypt},
        "s3:PutObject": {kms.Decrypt, kms.GenerateDataKey},
    }
    needed = needed_key_actions(used, actions)
    if needed:
        yield Statement(
            Sid=f"UseKeyOf{part.logical_id}",
            Effect=Allow,
            Action=needed,
            Resource=[key],
            Condition=Condition(
                StringEquals(
                    {
                        "kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.${AWS::URLSuffix}"},
                        "kms:EncryptionContext:aws:s3:arn": make_arn(names, part),
                    }
                )
            ),
        )
