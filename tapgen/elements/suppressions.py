"""Findings of the scanner that do not apply here, each with the reason that a security reviewer is given.

Those of functions are told by ``parts.function``. They stand in the template's metadata, where checkov reads them. A
suppression whose resource is gone, or which the scanner would not raise, is removed: ``scripts/check`` prints what is
suppressed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Logical id → check → reason.
_REASONS: Mapping[str, Mapping[str, str]] = {
    "AccessLogBucket": {
        "CKV_AWS_18": "takes the access logs of the other buckets; logging its own into itself would never end",
    },
    "ArtifactBucket": {
        "CKV_AWS_18": (
            "holds templates, code and release records, no data of anybody's; each record says who wrote it, and "
            "CloudTrail shows the rest"
        ),
    },
}


def suppress(template: dict[str, Any]) -> None:
    """Write the suppressions into the metadata of the template's resources."""
    for name, resource in template["Resources"].items():
        skipped = list(_skipped(name))
        if skipped:
            resource.setdefault("Metadata", {})["checkov"] = {"skip": skipped}


def _skipped(name: str) -> Iterator[dict[str, str]]:
    for check, reason in sorted(_REASONS.get(name, {}).items()):
        yield {"id": check, "comment": reason}
