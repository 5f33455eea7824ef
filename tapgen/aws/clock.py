"""AWS's clock, as its answers carry it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from tapgen.aws.session import Aws


def measure_skew_s(aws: Aws) -> float | None:
    """Seconds that this machine's clock is ahead of AWS's, to the second; None where the answer names no time.

    Raises:
        CredentialsError: STS does not accept the credentials; a clock that is five minutes off is one reason.
    """
    with translated("read AWS's clock"):
        answer = aws.client("sts").get_caller_identity()
    now = datetime.now(UTC)
    header = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return (now - parsedate_to_datetime(header)).total_seconds() if header else None
