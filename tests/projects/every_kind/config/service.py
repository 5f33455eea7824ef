"""Every kind of part and every option of it, once."""

from __future__ import annotations

import journeys
from troposphere.ssm import Parameter as StoredParameter

from tapgen.service import Calls, Line, Service, cron, every, existing

service = Service("kinds", title="Every kind")

greeting = service.setting("greeting", default="hello", description="What the front answers.")

items = service.table(
    "items",
    partition_key="owner",
    sort_key="made:N",
    indexes={"by-state": ("state", "made:N"), "by-size": "size:N"},
    local_indexes={"by-title": "title"},
    attributes=("body",),
    stream=True,
    ttl_attribute="expiresAt",
)
seen = service.table("seen", partition_key="what", sort_key="id")
jobs = service.queue("jobs", dead_letter_after=2, visibility_timeout_s=60, retention_days=3)
ordered = service.queue("ordered", fifo=True, dead_letter_after=5)
told = service.queue("told")
failed = service.queue("failed", holds_failures=True)
files = service.bucket("files", expire_after_days=100, glacier_after_days=7)
news = service.topic("news", queues=[told])
facts = service.bus("facts")
placed = service.rule("placed", pattern={"source": ["kinds"], "detail-type": ["placed"]}, bus=facts)
payment = service.secret("payment", generated_length=24)
limit = service.parameter("limit")

front = service.function(
    "front",
    description="Answers requests",
    variables={"GREETING": greeting, "ITEMS_INDEX": items.reference("ttl_attribute")},
)
front.route("POST /items", rate_rps=20, burst=40).may(items.put, jobs.send, ordered.send)
front.route("GET /items/{owner}").may(items.query(), items.query("by-state"), items.query("by-title"))
front.route("POST /news").may(news.publish, facts.put)
front.route("PUT /files/{name}").may(files.put("uploads/*"), files.get("uploads/*"))
front.route("GET /secret").may(payment.read, limit.read)
front.route("GET /seen").may(seen.scan)
front.route("GET /health", public=True)
front.route("$default")
front.tried_by(journeys.FRONT)

everything = service.function(
    "everything",
    on=[
        jobs.messages(batch=20, window_s=1, maximum_concurrency=2),
        ordered.messages(batch=10),
        items.changes(batch=50, window_s=1, parallelization=2, on_failure=failed),
        news.notifications(filter_policy={"kind": ["wanted"]}, on_failure=failed),
        placed.events(retries=2, maximum_age_s=120, on_failure=failed),
        files.objects("uploads/*", on_failure=failed),
        cron("0 8 ? * MON-FRI *", timezone="Europe/Berlin", payload={"schedule": "weekdays"}).with_attempts(
            retries=1, maximum_age_s=60, on_failure=failed
        ),
        every("1 day", at="02:00", payload={"schedule": "nightly"}),
    ],
    calls=Calls(on_success=told, on_failure=failed, retries=1, maximum_age_s=300),
    memory_mb=256,
    timeout_s=10,
).may(seen.put)
everything.tried_by(journeys.EVERYTHING)

# Node.js: a build command makes its code.
mirror = service.function(
    "mirror",
    runtime="nodejs22.x",
    entry_point="index.handler",
    build="""sh -c 'cp handlers/mirror/index.mjs "$TAPGEN_OUT"/'""",
    layered=False,
).may(facts.put)

service.graph("Things seen", Line(function="everything", metric="Seen"), unit="things", section="Everything")
service.query("failures", "filter level = 'ERROR' | limit 20", logs=["everything", "access"])

# What others own: the test makes it before the first deploy.
PARTITION = "${AWS::Partition}"
OWNER = "us-east-1:000000000000"
billing = existing.queue(f"arn:{PARTITION}:sqs:{OWNER}:billing")
billing_news = existing.topic(f"arn:{PARTITION}:sns:{OWNER}:billing-news")
private = service.queue(
    "private", key=existing.key("arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/mrk-0a1b2c3d")
)
guest = service.function(
    "guest",
    folder="everything",
    on=[billing.messages(), billing_news.notifications()],
    vpc=existing.vpc(subnets=["subnet-0a1b2c3d"], security_groups=["sg-0a1b2c3d"]),
    layers=["arn:aws:lambda:us-east-1:901920570463:layer:aws-otel-python-arm64-ver-1-32-0:2"],
)
guest.may(
    seen.put,
    existing.bucket("billing-reports").get("daily/*"),
    existing.table(f"arn:{PARTITION}:dynamodb:{OWNER}:table/billing", indexes=("by-day",)).query("by-day"),
    existing.bus(f"arn:{PARTITION}:events:{OWNER}:event-bus/shared").put,
    existing.secret(f"arn:{PARTITION}:secretsmanager:{OWNER}:secret:pay-AbCdEf", variable="PAY_SECRET").read,
)
borrowed = service.function(
    "borrowed", folder="borrowed", role=existing.role("arn:aws:iam::000000000000:role/shared/borrowed")
)
borrowed.route("GET /borrowed", public=True)
front.may(billing.send, billing_news.publish)
# The embedded AWS deploys it and cannot run it.
service.function("pictured", image=f"000000000000.dkr.ecr.us-east-1.amazonaws.com/pictures@sha256:{'0' * 64}")

# Ways out.
# Without a name of its own: CloudFormation begins it with the stack's, which is what its role may make.
service.resource("data", StoredParameter("Motto", Type="String", Value="every kind once"))


def _keep_longer(resource: object) -> None:
    if getattr(resource, "resource_type", "") == "AWS::SQS::Queue":
        resource.MessageRetentionPeriod = 600  # type: ignore[attr-defined]  # a queue's property


service.customize(told, _keep_longer)
