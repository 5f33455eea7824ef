"""AWS's own clock, for times that must not depend on anybody's machine."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from tapgen.aws.session import Aws


def read_time(aws: Aws) -> datetime:
    """The time by the Date header of an answer of STS, in whole seconds; this machine's where there is none."""
    with translated("read the time"):
        answer = aws.client("sts").get_caller_identity()
    said = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(said).astimezone(UTC) if said else datetime.now(UTC)
