"""How the service is tried: by the hooks of a deploy, by probes, and by `tapgen verify`, `rehearse` and `iam prove`."""

from tapgen.journey import NOBODY, Expectation, Journey, event, instance_of, request, scheduled_event, sqs_event

# A job cannot be taken back, so traffic at a steady rate makes none; a trial's job expires like any other.
_TRIALS = ("hook", "verify", "prove")

INTAKE = Journey(
    steps=(
        request("GET /health", name="health", as_user=NOBODY, expect=Expectation(status=200, body={"status": "ok"})),
        request(
            "POST /jobs",
            name="take",
            body={"text": "a trial"},
            expect=Expectation(status=202, body={"text": "a trial", "status": "waiting"}),
            save={"job": "jobId"},
            only=_TRIALS,
        ),
        request(
            "GET /jobs/{job}",
            name="tell",
            expect=Expectation(status=200, body={"jobId": "{job}", "text": "a trial"}),
            within_s=5,
            only=_TRIALS,
        ),
    )
)

_NO_FAILURES = {"batchItemFailures": []}

WORKER = Journey(
    steps=(
        event(
            sqs_event([{"jobId": "{uuid}", "text": "a trial"}]),
            # The worker asks the table for a job that nobody gave, and leaves nothing behind.
            name="a job that is gone",
            expect=_NO_FAILURES,
        ),
    )
)

# Looking twice queues a job twice, which is then done once.
SWEEP = Journey(steps=(event(scheduled_event(), name="look once", expect={"queued": instance_of("number")}),))
