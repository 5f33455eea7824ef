"""How the orders service is tried: by hooks, probes, `verify`, `rehearse` and `iam prove`."""

from tapgen.journey import (
    NOBODY,
    Expectation,
    Journey,
    contains,
    each,
    event,
    instance_of,
    request,
    scheduled_event,
    sqs_event,
    text,
)

_TRIALS = ("hook", "verify", "prove")
_ORDER = {"customerId": "{user}", "orderId": "{order}"}

API = Journey(
    steps=(
        request("GET /health", name="health", as_user=NOBODY, expect=Expectation(status=200, body={"status": "ok"})),
        request(
            "POST /orders",
            name="place",
            body={"customer": "{user}", "item": "trial"},
            expect=Expectation(status=201, body={"customerId": "{user}", "item": "trial", "status": "placed"}),
            save={"order": "orderId"},
            only=_TRIALS,
        ),
        request(
            "GET /orders/{order}",
            name="show",
            query={"customer": "{user}"},
            expect=Expectation(status=200, body=_ORDER),
            only=_TRIALS,
        ),
        request(
            "GET /orders",
            name="list",
            query={"status": "placed"},
            expect=Expectation(status=200, body={"orders": each({"status": "placed"})}),
        ),
        request(
            "DELETE /orders/{order}",
            name="withdraw",
            query={"customer": "{user}"},
            expect=204,
            clean_up=True,
            only=_TRIALS,
        ),
    )
)

_MESSAGE = "{uuid:message-2}"
FULFILMENT = Journey(
    steps=(
        event(
            # The first order is gone, which is no fault; the second message is no order.
            sqs_event([{"customerId": "{user}", "orderId": "{uuid}"}, {"orderId": "nobody's"}]),
            name="a batch with one message that is no order",
            expect={"batchItemFailures": contains({"itemIdentifier": _MESSAGE})},
        ),
    )
)

NIGHTLY = Journey(
    steps=(
        event(
            # The report of the day is written anew each time.
            scheduled_event(),
            name="the day's report",
            expect={"report": text("daily/.*"), "orders": instance_of("number")},
            only=_TRIALS,
        ),
    )
)
