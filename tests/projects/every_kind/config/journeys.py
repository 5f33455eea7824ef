"""How the parts are tried."""

from tapgen.journey import NOBODY, Expectation, Journey, event, request

FRONT = Journey(
    steps=(
        request("GET /health", name="health", as_user=NOBODY, expect=Expectation(status=200, body={"status": "ok"})),
    )
)
EVERYTHING = Journey(
    steps=(event({"schedule": "trial"}, name="a schedule's payload", expect={"batchItemFailures": []}),)
)
