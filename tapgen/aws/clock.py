"""AWS's own clock, for times that must not depend on anybody's machine."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tapgen.aws.failures import translated

if TYPE_CHECKING:
    from tapgen.aws.session import Aws


def read_time(aws: Aws) -> datetime:
    """The time by the Date header of an answer of STS, in whole seconds; this machine's where there is none.

    Raises:
        CredentialsError: STS does not accept the credentials.
    """
    return _ask(aws) or datetime.now(UTC)


def measure_skew_s(aws: Aws) -> float | None:
    """Seconds that this machine's clock is ahead of AWS's, to the second; None where the answer names no time.

    Raises:
        CredentialsError: STS does not accept the credentials; a clock that is five minutes off is one reason.
    """
    said = _ask(aws)
    return (datetime.now(UTC) - said).total_seconds() if said else None


def _ask(aws: Aws) -> datetime | None:
    with translated("read AWS's clock"):
        answer = aws.client("sts").get_caller_identity()
        said = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        return parsedate_to_datetime(said).astimezone(UTC) if said else None
