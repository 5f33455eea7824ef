"""How the service is tried: by the hooks of each new version, ``verify``, ``rehearse`` and ``iam prove`` alike."""

from tapgen.journey import NOBODY, Expectation, Journey, event, request, sqs_event

# A trial leaves a job behind; the table forgets it within a week, as it does every job.
INTAKE = Journey(
    steps=(
        request("GET /health", as_user=NOBODY, expect=200),
        request(
            "POST /jobs",
            name="give",
            body={"text": "count these words"},
            expect=Expectation(status=202, body={"status": "waiting"}),
            save={"job": "jobId"},
        ),
        request("GET /jobs/{job}", name="read", expect=Expectation(status=200, body={"jobId": "{job}"})),
        request("POST /jobs", name="refuse", body={"text": ""}, expect=400),
    ),
)

# A message of a job that nobody gave: the worker asks the table for it, and leaves nothing behind.
WORKER = Journey(
    steps=(
        event(sqs_event([]), name="empty batch", expect={"batchItemFailures": []}),
        event(
            sqs_event([{"jobId": "{uuid}", "text": "count these words"}]),
            name="a job that is gone",
            expect={"batchItemFailures": []},
        ),
    ),
)
