"""Errors that callers see: problem documents (RFC 9457) with a stable ``type``. Never a stack trace."""

from __future__ import annotations

from typing import Any

TYPE_PREFIX = "urn:problem:transactions:"


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """A request that is answered with a problem document.

    Args:
        status: HTTP status.
        kind: Last part of the stable ``type`` URN.
        title: The same for every problem of the kind.
        detail: What is wrong with this request.
        extra: ``errors`` as ``[{"path", "message"}]`` under its own key, and ``headers`` to send along.
    """

    def __init__(self, status: int, kind: str, title: str, detail: str = "", **extra: Any) -> None:
        super().__init__(f"{kind}: {detail or title}")
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.errors: list[dict[str, str]] = extra.get("errors", [])
        self.headers: dict[str, str] = extra.get("headers", {})

    def as_dict(self, request_id: str) -> dict[str, Any]:
        """The document."""
        document: dict[str, Any] = {"type": TYPE_PREFIX + self.kind, "title": self.title, "status": self.status}
        if self.detail:
            document["detail"] = self.detail
        if self.errors:
            document["errors"] = self.errors
        return document | {"requestId": request_id}


def not_parsed(detail: str) -> Problem:
    """400: the request is not what the media type promises."""
    return Problem(400, "not-parsed", "The request cannot be parsed", detail)


def forbidden() -> Problem:
    """403: the caller is known and is not the owner."""
    return Problem(403, "forbidden", "These transactions belong to somebody else")


def method_not_allowed(method: str, allowed: tuple[str, ...]) -> Problem:
    """405: the path is one of ours, the method is not."""
    headers = {"allow": ", ".join(allowed)}
    return Problem(
        405, "method-not-allowed", "The resource has no such method", f"{method} is not allowed", headers=headers
    )


def not_found(detail: str) -> Problem:
    """404: no such route or transaction."""
    return Problem(404, "not-found", "There is no such resource", detail)


def exists(transaction_id: str) -> Problem:
    """409: a transaction is created once."""
    return Problem(409, "exists", "The transaction exists already", f"transactionId {transaction_id} is taken")


def moved() -> Problem:
    """412: somebody else changed the transaction in between."""
    return Problem(412, "version-moved", "The transaction has changed", "read it again and use its new ETag")


def precondition_required() -> Problem:
    """428: this environment changes nothing that the caller has not read."""
    return Problem(428, "precondition-required", "The request needs a precondition", "send the ETag as If-Match")


def too_large(limit_bytes: int) -> Problem:
    """413: the body is larger than a transaction can be."""
    return Problem(413, "too-large", "The body is too large", f"at most {limit_bytes} bytes")


def not_json(content_type: str) -> Problem:
    """415: only JSON is read."""
    return Problem(415, "not-json", "The body must be JSON", f"content-type is {content_type or 'missing'}")


def invalid(errors: list[dict[str, str]]) -> Problem:
    """422: parsed, but not valid; every fault at once."""
    return Problem(422, "invalid", "The request is not valid", errors=errors)


def key_reused() -> Problem:
    """422: an idempotency key stands for another body."""
    detail = "the key was used with another body in the last 24 hours; a new request needs a key of its own"
    errors = [{"path": "Idempotency-Key", "message": "stands for another request"}]
    return Problem(422, "idempotency-key-reused", "The idempotency key is taken", detail, errors=errors)


def busy() -> Problem:
    """503: storage is throttled; trying again soon is right."""
    return Problem(503, "busy", "The service is busy", headers={"retry-after": "1"})
