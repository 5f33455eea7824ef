"""Additions to CloudFormation's answers, which are XML that MiniStack has put together as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    Answer = tuple[int, dict[str, str], bytes]


def element(tag: str, value: Any) -> str:
    """A value as XML: dictionaries nest, lists become members, booleans are spelled in lower case, None is left out."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return f"<{tag}>{''.join(element(name, item) for name, item in value.items())}</{tag}>"
    if isinstance(value, list):
        return f"<{tag}>{''.join(element('member', item) for item in value)}</{tag}>"
    return f"<{tag}>{escape(str(value).lower() if isinstance(value, bool) else str(value))}</{tag}>"


def insert_after(answer: Answer, tag: str, additions: Mapping[str, Mapping[str, Any]]) -> Answer:
    """Add elements behind each first ``<tag>value</tag>``.

    Args:
        answer: Status, headers and body.
        tag: The element to look for.
        additions: By its value: what to add, by tag.
    """
    status, headers, body = answer
    text = body.decode()
    for value, added in additions.items():
        found = element(tag, value)
        text = text.replace(found, found + "".join(element(name, item) for name, item in added.items()), 1)
    return status, headers, text.encode()


def refusal(message: str, *, code: str = "ValidationError") -> Answer:
    """An error answer."""
    error = element("Error", {"Type": "Sender", "Code": code, "Message": message})
    body = f'<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">{error}</ErrorResponse>'
    return 400, {"Content-Type": "application/xml"}, body.encode()
