"""Random interleavings of operations against a model in memory: the API never disagrees with it.

``TAPGEN_MODEL_EXAMPLES`` says how many runs there are, see CONTRIBUTING.md.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from handlers.api.validation import TRANSITIONS
from tests.handlers.conftest import CREATE, DELETE, GET, LIST, REPLACE, Caller, Handler, valid

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = int(os.environ.get("TAPGEN_MODEL_EXAMPLES", "15"))

STATUSES = st.sampled_from(["pending", "posted", "void"])
TYPES = st.sampled_from(["debit", "credit"])
AMOUNTS = st.integers(1, 10**6).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
USERS = st.sampled_from(["ada", "eve"])
KEYS = st.sampled_from(["k1", "k2", "k3"])
# Few ids, so that they are taken again; their times are before those that the API makes.
IDS = st.integers(1, 6).map(lambda number: f"01a20d87-4e0{number}-7ee7-9150-45696a453732")
FIELDS = st.fixed_dictionaries({"amount": AMOUNTS, "type": TYPES, "status": STATUSES})


@dataclass
class Model:
    """What the service must hold: transactions by user and id, and answers by user and key."""

    transactions: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    answers: dict[tuple[str, str], tuple[str, dict[str, Any]]] = field(default_factory=dict)

    def list(self, user: str, matches: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """A user's transactions, newest first."""
        own = sorted((key[1] for key in self.transactions if key[0] == user), reverse=True)
        return [found for each in own if matches(found := self.transactions[user, each])]


class Machine(RuleBasedStateMachine):
    """Calls one API; its users no other run knows."""

    app: Handler
    known = Bundle("known")

    @initialize()
    def begin(self) -> None:
        self.model = Model()
        self.run = uuid.uuid4().hex[:12]

    def call(self, user: str, route: str, **parts: Any) -> tuple[int, Any, dict[str, str]]:
        return Caller(self.app, f"{user}-{self.run}").call(route, **parts)

    @rule(target=known, user=USERS, fields=FIELDS, own=st.none() | IDS, key=st.none() | KEYS)
    def create(self, user: str, fields: dict[str, Any], own: str | None, key: str | None) -> Any:
        body = valid(**fields) | ({"transactionId": own} if own else {})
        status, answer, _ = self.call(user, CREATE, body=body, headers={"idempotency-key": key} if key else {})
        said = json.dumps(body, sort_keys=True)
        if key and (user, key) in self.model.answers:
            first_body, first_answer = self.model.answers[user, key]
            assert (status, answer if said == first_body else None) == (
                (201, first_answer) if said == first_body else (422, None)
            )
            return user, first_answer["transactionId"]
        if own and (user, own) in self.model.transactions:
            assert status == 409
            return user, own
        assert status == 201
        assert {name: answer[name] for name in body} == body
        assert answer["version"] == 1
        self.model.transactions[user, answer["transactionId"]] = answer
        if key:
            self.model.answers[user, key] = (said, answer)
        return user, answer["transactionId"]

    @rule(one=known)
    def get(self, one: tuple[str, str]) -> None:
        status, answer, headers = self.call(one[0], GET, path={"transactionId": one[1]})
        held = self.model.transactions.get(one)
        assert status == (200 if held else 404)
        if held:
            assert answer == held
            assert headers["etag"] == f'"{held["version"]}"'

    @rule(one=known, fields=FIELDS, version=st.none() | st.integers(1, 4))
    def replace(self, one: tuple[str, str], fields: dict[str, Any], version: int | None) -> None:
        status, answer, _ = self.call(
            one[0],
            REPLACE,
            path={"transactionId": one[1]},
            body=valid(**fields),
            headers={"if-match": f'"{version}"'} if version else {},
        )
        held = self.model.transactions.get(one)
        if held is None:
            assert status == 404
        elif version not in (None, held["version"]):
            assert status == 412
        elif fields["status"] not in TRANSITIONS[held["status"]]:
            assert status == 422
        else:
            assert status == 200
            assert answer == held | fields | {
                "version": held["version"] + 1,
                "updatedAt": answer["updatedAt"],
            }
            assert answer["updatedAt"] >= held["updatedAt"]
            self.model.transactions[one] = answer

    @rule(one=known, version=st.none() | st.integers(1, 4))
    def delete(self, one: tuple[str, str], version: int | None) -> None:
        headers = {"if-match": f'"{version}"'} if version else {}
        status, _, _ = self.call(one[0], DELETE, path={"transactionId": one[1]}, headers=headers)
        held = self.model.transactions.get(one)
        if held is None:
            assert status == 404
        elif version not in (None, held["version"]):
            assert status == 412
        else:
            assert status == 204
            del self.model.transactions[one]

    @rule(user=USERS, limit=st.integers(1, 5), status=st.none() | STATUSES, kind=st.none() | TYPES)
    def walk(self, user: str, limit: int, status: str | None, kind: str | None) -> None:
        query = {"limit": str(limit)}
        query |= {name: value for name, value in (("status", status), ("type", kind)) if value}
        found: list[Any] = []
        cursor = None
        while cursor is not None or not found:
            code, page, _ = self.call(user, LIST, queryStringParameters=query | ({"cursor": cursor} if cursor else {}))
            assert code == 200
            assert len(page["items"]) <= limit
            found += page["items"]
            cursor = page["cursor"]
            if cursor is None:
                break
        assert found == self.model.list(
            user,
            lambda item: status in (None, item["status"]) and kind in (None, item["type"]),
        )

    @invariant()
    def users_are_apart(self) -> None:
        for user in ("ada", "eve"):
            if hasattr(self, "model"):
                _, page, _ = self.call(user, LIST, queryStringParameters={"limit": "100"})
                assert page["items"] == self.model.list(user, lambda _: True)


def test_api_agrees_with_the_model(app: Handler) -> None:
    """After every step every answer and every list is what the model says."""
    run_state_machine_as_test(
        type("Bound", (Machine,), {"app": app}),
        settings=settings(max_examples=EXAMPLES, stateful_step_count=20, deadline=None),
    )
