"""The transactions service: an API over a table, and an archive of every change to it."""

from __future__ import annotations

import journeys

from tapgen.service import EnvironmentValue, Line, Service

service = Service("transactions")

require_if_match = service.setting(
    "require_if_match",
    default=False,
    description="PUT and DELETE without If-Match are refused (428): nobody overwrites what they have not read.",
)

transactions = service.table(
    "transactions",
    partition_key="userId",
    sort_key="transactionId",
    # A transaction's, an idempotency record's and a cursor key's.
    attributes=[
        *("amount", "currency", "type", "status", "description", "metadata", "createdAt", "updatedAt", "version"),
        *("writeId", "fingerprint", "answer", "secret"),
    ],
)
archive = service.bucket("archive", variable="ARCHIVE_BUCKET")
letters = service.queue("dead-letters", holds_failures=True, logical_id="DeadLetterQueue")

api = service.function(
    "api",
    variables={
        "AUTHORIZATION": EnvironmentValue(path="api.authorization"),
        "REQUIRE_IF_MATCH": require_if_match,
        "TABLE_NAME": transactions.reference("name"),
        # Without time to live the function alone tells what has expired.
        "TTL_ATTRIBUTE": transactions.reference("ttl_attribute", default="expiresAt"),
    },
)
# A transaction that is created stands beside the record of its idempotency key.
api.route("POST /users/{userId}/transactions", logical_id="CreateTransaction").may(transactions.get, transactions.put)
api.route("GET /users/{userId}/transactions", logical_id="ListTransactions").may(transactions.query())
api.route("GET /users/{userId}/transactions/{transactionId}", logical_id="GetTransaction").may(transactions.get)
api.route("PUT /users/{userId}/transactions/{transactionId}", logical_id="ReplaceTransaction").may(
    transactions.get, transactions.put
)
api.route("DELETE /users/{userId}/transactions/{transactionId}", logical_id="DeleteTransaction").may(
    transactions.get, transactions.delete
)
api.route("GET /health", public=True)
api.route("GET /openapi.json", public=True, logical_id="GetDescription")
api.route("GET /docs", public=True, logical_id="GetDocumentation")
# With the environment's authorization, although it only ever answers 404 and 405: strangers run no code of ours by
# guessing paths, and a route that somebody forgets to list here is closed, not open.
api.route("$default")
api.tried_by(journeys.API)

archiver = service.function(
    "archiver",
    on=transactions.changes(window_s=1, on_failure=letters, logical_id="ArchiverSource"),
    variables={"DEAD_LETTER_QUEUE": letters.reference("name")},
)
archiver.may(archive.get("transactions/*"), archive.put("transactions/*"), letters.find, letters.send)
archiver.tried_by(journeys.ARCHIVER)

service.graph(
    "Records (per minute)",
    Line(function="archiver", metric="RecordsArchived", label="archived"),
    Line(function="archiver", metric="PoisonRecords", label="not readable", color="red"),
    unit="records",
    section="Archive",
)
service.graph(
    "Transactions (per minute)",
    Line(function="api", metric="TransactionsCreated", label="created"),
    Line(function="api", metric="TransactionDuplicates", label="repeated requests"),
    Line(function="api", metric="TransactionConflicts", label="conflicts", color="orange"),
    unit="transactions",
    section="Transactions",
)
service.graph(
    "Time in the handler (ms)",
    *(Line(function="api", metric="RequestDuration", statistic=stat, label=stat) for stat in ("p50", "p90", "p99")),
    unit="ms",
    section="Transactions",
)

service.query(
    "errors-by-route-and-version",
    # A log stream belongs to an execution environment, and its name has the version in brackets.
    'filter message = "request" and status >= 400\n'
    "| parse @logStream /\\[(?<version>[^\\]]+)\\]/\n"
    "| stats count(*) as answers, latest(problem) as problem, latest(request_id) as example"
    " by version, route, status\n"
    "| sort answers desc",
    logs=["api"],
    logical_id="ErrorsByVersionQuery",
)
service.query(
    "one-request",
    "filter @message like 'PUT-REQUEST-ID-HERE'\n"
    "| fields @timestamp, @log, coalesce(route, routeKey) as route, status, duration_ms, responseLatencyMs,"
    " problem, user, @message\n"
    "| sort @timestamp asc\n"
    "| limit 100",
    logs=["access", "api"],
)
service.query(
    "one-user",
    "filter user = 'PUT-USER-ID-HERE'\n"
    "| fields @timestamp, route, status, problem, duration_ms, request_id\n"
    "| sort @timestamp desc\n"
    "| limit 200",
    logs=["api"],
)
