"""Matchers: what is like a pattern, and how what is not like it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tapgen.journey import all_of, anything, below, contains, each, exactly, instance_of, one_of, text
from tapgen.journey.matchers import describe, differences

LIKE: list[tuple[Any, Any]] = [
    ({"a": 1}, {"a": 1, "b": 2}),
    ({}, {"a": 1}),
    ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 2, "d": 3}]}}),
    ([], []),
    (None, None),
    (1, 1.0),
    (True, True),
    ({"a": anything()}, {"a": None}),
    (text(), "x"),
    (text("[a-z]{3}"), "abc"),
    *((instance_of(name), value) for name, value in {"number": 1.5, "list": [], "object": {}, "null": None}.items()),
    (instance_of("boolean"), False),
    (instance_of("text"), ""),
    (one_of(1, "a"), "a"),
    (below(500), 499),
    (exactly({"a": {"b": 1}}), {"a": {"b": 1}}),
    (each({"a": 1}), []),
    (each({"a": 1}), [{"a": 1}, {"a": 1, "b": 2}]),
    (contains({"a": 1}), [{"a": 2}, {"a": 1}]),
    (contains(1, times=2), [1, 2, 1]),
    (contains(1, times=0), [2]),
    (all_of(instance_of("list"), contains(1)), [1]),
]

UNLIKE: list[tuple[Any, Any, str]] = [
    ({"a": 1}, {"b": 1}, "no a"),
    ({"a": 1}, {"a": 2}, "another a"),
    ({"a": 1}, {"a": "secret"}, "another a: text of 6 characters"),
    ({"a": {"b": 1}}, {"a": {"b": 2}}, "another a.b"),
    ({"a": {"b": 1}}, {"a": []}, "a: a list of 0 items instead of an object"),
    ({"a": 1}, None, "null instead of an object"),
    (1, True, "true"),
    (True, 1, "a number"),
    ([1], [1, 2], "2 items instead of 1"),
    ([1], {"a": 1}, "an object with a instead of a list"),
    ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "another a.0.b"),
    ({"a": anything()}, {}, "no a"),
    ({"a": text()}, {"a": 1}, "a: a number instead of text"),
    ({"a": text("[a-z]+")}, {"a": "A"}, "another a: it does not match [a-z]+"),
    (instance_of("number"), True, "true instead of number"),
    (instance_of("null"), "secret", "text of 6 characters instead of null"),
    ({"a": one_of(1, 2)}, {"a": 3}, "another a"),
    (one_of(1), True, "true"),
    ({"a": below(500)}, {"a": 500}, "another a"),
    (below(500), None, "null"),
    (below(2), True, "true"),
    (exactly({"a": 1}), {"a": 1, "b": 2}, "b as well"),
    (exactly({"a": {"b": 1}}), {"a": {"b": 1, "c": 2}}, "a.c as well"),
    (exactly({"a": [{"b": 1}]}), {"a": [{"b": 1, "c": 2}]}, "a.0.c as well"),
    (each({"a": 1}), [{"a": 1}, {"a": 2}], "another 1.a"),
    ({"a": each(1)}, {"a": {}}, "a: an object with no fields instead of a list"),
    ({"a": contains(1)}, {"a": [1, 1]}, "a: 2 items, 2 like the expected one instead of 1"),
    (contains(1), None, "null instead of a list"),
    (all_of(instance_of("list"), contains(1)), [2], "1 item, 0 like the expected one instead of 1"),
]


@pytest.mark.parametrize(("pattern", "value"), LIKE)
def test_value_is_like_its_pattern(pattern: Any, value: Any) -> None:
    """Objects may have more fields, lists may not, and matchers say what they want; JSON changes nothing."""
    assert list(differences(pattern, value)) == []
    assert list(differences(json.loads(json.dumps(pattern)), value)) == []


@pytest.mark.parametrize(("pattern", "value", "told"), UNLIKE)
def test_difference_is_told_by_names_and_sizes(pattern: Any, value: Any, told: str) -> None:
    """Where it is and what kind of value is there, and never what a field holds."""
    assert list(differences(pattern, value)) == [told]
    assert "secret" not in told


def test_every_matcher_was_seen_refusing() -> None:
    """No matcher exists that takes everything but ``anything``."""
    from tapgen.journey.matchers import _MATCHERS, MATCH

    def kinds(patterns: list[Any]) -> set[str]:
        found = json.dumps(patterns)
        return {name for name in _MATCHERS if f'"{MATCH}": "{name}"' in found}

    assert kinds([pattern for pattern, *_ in UNLIKE]) == set(_MATCHERS)
    assert kinds([pattern for pattern, _ in LIKE]) == set(_MATCHERS)


def test_unknown_type_is_refused() -> None:
    """A typing mistake is found where it is written."""
    with pytest.raises(ValueError, match="instance_of\\('string'\\): the types are text, number"):
        instance_of("string")


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "null"), (True, "true"), (7, "a number"), ("abc", "text of 3 characters"), ([1], "a list of 1 item")],
)
def test_value_is_described_without_what_it_holds(value: Any, told: str) -> None:
    """Kind and size."""
    assert describe(value) == told
