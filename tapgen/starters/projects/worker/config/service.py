"""The {{name}} service: jobs are taken by an HTTP API, wait in a queue, and are done by a function of their own."""

import journeys

from tapgen.service import Service, every

service = Service("{{name}}")

jobs = service.table(
    "jobs",
    partition_key="jobId",
    indexes={"by-status": ("status", "takenAt:N")},
    ttl_attribute="expiresAt",
)
work = service.queue("work", dead_letter_after=3)

intake = service.function("intake", description="Takes jobs and tells how they stand")
intake.route("POST /jobs").may(jobs.put, work.send)
intake.route("GET /jobs/{jobId}").may(jobs.get)
intake.route("GET /health", public=True)
intake.tried_by(journeys.INTAKE)

# A message that fails three times goes to the queue's dead letters, and an alarm says so.
worker = service.function("worker", on=work.messages(batch=10), description="Does the jobs")
worker.may(jobs.update)
worker.tried_by(journeys.WORKER)

# What was written down and never done is queued again.
sweep = service.function("sweep", on=every("15 minutes"), description="Queues late jobs again")
sweep.may(jobs.query("by-status"), work.send)
sweep.tried_by(journeys.SWEEP)
