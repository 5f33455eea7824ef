"""How the orders service is tried."""

from __future__ import annotations

from tapgen.journey import Expectation, Journey, anything, empty_batch, event, request, scheduled_event, sqs_event

API = Journey(
    steps=(
        request("GET /health", name="health", expect=Expectation(status=200, body={"status": "ok"})),
        request(
            "POST /orders",
            name="place",
            body={"customer": "{user}", "item": "book"},
            expect=Expectation(status=201, body={"customerId": "{user}", "status": "placed"}),
            save={"order": "orderId"},
        ),
        request("GET /orders/{order}", name="read", query={"customer": "{user}"}, expect=200),
        request("GET /orders", name="list", query={"status": "placed"}, expect=200),
        request("DELETE /orders/{order}", name="cancel", query={"customer": "{user}"}, expect=204, clean_up=True),
    )
)

FULFILMENT = Journey(
    steps=(
        event(empty_batch(), name="empty batch", expect={"batchItemFailures": []}),
        event(
            sqs_event([{"customerId": "{user}", "orderId": "{unique}"}]),
            name="an order that is gone",
            expect={"batchItemFailures": []},
        ),
    )
)

NIGHTLY = Journey(steps=(event(scheduled_event(), name="report", expect={"report": anything()}),))
