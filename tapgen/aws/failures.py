"""Turns what botocore raises into the project's errors, by AWS's error code.

Must not be used to hide a failure: every error leaves as a ``TapgenError`` with a hint.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from tapgen.errors import AwsError, CredentialsError, TapgenError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DENIED = {"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthorizationError", "UnauthorizedOperation"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_INVALID = {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidAccessKeyId"}
_THROTTLED = {"Throttling", "ThrottlingException", "RequestLimitExceeded", "SlowDown", "TooManyRequestsException"}


def error_code(error: ClientError) -> str:
    """AWS's error code, e.g. ``ValidationError``; empty when the answer had none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_message(error: ClientError) -> str:
    """AWS's own sentence."""
    return str(error.response.get("Error", {}).get("Message", ""))


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Translate botocore's exceptions raised inside the block.

    Args:
        doing: What was being done, for the message: ``describe the stack x``.

    Raises:
        CredentialsError: Credentials are missing, expired or not accepted.
        AwsError: Anything else that AWS or the network answered.
    """
    try:
        yield
    except ClientError as error:
        raise _of_client_error(error, doing) from error
    except BotoCoreError as error:
        raise _of_botocore_error(error, doing) from error


def _of_client_error(error: ClientError, doing: str) -> TapgenError:
    code, message = error_code(error), error_message(error)
    if code in _EXPIRED:
        return CredentialsError(
            f"cannot {doing}: the credentials have expired", why=message, hint="sign in again and rerun", code=code
        )
    if code in _INVALID:
        return CredentialsError(
            f"cannot {doing}: AWS does not accept the credentials",
            why=message,
            hint="check AWS_PROFILE or --profile, and the clock of this machine",
            code=code,
        )
    if code in _DENIED:
        return AwsError(
            f"cannot {doing}: access denied",
            why=message,
            hint="the caller's policy must allow the action named above",
            code=code,
        )
    if code in _THROTTLED:
        return AwsError(
            f"cannot {doing}: AWS throttles the calls", why=message, hint="wait a minute and rerun", code=code
        )
    return AwsError(f"cannot {doing}", why=f"{code}: {message}" if code else message, code=code or "aws")


def _of_botocore_error(error: BotoCoreError, doing: str) -> TapgenError:
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return CredentialsError(
            f"cannot {doing}: no AWS credentials found",
            why=str(error),
            hint="set AWS_PROFILE, pass --profile, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            code="no-credentials",
        )
    if isinstance(error, ProfileNotFound):
        return CredentialsError(
            str(error), hint="`aws configure list-profiles` prints the profiles there are", code="profile-not-found"
        )
    if isinstance(error, UnauthorizedSSOTokenError | SSOTokenLoadError | TokenRetrievalError):
        return CredentialsError(
            f"cannot {doing}: the single sign-on session is over",
            why=str(error),
            hint="run `aws sso login` for the profile",
            code="sso-expired",
        )
    if isinstance(error, EndpointConnectionError):
        return AwsError(
            f"cannot {doing}: AWS cannot be reached",
            why=str(error),
            hint="check the network, --endpoint-url and the region",
            code="unreachable",
        )
    return AwsError(f"cannot {doing}", why=str(error), code=type(error).__name__)
