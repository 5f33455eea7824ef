"""Partitions and regions of AWS, as the installed botocore lists them. Imports none of botocore: it reads one file.

botocore ships ``partitions.json`` with each release, from the same source as AWS's other SDKs; what it does not list
yet is for the setting ``unlisted_region``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from tapgen.errors import InternalError

# What names a region's STS and IAM where there is none of its own, e.g. `aws-cn-global`.
_PSEUDO = re.compile(r"aws-.*-?global")
_DEFAULT_SUFFIX = "amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class Partition:
    """A group of regions that share accounts, IAM and a DNS suffix."""

    name: str
    """``aws``, ``aws-cn``, ``aws-us-gov``, ``aws-eusc`` …: the second part of every ARN."""
    dns_suffix: str
    regions: frozenset[str]


@cache
def list_partitions() -> tuple[Partition, ...]:
    """Every partition that this botocore knows."""
    found = find_spec("botocore")
    if found is None or not found.submodule_search_locations:
        raise InternalError("botocore is not installed", hint="install tapgen again: pip install tapgen")
    path = Path(found.submodule_search_locations[0]) / "data" / "partitions.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Partition(
            name=item["id"],
            dns_suffix=item["outputs"]["dnsSuffix"],
            regions=frozenset(name for name in item["regions"] if not _PSEUDO.fullmatch(name)),
        )
        for item in document["partitions"]
    )


def list_regions() -> frozenset[str]:
    """Every region that this botocore knows."""
    return frozenset(region for partition in list_partitions() for region in partition.regions)


def dns_suffix(partition: str) -> str:
    """What hosts of a partition end in: ``AWS::URLSuffix`` of CloudFormation; of an unknown one, that of ``aws``."""
    return next((each.dns_suffix for each in list_partitions() if each.name == partition), _DEFAULT_SUFFIX)


def list_source() -> str:
    """Whose list it is: ``botocore 1.43.106``."""
    return f"botocore {version('botocore')}"
