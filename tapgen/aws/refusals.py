"""What AWS's error codes mean, and what to do about each. Pure.

The codes are those of "Common errors" in each service's API reference and of S3's "Error responses"; which of them a
later call may not get is botocore's own list for its standard retry mode (boto3 guide, "Retries").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.errors import AwsError, CredentialsError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.errors import TapgenError

_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthorizationError", "UnauthorizedOperation"}
)
# S3 answers HEAD without a body, so that nothing but the status is known.
_DENIED_OBJECT = _DENIED | {"403", "Forbidden"}
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_INVALID = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "InvalidToken",
        "OptInRequired",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "IncompleteSignature",
    }
)
_SIGNATURE = frozenset({"SignatureDoesNotMatch", "InvalidSignatureException"})
_SKEWED = frozenset({"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"})
# What SigV4 services say of a date that is more than minutes off (IAM user guide, "Troubleshoot Signature Version 4").
_SKEWED_WORDS = ("Signature expired", "Signature not yet current", "is now earlier than", "is now later than")
_ELSEWHERE = frozenset(
    {
        "PermanentRedirect",
        "TemporaryRedirect",
        "301",
        "307",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
    }
)
_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "SlowDown",
        "TooManyRequestsException",
        "BandwidthLimitExceeded",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "LimitExceededOnPolling",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
        "429",
    }
)
_LATE = frozenset({"RequestTimeout", "RequestTimeoutException", "408"})
_FAULTS = frozenset({"InternalError", "InternalFailure", "InternalServerError", "InternalServiceException"})
_UNAVAILABLE = frozenset({"ServiceUnavailable", "ServiceUnavailableException", "Unavailable"})
_PROXY = "407"
_FIRST_FAULT_STATUS = 500
_NOT_IMPLEMENTED_STATUS = 501


def is_denied(error: AwsError) -> bool:
    """Whether AWS refused because the caller lacks a permission."""
    return error.code in _DENIED


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An error answer."""

    code: str
    message: str
    status: int = 0
    """HTTP status; 0 when it is not known."""
    owner: str = ""
    """The account that must own the bucket which was used; empty where none was."""


def explain_refusal(refusal: Refusal, doing: str) -> TapgenError:
    """The project's error for an error answer.

    Args:
        refusal: What was answered.
        doing: What was being done, in the infinitive.
    """
    found = next((explain for applies, explain in _ROWS if applies(refusal)), _explain_other)
    return found(refusal, doing)


def _expired(refusal: Refusal, doing: str) -> TapgenError:
    return CredentialsError(
        f"cannot {doing}: the credentials have expired",
        why=refusal.message,
        hint="sign in again and rerun",
        code=refusal.code,
    )


def _skewed(refusal: Refusal, doing: str) -> TapgenError:
    return CredentialsError(
        f"cannot {doing}: the clock of this machine differs from AWS's",
        why=refusal.message,
        hint="set the clock, let it follow a time server, and rerun; `tapgen doctor` measures the difference",
        code=refusal.code,
    )


def _invalid(refusal: Refusal, doing: str) -> TapgenError:
    """AWS answers the same for a key that does not exist and for one that does not count in a region.

    A region that the account has not enabled knows none of its keys, and version 1 tokens of STS's global endpoint are
    valid in the regions alone that are enabled by default (IAM API reference, SetSecurityTokenServicePreferences).
    """
    return CredentialsError(
        f"cannot {doing}: AWS does not accept the credentials",
        why=refusal.message,
        hint=(
            "check AWS_PROFILE or --profile; where they work in another region, enable this one for the account, or "
            "set AWS_STS_REGIONAL_ENDPOINTS=regional and sign in again"
        ),
        code=refusal.code,
    )


def _wrong_signature(refusal: Refusal, doing: str) -> TapgenError:
    return CredentialsError(
        f"cannot {doing}: AWS does not accept the signature",
        why=refusal.message,
        hint="check the secret key of AWS_PROFILE or --profile, this machine's clock, and proxies that change headers",
        code=refusal.code,
    )


def _denied(refusal: Refusal, doing: str) -> TapgenError:
    """S3 answers 403, too, where the bucket is another account's than the expected owner.

    See S3 user guide, "Verifying bucket ownership with bucket owner condition". Names of buckets are everybody's: one
    that somebody else took cannot be had.
    """
    hint = "the caller's policy must allow the action named above"
    if refusal.owner:
        hint = (
            f"the caller's policy must allow it, and the bucket must belong to account {refusal.owner}: where another "
            "account has a bucket of this name, choose another `project` or environment name"
        )
    return AwsError(f"cannot {doing}: access denied", why=refusal.message, hint=hint, code=refusal.code)


def _elsewhere(refusal: Refusal, doing: str) -> TapgenError:
    return AwsError(
        f"cannot {doing}: the bucket is in another region than the one that was asked",
        why=refusal.message,
        hint="check `region` in config/environments.yaml, --region and AWS_REGION",
        code=refusal.code,
    )


def _throttled(refusal: Refusal, doing: str) -> TapgenError:
    return TransientError(
        f"cannot {doing}: AWS throttles the calls",
        why=refusal.message,
        hint="wait a minute and rerun",
        code=refusal.code,
    )


def _failing(refusal: Refusal, doing: str) -> TapgenError:
    status = f"status {refusal.status}" if refusal.status else ""
    return TransientError(
        f"cannot {doing}: AWS, or something on the way to it, fails",
        why=": ".join(dict.fromkeys(filter(None, (status, refusal.code, refusal.message)))),
        hint="wait a minute and rerun; https://health.aws.amazon.com tells what AWS knows of",
        code=refusal.code or "aws",
    )


def _not_implemented(refusal: Refusal, doing: str) -> TapgenError:
    """S3 says so of a header that asks for what it does not do (S3 API reference, "Error responses"), emulators too."""
    return AwsError(
        f"cannot {doing}: what answers does not know the call",
        why=": ".join(filter(None, (refusal.code, refusal.message))),
        hint="trying again finds nothing else: check --endpoint-url, AWS_ENDPOINT_URL… and whether the region has it",
        code=refusal.code or "not-implemented",
    )


def _proxy(refusal: Refusal, doing: str) -> TapgenError:
    return AwsError(
        f"cannot {doing}: the proxy wants to be signed in to",
        why=refusal.message,
        hint="put its user and password into HTTPS_PROXY, or name AWS's hosts in NO_PROXY",
        code="proxy",
    )


def _explain_other(refusal: Refusal, doing: str) -> TapgenError:
    code = refusal.code or "aws"
    why = f"{refusal.code}: {refusal.message}" if refusal.code else refusal.message or "AWS gave no reason"
    hint = f"the service's API reference explains {code}; `tapgen doctor` looks at the usual causes"
    return AwsError(f"cannot {doing}", why=why, hint=hint, code=code)


def _says_skewed(refusal: Refusal) -> bool:
    in_words = refusal.code in _SIGNATURE | _INVALID and any(words in refusal.message for words in _SKEWED_WORDS)
    return refusal.code in _SKEWED or in_words


def _is_failing(refusal: Refusal) -> bool:
    return refusal.code in _FAULTS | _UNAVAILABLE | _LATE or refusal.status >= _FIRST_FAULT_STATUS


# The first row that applies counts.
_ROWS: tuple[tuple[Callable[[Refusal], bool], Callable[[Refusal, str], TapgenError]], ...] = (
    (lambda refusal: refusal.code in _EXPIRED, _expired),
    (_says_skewed, _skewed),
    (lambda refusal: refusal.code in _INVALID, _invalid),
    (lambda refusal: refusal.code in _SIGNATURE, _wrong_signature),
    (lambda refusal: refusal.code in (_DENIED_OBJECT if refusal.owner else _DENIED), _denied),
    (lambda refusal: refusal.code in _ELSEWHERE, _elsewhere),
    (lambda refusal: refusal.code in _THROTTLED, _throttled),
    (lambda refusal: refusal.code == _PROXY, _proxy),
    (lambda refusal: refusal.status == _NOT_IMPLEMENTED_STATUS, _not_implemented),
    (_is_failing, _failing),
)
