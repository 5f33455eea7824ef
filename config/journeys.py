"""How the service is tried: by the hooks of a shift, by probes, ``verify``, ``rehearse`` and ``iam prove`` alike.

``tapgen.journey`` is the vocabulary; docs/service/journeys.md explains it.
"""

from tapgen.journey import (
    NOBODY,
    Expectation,
    Journey,
    all_of,
    contains,
    each,
    empty_batch,
    event,
    exactly,
    header,
    leftovers,
    request,
    stream_event,
)

_ALL = "/users/{user}/transactions"
_ONE = f"{_ALL}/{{uuid7}}"
_SENT = {
    "amount": "12.30",
    "currency": "EUR",
    "type": "debit",
    "status": "pending",
    "description": "trial of a new version",
    "metadata": {"purpose": "trial"},
}
_REPLACEMENT = _SENT | {"amount": "45.60", "status": "posted", "description": "second part of a trial"}
_KEPT = {"transactionId": "{uuid7}", "userId": "{user}"}

# What looks at every answer. Traffic at a steady rate makes the cheap round alone: create, read, list, delete.
_TRIALS = ("hook", "verify", "prove")
_TRAFFIC = ("probe", "rehearse")

API = Journey(
    steps=(
        request(
            "GET /health",
            name="health",
            as_user=NOBODY,
            expect=Expectation(status=200, body={"status": "ok"}),
            only=_TRIALS,
        ),
        request(
            f"POST {_ALL}",
            name="create",
            # An id of the walk's own: it can be deleted even when the answer is lost.
            body=_SENT | {"transactionId": "{uuid7}"},
            expect=Expectation(
                status=201,
                body=_SENT | _KEPT | {"version": 1},
                headers={"etag": '"1"', "location": _ONE},
            ),
            save={"created": "$", "etag": header("etag")},
        ),
        request(
            f"GET {_ONE}",
            name="read",
            expect=Expectation(status=200, body=exactly("{created}"), headers={"etag": '"1"'}),
        ),
        request(
            f"GET {_ALL}",
            name="list",
            query={"limit": "100"},
            expect=Expectation(
                status=200,
                body={"items": all_of(each({"userId": "{user}"}), contains(exactly("{created}")))},
            ),
            only=_TRIALS,
        ),
        request(f"GET {_ALL}", name="list some", query={"limit": "10"}, expect=200, only=_TRAFFIC),
        request(
            f"PUT {_ONE}",
            name="replace",
            body=_REPLACEMENT,
            headers={"if-match": '"1"'},
            expect=Expectation(
                status=200,
                body=_REPLACEMENT | _KEPT | {"createdAt": "{created.createdAt}", "version": 2},
                headers={"etag": '"2"'},
            ),
            save={"replaced": "$", "etag": header("etag")},
            only=_TRIALS,
        ),
        request(
            f"GET {_ONE}",
            name="read replaced",
            expect=Expectation(status=200, body=exactly("{replaced}"), headers={"etag": '"2"'}),
            only=_TRIALS,
        ),
        request(
            f"PUT {_ONE}",
            name="refuse stale",
            body=_REPLACEMENT,
            headers={"if-match": '"1"'},
            expect=412,
            only=_TRIALS,
        ),
        request(f"DELETE {_ONE}", name="delete", headers={"if-match": "{etag}"}, expect=204),
        request(f"GET {_ONE}", name="read deleted", expect=404, only=_TRIALS),
        # What leaves a record of the request behind is for the proof alone.
        request(
            f"POST {_ALL}",
            name="create once",
            body=_SENT,
            headers={"idempotency-key": "{uuid}"},
            expect=201,
            save={"once": "transactionId"},
            repeat=2,
            only=("prove",),
        ),
        request(
            f"GET {_ALL}",
            name="list a page",
            query={"limit": "1"},
            expect=200,
            save={"cursor": "cursor"},
            only=("prove",),
        ),
        request(
            f"GET {_ALL}",
            name="list the next page",
            query={"limit": "1", "cursor": "{cursor}"},
            expect=200,
            only=("prove",),
        ),
        request(f"DELETE {_ONE}", name="clean up", headers={"if-match": "*"}, clean_up=True, unless="delete"),
        request(
            f"DELETE {_ALL}/{{once}}",
            name="clean up once",
            headers={"if-match": "*"},
            clean_up=True,
            only=("prove",),
        ),
    ),
    leftovers=leftovers(
        request(f"GET {_ALL}", query={"limit": "100"}, expect=Expectation(status=200, body={"items": each({})})),
        items="items",
        created="createdAt",
        delete=request(f"DELETE {_ALL}/{{item.transactionId}}", headers={"if-match": "*"}),
    ),
)

_KEYS = {"userId": {"S": "{user}"}, "transactionId": {"S": "{uuid7}"}}
_NO_FAILURES = {"batchItemFailures": []}

# A batch with records cannot be taken back: the archive keeps what it has. So it is delivered where the archive is a
# trial itself; elsewhere an empty one shows that the function imports, finds its settings, starts and answers.
ARCHIVER = Journey(
    steps=(
        event(empty_batch(), name="empty batch", expect=_NO_FAILURES),
        event(
            stream_event([{"keys": _KEYS, "old": _KEYS}]),
            name="archive a change",
            expect=_NO_FAILURES,
            only=("prove",),
        ),
        event(
            stream_event([{"keys": _KEYS, "old": _KEYS}, {"keys": _KEYS, "old": _KEYS}]),
            name="archive changes of the same second",
            expect=_NO_FAILURES,
            only=("prove",),
        ),
        event(
            {"Records": [{"eventID": "3", "eventName": "INSERT", "dynamodb": {"SequenceNumber": "30"}}]},
            name="refuse a record",
            expect=_NO_FAILURES,
            only=("prove",),
        ),
    ),
)
