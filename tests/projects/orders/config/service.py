"""The orders service."""

from tapgen.service import Service, every

service = Service("orders")

orders = service.table(
    "orders", partition_key="customerId", sort_key="orderId", indexes={"by-status": ("status", "orderId")}
)
jobs = service.queue("fulfilment", dead_letter_after=3)
reports = service.bucket("reports", expire_after_days=400)

api = service.function("api")
api.route("POST /orders").may(orders.put, jobs.send)
api.route("GET /orders/{orderId}").may(orders.get)
api.route("GET /orders").may(orders.query("by-status"))
api.route("GET /health", public=True)

service.function("fulfilment", on=jobs.messages(batch=10)).may(orders.update)
service.function("nightly", on=every("1 day", at="02:00")).may(orders.query("by-status"), reports.put("daily/*"))
