"""Merging: mappings key by key, everything else as a whole, and every value knows where it came from."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tapgen.config.merge import Rules, merge_environment, value_at

ROLES = ("api", "archiver")
RULES = Rules(base={}, named={"functions": ("function", ROLES)})
NOBODY = Rules(base={}, named={"functions": ("function", ())})
_KEYS = st.sampled_from(["a", "b", "c"])
_SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
_VALUES = st.recursive(
    _SCALARS | st.lists(_SCALARS, max_size=2), lambda inner: st.dictionaries(_KEYS, inner, max_size=3), max_leaves=8
)
_SETTINGS = st.dictionaries(_KEYS, _VALUES, max_size=3)
_SECTION = st.fixed_dictionaries(
    {},
    optional={
        "a": _VALUES,
        "b": _VALUES,
        "function": _SETTINGS,
        "functions": st.dictionaries(st.sampled_from([*ROLES, "other"]), _SETTINGS, max_size=3),
    },
)
_DOCUMENT = st.fixed_dictionaries(
    {}, optional={"defaults": _SECTION, "environments": st.fixed_dictionaries({}, optional={"dev": _SECTION})}
)


def _over(low: Any, high: Any) -> Any:
    """Deep merge, written once more and differently: the oracle."""
    if not (isinstance(low, dict) and isinstance(high, dict)):
        return high
    return {
        key: _over(low[key], high[key]) if key in low and key in high else {**low, **high}[key] for key in low | high
    }


def _leaves(value: Any, key: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    if not isinstance(value, dict) or not value:
        return [(key, value)]
    return [leaf for name, item in value.items() for leaf in _leaves(item, (*key, name))]


@given(_DOCUMENT)
def test_an_environment_is_the_deep_merge_of_its_sections(document: dict[str, Any]) -> None:
    """Outside the functions, the result is `defaults` with the environment over it, null and lists included."""
    plain = [
        {key: value for key, value in (value_at(document, section) or {}).items() if not key.startswith("function")}
        for section in (("defaults",), ("environments", "dev"))
    ]

    merged = merge_environment(document, "dev", rules=RULES).data

    assert {key: value for key, value in merged.items() if key != "functions"} == _over(*plain)


@given(_DOCUMENT)
def test_a_function_is_what_all_share_with_its_own_settings_over_it(document: dict[str, Any]) -> None:
    """The order is: shared defaults, shared here, own defaults, own here; every role of the service is there."""
    functions = merge_environment(document, "dev", rules=RULES).data["functions"]

    assert set(functions) >= set(ROLES)
    for role, settings in functions.items():
        expected: Any = {}
        for key in (("function",), ("functions", role)):
            for section in (("defaults",), ("environments", "dev")):
                expected = _over(expected, value_at(document, (*section, *key)) or {})
        assert settings == expected


@given(_DOCUMENT)
def test_every_value_is_found_in_the_file_where_its_origin_says(document: dict[str, Any]) -> None:
    """A fault can point at the line of any merged value, whichever section gave it."""
    merged = merge_environment(document, "dev", rules=RULES)

    for key, value in _leaves(merged.data):
        if value != {}:
            assert value_at(document, merged.origin_of(key)) == value


@given(_DOCUMENT)
def test_merging_leaves_the_document_alone(document: dict[str, Any]) -> None:
    """Environments are merged from one document, one after the other."""
    before = repr(document)

    merge_environment(document, "dev", rules=RULES)

    assert repr(document) == before


def test_null_overrides_a_mapping_and_a_mapping_overrides_null() -> None:
    """An explicit null is a value: it takes back what the defaults give."""
    document = {"defaults": {"a": {"x": 1}, "b": None}, "environments": {"dev": {"a": None, "b": {"y": 2}}}}

    merged = merge_environment(document, "dev", rules=NOBODY)

    assert merged.data == {"a": None, "b": {"y": 2}, "functions": {}}
    assert merged.origin_of(("a",)) == ("environments", "dev", "a")
    assert merged.origin_of(("b", "y")) == ("environments", "dev", "b", "y")


def test_lists_are_replaced_as_a_whole() -> None:
    """Members of two lists are never mixed."""
    document = {"defaults": {"a": [1, 2, 3]}, "environments": {"dev": {"a": [4]}}}

    assert merge_environment(document, "dev", rules=NOBODY).data["a"] == [4]


def test_what_no_section_gives_would_stand_in_the_environment() -> None:
    """A fault about nothing points at the environment's own section."""
    merged = merge_environment({"defaults": {"a": {"x": 1}}}, "dev", rules=NOBODY)

    assert merged.origin_of(("zzz", "y")) == ("environments", "dev", "zzz", "y")
    assert merged.origin_of(("a", "y")) == ("defaults", "a", "y")
