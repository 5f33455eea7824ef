"""Turns what botocore raises into the project's errors, by AWS's error code.

Must not be used to hide a failure: every error leaves as a ``TapgenError`` with a hint. What the codes mean is
``refusals``' knowledge, what the network did ``network_failures``'.
"""

from __future__ import annotations

from contextlib import contextmanager
from http.client import HTTPException
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from tapgen.aws.network_failures import explain_failure, is_hopeless
from tapgen.aws.refusals import Refusal, explain_refusal

if TYPE_CHECKING:
    from collections.abc import Iterator


def error_code(error: ClientError) -> str:
    """AWS's error code, e.g. ``ValidationError``; empty when the answer had none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_message(error: ClientError) -> str:
    """AWS's own sentence."""
    return str(error.response.get("Error", {}).get("Message", ""))


@contextmanager
def translated(doing: str, *, owner: str = "") -> Iterator[None]:
    """Translate botocore's exceptions raised inside the block.

    Args:
        doing: What was being done, for the message: ``describe the stack x``.
        owner: The account that must own the bucket which is used.

    Raises:
        CredentialsError: Credentials are missing, expired or not accepted.
        TransientError: AWS throttles, fails, or could not be reached.
        AwsError: Anything else that AWS answered.
    """
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        refusal = Refusal(code=error_code(error), message=error_message(error), status=status, owner=owner)
        raise explain_refusal(refusal, doing) from error
    except (BotoCoreError, HTTPError, HTTPException, OSError, ValueError) as error:
        raise explain_failure(error, doing) from error


def give_up_at_once(*, caught_exception: BaseException | None = None, **_: object) -> None:
    """A handler of botocore's ``needs-retry``: trying again does not make a certificate trusted.

    The standard mode takes every TLS error for a connection that was lost, and is silent for a quarter of a minute.
    """
    if caught_exception is not None and is_hopeless(caught_exception):
        raise caught_exception
