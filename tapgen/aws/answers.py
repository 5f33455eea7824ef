"""Takes no answer for AWS's that is not: a sign-in page of a network, a filter's HTML, half a document.

botocore reads what it can and says nothing of the rest: HTML with status 200 becomes an answer without members, which a
call that returns nothing takes for success. Here every answer must carry a request id, and a member that is missing is
an error of the network and not of the program. Decides nothing about AWS's own errors: ``failures`` does.
"""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any, cast

from botocore.parsers import ResponseParserFactory

from tapgen.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODE = "unreadable-answer"
_HINT = (
    "something between this machine and AWS answers in its place: look at the network's sign-in page, at HTTPS_PROXY "
    "and at --endpoint-url, then rerun"
)
_SHOWN_CHARACTERS = 60
_FIRST_ERROR_STATUS = 301
_FIRST_FAULT_STATUS = 500


class UnreadableAnswerError(TransientError, KeyError):
    """An answer that does not come from AWS, or only in part; a ``KeyError`` for botocore, which asks for members."""

    default_code = _CODE


class Answer(dict[str, Any]):
    """An answer that says which member it lacks, at every depth."""

    operation = ""

    def __missing__(self, key: str) -> Any:
        raise _unreadable(self.operation, f"it has no {key}")


class AnswerParserFactory(ResponseParserFactory):
    """botocore's factory, whose parsers check what they read."""

    def create_parser(self, protocol_name: str) -> Any:
        """The parser of a protocol."""
        return _CheckedParser(super().create_parser(protocol_name))


class _CheckedParser:
    """Wraps a parser of botocore.

    Every answer of AWS carries a request id, ``x-amzn-requestid`` or ``x-amz-request-id`` (S3 API reference, "Common
    response headers"; AWS general reference of each protocol's ``ResponseMetadata``).
    """

    def __init__(self, parser: Any) -> None:
        self._parser = parser

    def parse(self, response: Mapping[str, Any], shape: Any) -> Any:
        """The answer as botocore reads it.

        Raises:
            UnreadableAnswerError: It is not AWS's.
        """
        operation = response.get("context", {}).get("operation_name") or "the call"
        is_error = response["status_code"] >= _FIRST_ERROR_STATUS
        try:
            parsed = self._parser.parse(response, shape)
        except Exception as error:
            # botocore's parsers raise what the words of the answer make them raise: ValueError, TypeError, KeyError.
            if is_error:
                return _bare_error(response)
            raise _unreadable(operation, f"{_describe(response)}; {error}") from error
        if is_error:
            whole = _is_error_answer(parsed)
            # botocore takes a page's markup for the error's message.
            return _bare_error(response) if whole and (_is_page(response) or "Error" not in parsed) else parsed
        if not _request_id(parsed, response):
            raise _unreadable(operation, _describe(response))
        return _checked(parsed, operation)


def _checked(value: Any, operation: str) -> Any:
    if type(value) is dict:
        answer = Answer({key: _checked(item, operation) for key, item in value.items()})
        answer.operation = operation
        return answer
    return [_checked(item, operation) for item in value] if isinstance(value, list) else value


def _is_error_answer(parsed: Mapping[str, Any]) -> bool:
    """Whether the parser was asked for the whole error; the second time it is asked for the error's own members."""
    return "ResponseMetadata" in parsed


def _bare_error(response: Mapping[str, Any]) -> dict[str, Any]:
    """An error that has nothing but its status; botocore tries again where that is a 5xx."""
    status = response["status_code"]
    whose = "the answer did not come from AWS" if status < _FIRST_FAULT_STATUS else ""
    message = "; ".join(filter(None, (http.client.responses.get(status, ""), whose)))
    return {
        "Error": {"Code": str(status), "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": _headers(response)},
    }


def _request_id(parsed: Any, response: Mapping[str, Any]) -> str:
    metadata = parsed.get("ResponseMetadata", {}) if isinstance(parsed, dict) else {}
    headers = _headers(response)
    found = metadata.get("RequestId") or headers.get("x-amzn-requestid") or headers.get("x-amz-request-id")
    return cast("str", found or "")


def _headers(response: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): value for name, value in response["headers"].items()}


def _is_page(response: Mapping[str, Any]) -> bool:
    return _headers(response).get("content-type", "").startswith("text/html")


def _describe(response: Mapping[str, Any]) -> str:
    """The answer's status, type and first words."""
    kind = _headers(response).get("content-type", "no content type")
    body = response.get("body")
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else ""
    begins = f", {' '.join(text.split())[:_SHOWN_CHARACTERS]!r}" if text.strip() else ""
    return f"status {response['status_code']}, {kind}{begins}"


def _unreadable(operation: str, why: str) -> UnreadableAnswerError:
    return UnreadableAnswerError(f"the answer to {operation} is not one of AWS", why=why, hint=_HINT)
