"""pydantic's findings as the ends of sentences that a person can act on: the value shown, and what is allowed."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from tapgen.config.source import Key

RESERVED = ("name", "suffix", "configured_region")
"""Fields that the loader sets; the file may not."""

_KINDS = {
    "bool_type": "true or false",
    "float_type": "a number",
    "int_type": "a whole number",
    "model_type": "a mapping",
    "string_type": "text",
    "tuple_type": "a list",
}


def explain(detail: ErrorDetails, schema: type[BaseModel], *, shared: Sequence[str]) -> str:
    """What is wrong with a value.

    Args:
        detail: pydantic's finding.
        schema: Of the environment.
        shared: Keys that the file has beside the schema's: what all parts of a kind share.
    """
    key, value = detail["loc"], detail["input"]
    if detail["type"] == "missing":
        return "is missing" if in_list(key) else "is missing, here and in `defaults`"
    if detail["type"] == "extra_forbidden":
        return explain_unknown_key(str(key[-1]), _known_keys(key[:-1], schema, shared))
    if detail["type"] == "literal_error":
        return _explain_choice(value, detail["ctx"]["expected"])
    if key == ("account_id",) and isinstance(value, int):
        return f"{value}: an account id is text, put the twelve digits in quotes"
    if detail["type"] in _KINDS:
        return f"{show(value)}: must be {_KINDS[detail['type']]}"
    message = detail["msg"].replace("Input should", "must").replace("should", "must")
    return f"{show(value)}: {message[:1].lower()}{message[1:]}"


def explain_unknown_key(key: str, known: Sequence[str]) -> str:
    """``unknown key 'x'`` with the likely one, or with all."""
    return f"unknown key {key!r}; {did_you_mean(key, known) or 'the keys are ' + ', '.join(known)}"


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """``did you mean 'x'?``, or nothing when no word is close, letter case apart."""
    by_lower = {item.lower(): item for item in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return f"did you mean {by_lower[close[0]]!r}?" if close else ""


def in_list(key: Key) -> bool:
    """True for a path into a list: lists are not merged, so that its members stand in one place."""
    return any(isinstance(name, int) for name in key)


def show(value: Any) -> str:
    """A value as YAML writes it; a mapping or list by its kind alone."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)


def _explain_choice(value: Any, expected: str) -> str:
    choices = expected.replace(" or ", ", ").replace("'", "").split(", ")
    hint = did_you_mean(value, choices) if isinstance(value, str) else ""
    return f"{show(value)}: must be {expected}" + (f"; {hint}" if hint else "")


def _known_keys(key: Key, schema: type[BaseModel], shared: Sequence[str]) -> tuple[str, ...]:
    """The keys that the schema allows at a path."""
    model: Any = schema
    for name in key:
        if isinstance(name, int):
            continue
        annotation = model.model_fields[name].annotation
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        model = next(item for item in candidates if hasattr(item, "model_fields"))
    if model is schema:
        return (*(name for name in model.model_fields if name not in RESERVED), *shared)
    return tuple(model.model_fields)
