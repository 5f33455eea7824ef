"""Every key of the artifact bucket, and the digest that names content in it. No other module formats a key.

Templates and zips are named by their content, so that an upload never replaces anything; records, reports and locks by
their deployment.
"""

from __future__ import annotations

import hashlib

TEMPLATE_PREFIX = "templates"
ARTIFACT_PREFIX = "artifacts"
RELEASE_PREFIX = "releases"
REPORT_PREFIX = "reports"
LOCK_PREFIX = "locks"


def digest_of(data: bytes) -> str:
    """The identity of a piece of content: the first 32 hex digits of its SHA-256 (128 bits)."""
    return hashlib.sha256(data).hexdigest()[:32]


def template_key(stack: str, digest: str) -> str:
    """S3 key of a rendered template: ``templates/<stack>/<digest>.json``."""
    return f"{TEMPLATE_PREFIX}/{stack}/{digest}.json"


def artifact_key(name: str, digest: str) -> str:
    """S3 key of a zip: ``artifacts/<name>/<digest>.zip``."""
    return f"{ARTIFACT_PREFIX}/{name}/{digest}.zip"


def release_prefix(deployment: str) -> str:
    """What the keys of a deployment's release records begin with: ``releases/<deployment>/``."""
    return f"{RELEASE_PREFIX}/{deployment}/"


def release_key(deployment: str, sequence: int, document: str) -> str:
    """S3 key of one document of a release record: ``releases/<deployment>/<sequence>/<document>.json``.

    Padded, so that S3 lists records in their order.
    """
    return f"{release_prefix(deployment)}{sequence:08d}/{document}.json"


def report_prefix(deployment: str) -> str:
    """What the keys of a deployment's reports begin with: ``reports/<deployment>/``."""
    return f"{REPORT_PREFIX}/{deployment}/"


def report_key(deployment: str, sequence: int, suffix: str) -> str:
    """S3 key of a release's report: ``reports/<deployment>/<sequence>.json``, and ``.html`` for the page of it."""
    return f"{report_prefix(deployment)}{sequence:08d}.{suffix}"


def drift_key(deployment: str) -> str:
    """S3 key of a deployment's last drift report, beside its release records: ``releases/<deployment>/drift.json``."""
    return f"{release_prefix(deployment)}drift.json"


def lock_key(deployment: str) -> str:
    """S3 key of the lock that admits one operation to a deployment: ``locks/<deployment>.json``."""
    return f"{LOCK_PREFIX}/{deployment}.json"


def broken_lock_key(deployment: str, moment: str) -> str:
    """S3 key of the record of a lock that somebody broke: ``locks/<deployment>/broken/<moment>.json``."""
    return f"{LOCK_PREFIX}/{deployment}/broken/{moment}.json"
