"""The journey of a hook through the API: the real handler and table pass it, and each wrong answer fails its check."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from handlers.common.synthetic import SYNTHETIC_USER_PREFIX
from tapgen.hook_runtime.trials import USER
from tests.handlers.conftest import CREATE, DELETE, GET, HEALTH, LIST, REPLACE
from tests.handlers.hook_bench import LIVE, NEW, OLD, HookBench, InProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from tests.local.conftest import ClientFactory

    Spoil = Callable[[dict[str, Any]], Any]

JOURNEY = [
    "health", "create", "read", "list", "replace", "read replaced", "refuse stale", "delete", "read deleted",
]  # fmt: skip


@pytest.fixture(name="function")
def _function(app: ModuleType) -> InProcess:
    """The API's real handler as a function with two versions."""
    return InProcess(app.handler)


@pytest.fixture(name="rows")
def _rows(client: ClientFactory, table_name: str) -> Iterator[Callable[[], list[str]]]:
    """The synthetic user's transactions in the table; each test begins with none."""
    dynamodb = client("dynamodb")

    def read() -> list[str]:
        found = dynamodb.query(
            TableName=table_name,
            ConsistentRead=True,
            KeyConditionExpression="userId = :user",
            ExpressionAttributeValues={":user": {"S": USER}},
        )
        return [item["transactionId"]["S"] for item in found["Items"]]

    yield read
    for one in read():
        dynamodb.delete_item(TableName=table_name, Key={"userId": {"S": USER}, "transactionId": {"S": one}})


def _leave(client: ClientFactory, table_name: str, *, age_s: float) -> str:
    """A transaction of an earlier hook."""
    created = datetime.now(UTC) - timedelta(seconds=age_s)
    one = f"01a20d87-4e0c-7ee7-9150-{int(age_s):012d}"
    text = {
        "userId": USER, "transactionId": one, "amount": "1.00", "currency": "EUR", "type": "debit",
        "status": "pending", "description": "", "createdAt": created.isoformat().replace("+00:00", "Z"),
        "updatedAt": created.isoformat().replace("+00:00", "Z"),
    }  # fmt: skip
    item: dict[str, Any] = {name: {"S": value} for name, value in text.items()}
    item |= {"version": {"N": "1"}, "metadata": {"M": {}}}
    client("dynamodb").put_item(TableName=table_name, Item=item)
    return one


def _status(status: int) -> Spoil:
    return lambda answer: answer | {"statusCode": status}


def _document(change: Callable[[Any], Any]) -> Spoil:
    return lambda answer: answer | {"body": json.dumps(change(json.loads(answer["body"])))}


def _field(name: str, value: Any) -> Spoil:
    return _document(lambda document: document | {name: value})


def _header(name: str, value: str) -> Spoil:
    return lambda answer: answer | {"headers": answer["headers"] | {name: value}}


def _items(change: Callable[[list[Any]], Any]) -> Spoil:
    return _document(lambda document: document | {"items": change(document["items"])})


def _raise(answer: dict[str, Any]) -> None:
    raise RuntimeError(f"broken after {answer['statusCode']}")


SPOILED: list[tuple[str, str, int, Spoil, str]] = [
    ("health", HEALTH, 1, _status(503), "status 503"),
    ("health", HEALTH, 1, _field("status", "sick"), "another status"),
    ("health", HEALTH, 1, _raise, "RuntimeError: broken after 200"),
    ("health", HEALTH, 1, lambda _: None, "AttributeError"),
    ("health", HEALTH, 1, lambda _: {"headers": {}}, "KeyError"),
    ("health", HEALTH, 1, lambda answer: answer | {"body": "<html>"}, "JSONDecodeError"),
    ("create", CREATE, 1, _status(500), "status 500"),
    ("create", CREATE, 1, _raise, "RuntimeError: broken after 201"),
    ("create", CREATE, 1, _field("amount", "98.76"), "another amount"),
    ("create", CREATE, 1, _field("metadata", {}), "no metadata.purpose"),
    ("create", CREATE, 1, _field("version", 2), "another version"),
    ("create", CREATE, 1, _field("userId", "ada"), "another userId"),
    ("create", CREATE, 1, _header("etag", '"9"'), "another etag"),
    ("create", CREATE, 1, _header("location", "/elsewhere"), "another location: /elsewhere"),
    ("create", CREATE, 1, _field("transactionId", None), "another transactionId: null"),
    ("create", CREATE, 1, _document(lambda document: [document]), "a list of 1 item instead of an object"),
    ("read", GET, 1, _status(404), "status 404"),
    ("read", GET, 1, _field("description", "98.76"), "another description"),
    ("read", GET, 1, _field("more", "98.76"), "more as well"),
    ("read", GET, 1, _header("etag", '"0"'), "another etag"),
    ("list", LIST, 1, _status(500), "status 500"),
    ("list", LIST, 1, _document(lambda _: []), "a list of 0 items instead of an object"),
    ("list", LIST, 1, _items(lambda _: ["x"]), "instead of an object"),
    ("list", LIST, 1, _items(lambda _: []), "0 items, 0 like the expected one instead of 1"),
    ("list", LIST, 1, _items(lambda items: items * 2), "2 items, 2 like the expected one instead of 1"),
    (
        "list",
        LIST,
        1,
        _items(lambda items: [items[0] | {"amount": "98.76"}]),
        "1 item, 0 like the expected one instead of 1",
    ),
    ("list", LIST, 1, _items(lambda items: [*items, items[0] | {"userId": "ada"}]), "another items.1.userId"),
    ("replace", REPLACE, 1, _status(500), "status 500"),
    ("replace", REPLACE, 1, _field("amount", "98.76"), "another amount"),
    ("replace", REPLACE, 1, _field("status", "pending"), "another status"),
    ("replace", REPLACE, 1, _field("version", 1), "another version"),
    ("replace", REPLACE, 1, _field("createdAt", "now"), "another createdAt"),
    ("replace", REPLACE, 1, _header("etag", '"1"'), "another etag"),
    ("read replaced", GET, 2, _field("amount", "98.76"), "another amount"),
    ("refuse stale", REPLACE, 2, _status(200), "status 200"),
    ("delete", DELETE, 1, _status(500), "status 500"),
    ("read deleted", GET, 3, _status(200), "status 200"),
]


@pytest.mark.parametrize(("check", "route", "nth", "spoil", "got"), SPOILED)
def test_wrong_answer_fails_its_check(  # noqa: PLR0917 - parameters are fixtures
    function: InProcess, rows: Callable[[], list[str]], check: str, route: str, nth: int, spoil: Spoil, got: str
) -> None:
    """CodeDeploy is told Failed, the log says which check and what it got but no amounts, and nothing is left."""
    function.spoiled = {(route, nth): spoil}
    bench = HookBench(function)

    bench.judge("Failed")

    assert (bench.outcome["message"], bench.outcome["level"]) == ("hook failed", "ERROR")
    assert bench.outcome["check"] == check
    assert got in bench.outcome["got"]
    assert bench.passed == JOURNEY[: JOURNEY.index(check)]
    assert [word for word in ("98.76", "12.30", "45.60", "trial", "secret") if word in bench.told] == []
    assert rows() == []


def test_every_check_was_seen_failing() -> None:
    """No check of the journey exists that nothing fails."""
    assert {check for check, *_ in SPOILED} == set(JOURNEY)


def test_good_version_passes(function: InProcess, rows: Callable[[], list[str]]) -> None:
    """Every check passes in order against the version on trial alone, and nothing is left."""
    bench = HookBench(function)

    bench.judge("Succeeded")

    assert bench.passed == JOURNEY
    assert bench.outcome["message"] == "hook passed"
    assert {qualifier for qualifier, _ in function.calls} == {NEW}
    assert rows() == []


def test_hook_after_traffic_also_calls_the_live_alias(function: InProcess) -> None:
    """The same journey, then a call through the alias that the new version executes; an alias may take its time."""
    function.live = [OLD, OLD, NEW]
    bench = HookBench(function, "AfterAllowTraffic")

    bench.judge("Succeeded")

    assert bench.passed == [*JOURNEY, "live alias"]
    assert function.calls[-3:] == [(LIVE, HEALTH)] * 3
    assert len(bench.slept) == 2


@pytest.mark.parametrize(
    ("change", "got"),
    [
        ({"live": [OLD]}, "version 7 answers"),
        ({"broken": {LIVE}}, "RuntimeError: out of order"),
        ({"spoiled": {(HEALTH, 2): _status(503)}}, "status 503"),
    ],
)
def test_live_alias_that_does_not_serve_the_new_version_fails(
    function: InProcess, change: dict[str, Any], got: str
) -> None:
    """An alias that stays on the old version, or behind which the new one fails, is a failed check."""
    for name, value in change.items():
        setattr(function, name, value)
    bench = HookBench(function, "AfterAllowTraffic")

    bench.judge("Failed")

    assert bench.outcome["check"] == "live alias"
    assert got in bench.outcome["got"]


def test_what_crashed_hooks_left_is_deleted(
    function: InProcess, rows: Callable[[], list[str]], client: ClientFactory, table_name: str
) -> None:
    """What is older than a hook can run is nobody's; what is younger may be another hook's at work."""
    young = _leave(client, table_name, age_s=10)
    for age_s in (70, 7000):
        _leave(client, table_name, age_s=age_s)

    HookBench(function).judge("Succeeded")

    assert rows() == [young]


def test_failed_journey_leaves_nothing_at_all(
    function: InProcess, rows: Callable[[], list[str]], client: ClientFactory, table_name: str
) -> None:
    """Whatever the synthetic user has is deleted: what a wrong answer did not tell is found all the same."""
    _leave(client, table_name, age_s=10)
    function.spoiled = {(CREATE, 1): _field("transactionId", "01a20d87-4e0c-7ee7-9150-45696a453732")}

    HookBench(function).judge("Failed")

    assert rows() == []


def test_leftovers_that_cannot_be_deleted_do_not_fail_the_version(
    function: InProcess, rows: Callable[[], list[str]], client: ClientFactory, table_name: str
) -> None:
    """They are told; the version on trial has done everything right."""
    _leave(client, table_name, age_s=90)
    function.spoiled = {(DELETE, 2): _status(503)}
    bench = HookBench(function)

    bench.judge("Succeeded")

    assert [line["message"] for line in bench.lines][-2:] == ["not cleaned up", "hook passed"]
    HookBench(InProcess(function.handler)).judge("Succeeded")
    assert rows() == []


def test_old_version_cleans_up(function: InProcess, rows: Callable[[], list[str]]) -> None:
    """A version that answers wrongly is not trusted with deleting, either."""
    function.spoiled = {(REPLACE, 1): _status(500), (DELETE, 1): _status(500), (LIST, 2): _items(lambda _: [])}
    bench = HookBench(function)

    bench.judge("Failed")

    assert [call for call in function.calls if call[0] == OLD] == [(OLD, DELETE), (OLD, LIST)]
    assert rows() == []


def test_new_version_cleans_up_when_the_old_one_cannot(function: InProcess, rows: Callable[[], list[str]]) -> None:
    """The new version may be the fix of one that does not work at all."""
    function.spoiled = {(REPLACE, 1): _status(500)}
    function.broken = {OLD}
    bench = HookBench(function)

    bench.judge("Failed")

    noted = [line["by_version"] for line in bench.lines if line["message"] == "not cleaned up"]
    assert noted == [OLD, OLD]
    assert rows() == []


def test_hooks_work_in_the_name_of_a_synthetic_user() -> None:
    """Its id begins with the reserved prefix."""
    assert USER == "synthetic:hook"
    assert SYNTHETIC_USER_PREFIX == "synthetic:"
