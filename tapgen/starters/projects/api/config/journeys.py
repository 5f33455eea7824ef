"""How the service is tried: by the hooks of each new version, ``verify``, ``rehearse`` and ``iam prove`` alike."""

from tapgen.journey import NOBODY, Expectation, Journey, contains, request

ALL = "/customers/{user}/orders"
ONE = f"{ALL}/{{uuid}}"

API = Journey(
    steps=(
        request("GET /health", as_user=NOBODY, expect=200),
        request(
            f"POST {ALL}",
            name="create",
            # An id of the walk's own: the order can be deleted even when the answer is lost.
            body={"orderId": "{uuid}", "item": "tea", "quantity": 2},
            expect=Expectation(status=201, body={"item": "tea", "status": "open"}),
        ),
        request(f"GET {ONE}", name="read", expect=Expectation(status=200, body={"quantity": 2})),
        request(
            f"GET {ALL}",
            name="list",
            expect=Expectation(status=200, body={"orders": contains({"orderId": "{uuid}"})}),
        ),
        request("GET /orders", name="list open", query={"status": "open"}, expect=200),
        request(f"DELETE {ONE}", name="delete", expect=204),
        request(f"GET {ONE}", name="read deleted", expect=404),
        request(f"DELETE {ONE}", name="clean up", clean_up=True, unless="delete"),
    ),
)
