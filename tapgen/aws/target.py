"""Where the calls of one set of clients go, and as whom. A value; nothing is opened here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class UploadEncryption:
    """What uploads to one bucket say of their encryption, where its policy demands that they do.

    A policy may deny PutObject without ``x-amz-server-side-encryption``, whatever the bucket's default encryption is
    (S3 user guide, "Protecting data with server-side encryption").
    """

    bucket: str
    value: str
    """``AES256``, ``aws:kms`` for the account's own key ``aws/s3``, or the ARN of a KMS key."""

    @property
    def arguments(self) -> dict[str, str]:
        """What PutObject is given."""
        if self.value.startswith("arn:"):
            return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.value}
        return {"ServerSideEncryption": self.value}


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where calls go and as whom; ``None`` leaves a value to botocore's own resolution."""

    region: str
    profile: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    session_token: str | None = None
    uploads: UploadEncryption | None = None
    """The header that uploads to a bucket carry; None leaves it to the bucket's default encryption."""

    @property
    def self_contained(self) -> bool:
        """Whether it needs nothing of the shell's settings: it has keys, and an endpoint that only an emulator has.

        AWS's own endpoints, private ones included, are called by TLS here.
        """
        return self.access_key_id is not None and str(self.endpoint_url).startswith("http://")
