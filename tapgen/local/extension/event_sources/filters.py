"""Filter criteria of event source mappings, with every operator that EventBridge's patterns have.

MiniStack knows five operators, and leaves what an unknown one says out of the decision. Source: Lambda Developer Guide,
"Control which events Lambda sends to your function", "Using event filtering with an Amazon SQS event source": a body
that is JSON meets patterns of JSON, a body that is plain text meets patterns of text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.services import eventbridge

from tapgen.local.extension.seams import Seam, replace

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

_APPLY = Seam(
    module="ministack.services.lambda_svc",
    attribute="_apply_filter_criteria",
    parameters=("records", "esm"),
    gap="knows few operators; an object that must match is compared as a whole",
)
SEAMS = (
    _APPLY,
    Seam(
        module="ministack.services.eventbridge",
        attribute="_compiled_pattern",
        parameters=("pattern_str",),
        gap="called only: a pattern's alternatives; None for one that is refused",
    ),
    Seam(
        module="ministack.services.eventbridge",
        attribute="_matches_detail",
        parameters=("detail", "pattern"),
        gap="called only: one alternative against one record",
    ),
)

Record = dict[str, Any]


def install(settings: Settings) -> None:
    """Filter the records of streams; queues ask for themselves."""
    del settings
    replace(_APPLY, lambda records, esm: [record for record in records if matches(record, esm)])


def patterns(mapping: dict[str, Any]) -> list[str]:
    """The patterns of a mapping, as text."""
    filters = (mapping.get("FilterCriteria") or {}).get("Filters") or []
    return [str(each.get("Pattern", "")) for each in filters]


def is_pattern(text: str) -> bool:
    """Whether Lambda takes a text as a pattern."""
    return eventbridge._compiled_pattern(text) is not None  # noqa: SLF001 - a seam


def matches(record: Record, mapping: dict[str, Any]) -> bool:
    """Whether a record of a source meets at least one pattern of the mapping; every record does where there is none."""
    wanted = patterns(mapping)
    if not wanted:
        return True
    seen = _readable(record)
    return any(
        eventbridge._matches_detail(seen, alternative)  # noqa: SLF001 - a seam
        for text in wanted
        for alternative in eventbridge._compiled_pattern(text) or ()  # noqa: SLF001 - a seam
    )


def _readable(record: Record) -> Record:
    """The record with its body as JSON, where it is an object or a list."""
    body = record.get("body")
    if not isinstance(body, str):
        return record
    try:
        value = json.loads(body)
    except ValueError:
        return record
    return {**record, "body": value} if isinstance(value, dict | list) else record
