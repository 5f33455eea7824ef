"""The {{name}} service: an HTTP API over a table of orders."""

import journeys

from tapgen.service import Service

service = Service("{{name}}")

orders = service.table(
    "orders",
    partition_key="customerId",
    sort_key="orderId",
    indexes={"by-status": ("status", "orderId")},
)

api = service.function("api", description="Takes orders and answers for them")
api.route("POST /customers/{customerId}/orders").may(orders.put)
api.route("GET /customers/{customerId}/orders").may(orders.query())
api.route("GET /customers/{customerId}/orders/{orderId}").may(orders.get)
api.route("DELETE /customers/{customerId}/orders/{orderId}").may(orders.delete)
api.route("GET /orders").may(orders.query("by-status"))
api.route("GET /health", public=True)
api.tried_by(journeys.API)
