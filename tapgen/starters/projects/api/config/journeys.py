"""How the service is tried: by the hooks of a deploy, by probes, and by `tapgen verify`, `rehearse` and `iam prove`."""

from tapgen.journey import NOBODY, Expectation, Journey, contains, each, exactly, request

_ORDER = {"customerId": "{user}", "orderId": "{uuid}", "item": "trial", "quantity": 1, "status": "open"}

API = Journey(
    steps=(
        request("GET /health", name="health", as_user=NOBODY, expect=Expectation(status=200, body={"status": "ok"})),
        request(
            "POST /customers/{user}/orders",
            name="create",
            # An id of the walk's own: the order can be deleted even when the answer is lost.
            body={"orderId": "{uuid}", "item": "trial"},
            expect=Expectation(status=201, body=exactly(_ORDER)),
        ),
        request(
            "GET /customers/{user}/orders/{uuid}",
            name="read",
            expect=Expectation(status=200, body=exactly(_ORDER)),
        ),
        request(
            "GET /customers/{user}/orders",
            name="list",
            expect=Expectation(status=200, body={"orders": contains({"orderId": "{uuid}"})}),
            # The list is read eventually consistent.
            within_s=5,
            only=("hook", "verify", "prove"),
        ),
        request(
            "GET /orders",
            name="list by status",
            query={"status": "open"},
            expect=Expectation(status=200, body={"orders": each({"status": "open"})}),
            only=("hook", "verify", "prove"),
        ),
        request("DELETE /customers/{user}/orders/{uuid}", name="delete", expect=204),
        request(
            "GET /customers/{user}/orders/{uuid}",
            name="read deleted",
            expect=404,
            only=("hook", "verify", "prove"),
        ),
        request("DELETE /customers/{user}/orders/{uuid}", name="clean up", clean_up=True, unless="delete"),
    )
)
