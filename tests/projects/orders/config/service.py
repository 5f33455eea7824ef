"""The orders service."""

import journeys

from tapgen.service import Service, every

service = Service("orders")

orders = service.table(
    "orders", partition_key="customerId", sort_key="orderId", indexes={"by-status": ("status", "orderId")}
)
jobs = service.queue("fulfilment", dead_letter_after=3)
reports = service.bucket("reports", expire_after_days=400)

api = service.function("api").tried_by(journeys.API)
api.route("POST /orders").may(orders.put, jobs.send)
api.route("GET /orders/{orderId}").may(orders.get)
api.route("GET /orders").may(orders.query("by-status"))
api.route("DELETE /orders/{orderId}").may(orders.delete)
api.route("GET /health", public=True)

fulfilment = service.function("fulfilment", on=jobs.messages(batch=10)).tried_by(journeys.FULFILMENT)
fulfilment.may(orders.update)

nightly = service.function("nightly", on=every("1 day", at="02:00")).tried_by(journeys.NIGHTLY)
nightly.may(orders.query("by-status"), reports.put("daily/*"))
