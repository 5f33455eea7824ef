"""Findings of the scanner that do not apply here, each with the reason that a security reviewer is given.

They stand in the template's metadata, where checkov reads them. A suppression whose resource is gone, or which the
scanner would not raise, is removed: ``scripts/check`` prints what is suppressed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NO_VPC = (
    "calls AWS's own APIs alone, over TLS and with a role that names every resource; a VPC would add a network to keep "
    "closed, and nothing in it to reach"
)
_HOOK = {
    "CKV_AWS_115": "CodeDeploy calls it twice in a shift, and a deployment group has one shift at a time",
    "CKV_AWS_116": "CodeDeploy waits for its answer: without one the shift fails and is rolled back",
    "CKV_AWS_117": _NO_VPC,
}
# Logical id → check → reason.
_REASONS: Mapping[str, Mapping[str, str]] = {
    "ApiFunction": {
        "CKV_AWS_115": "configured where the environment asks for it; elsewhere the stage's throttling bounds it",
        "CKV_AWS_116": "called synchronously: the caller gets the error, and no event is there to be kept",
        "CKV_AWS_117": _NO_VPC,
    },
    "ArchiverFunction": {
        "CKV_AWS_115": "one invocation at a time for each shard of the stream: the event source mapping bounds it",
        "CKV_AWS_116": "the event source mapping's failure destination is the dead-letter queue",
        "CKV_AWS_117": _NO_VPC,
    },
    "BeforeHookFunction": _HOOK,
    "AfterHookFunction": _HOOK,
    "AccessLogBucket": {
        "CKV_AWS_18": "takes the archive's access logs; logging its own into itself would never end",
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
        skipped = list(_skipped(name, resource))
        if skipped:
            resource.setdefault("Metadata", {})["checkov"] = {"skip": skipped}


def _skipped(name: str, resource: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for check, reason in sorted(_REASONS.get(name, {}).items()):
        if check == "CKV_AWS_115" and "ReservedConcurrentExecutions" in resource["Properties"]:
            continue
        yield {"id": check, "comment": reason}
