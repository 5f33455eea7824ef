"""Whether an answer or a result is as a step expects, and what of it is kept for the steps that follow.

What differs is told by names, types and sizes: neither logs nor reports get what an answer's fields hold.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.journey.matchers import differences
from tapgen.journey.transport import Answer
from tapgen.journey.values import HEADER, find, is_missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.journey.steps import Event, Expectation, Request
    from tapgen.journey.values import Values

_MAX_TEXT = 300


def judge_answer(step: Request, answer: Answer, values: Values) -> tuple[str, str]:
    """(what was wanted, what there is instead), both empty when it is as expected; then its values are kept."""
    expect = step.expect
    if any(differences(values.fill(expect.status), answer.status)):
        # The body of another status is another document.
        return _shorten(_tell(expect)), _shorten(f"status {answer.status}{_title(answer)}")
    wrong = [*_wrong_parts(expect, answer, values), *_save(step.save, answer, values)]
    if not wrong:
        return "", ""
    return _shorten(_tell(expect)), _shorten(f"status {answer.status}, {'; '.join(wrong)}")


def judge_result(step: Event, result: Any, values: Values) -> tuple[str, str]:
    """(what was wanted, what there is instead), both empty when it is as expected; then its values are kept."""
    expected = values.fill(step.expect)
    wrong = [*differences(expected, result), *_save(step.save, Answer(status=0, body=result), values)]
    return (_shorten(json.dumps(expected)), _shorten("; ".join(wrong))) if wrong else ("", "")


def _wrong_parts(expect: Expectation, answer: Answer, values: Values) -> Iterator[str]:
    for name, wanted in expect.headers.items():
        yield from _header_differences(name, values.fill(wanted), answer)
    yield from differences(values.fill(expect.body), answer.body)
    yield from (f"{path} as well" for path in expect.absent if not is_missing(find(answer.body, path)))


def _header_differences(name: str, wanted: Any, answer: Answer) -> Iterator[str]:
    """A header's own text is told: it says where and which, not what."""
    if name not in answer.headers:
        yield f"no header {name}"
    elif any(differences(wanted, answer.headers[name])):
        yield f"another {name}: {answer.headers[name]}"


def _save(save: Mapping[str, str], answer: Answer, values: Values) -> list[str]:
    """Keep the answer's values; answers which there are not."""
    missing: list[str] = []
    for name, path in save.items():
        if path.startswith(HEADER):
            found = answer.headers.get(path.removeprefix(HEADER))
            absent = found is None
        else:
            found = find(answer.body, path)
            absent = is_missing(found)
        if absent:
            missing.append(f"no {path.removeprefix(HEADER)}")
        else:
            values.save(name, found)
    return missing


def _title(answer: Answer) -> str:
    """What a problem document calls itself, which is the same for every occurrence (RFC 9457, "title")."""
    title = answer.body.get("title") if isinstance(answer.body, dict) else None
    return f", {title}" if isinstance(title, str) and "problem" in answer.headers.get("content-type", "") else ""


def _tell(expect: Expectation) -> str:
    """``status 201 with id, amount and location``, from the journey's own words."""
    body = expect.body if isinstance(expect.body, dict) and "$match" not in expect.body else {}
    names = ", ".join([*body, *expect.headers])
    return f"status {_tell_status(expect.status)}" + (f" with the right {names}" if names else "")


def _tell_status(status: Any) -> str:
    if not isinstance(status, dict):
        return str(status)
    values = status.get("values")
    if values:
        return "of success" if 200 in values else " or ".join(map(str, values))
    return f"below {status['limit']}" if "limit" in status else json.dumps(status)


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"
