"""A deployed service that can be put into trouble, its alarms, and an endpoint that hears of them."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.local.cli.conftest import Project

PREFIX = "transactions-local-us-east-1-"
TIMEOUT_S = 60.0

# Troubles that callers cause by name: the rest of the function stays as it is.
_API_TROUBLE = '''

_healthy = handler


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The handler, with trouble for some callers."""
    import time

    path = event.get("rawPath", "")
    if "/users/boom" in path:
        raise RuntimeError("broken")
    if "/users/slow" in path:
        time.sleep(1.2)
    return _healthy(event, context)
'''
_ARCHIVER_TROUBLE = '''

_healthy = handler


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The handler, with trouble for some records."""
    import time

    if "crash" in str(event):
        raise RuntimeError("broken")
    if "stall" in str(event):
        time.sleep(0.6)
    return _healthy(event, context)
'''
# Minutes take 0.6 s: the windows are short, so that what must fill them fills them in seconds.
_SETTINGS = """\
    alarms:
      latency_p90_baseline_ms: 400
      latency_tolerance: 2.0
      error_rate_minimum_requests: 2
      escalate_after_min: 4
      iterator_age_ms: 1000
    slo:
      latency: {threshold_ms: 800, percent: 90.0}
      minimum_requests: 2
      burn_rates:
        - {long_min: 6, short_min: 2, factor: 4, severity: critical}
        - {long_min: 12, short_min: 4, factor: 2, severity: warning}
"""


def prepare(project: Project) -> None:
    """Give the project's local environment quick alarms, objectives, a short canary and troubles on demand."""
    file = project.folder / "config" / "environments.yaml"
    text = file.read_text(encoding="utf-8")
    before, local, after = text.partition("  local:\n")
    file.write_text(before + local + after.replace("    slo: null\n", _SETTINGS, 1), encoding="utf-8")
    project.configure_canary("percentage: 10", "interval_min: 5")
    for role, trouble in (("api", _API_TROUBLE), ("archiver", _ARCHIVER_TROUBLE)):
        entry = project.folder / "handlers" / role / "app.py"
        entry.write_text(entry.read_text(encoding="utf-8") + trouble, encoding="utf-8")


@dataclass
class Pager:
    """An HTTP endpoint that subscribes itself and keeps what it is told."""

    url: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)

    def alarms(self, state: str) -> set[str]:
        """Alarms, without the prefix, of which it was told that they are in a state."""
        return {
            message["AlarmName"].removeprefix(PREFIX)
            for message in list(self.told)
            if message.get("NewStateValue") == state
        }


@contextlib.contextmanager
def pager() -> Iterator[Pager]:
    """A pager that listens on this machine."""
    found = Pager()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            if body["Type"] == "SubscriptionConfirmation":
                with urllib.request.urlopen(body["SubscribeURL"], timeout=30):  # noqa: S310 - the embedded AWS's
                    return
            found.told.append(json.loads(body["Message"]))

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


class Service:
    """The deployed service and its alarms."""

    def __init__(self, project: Project, url: str) -> None:
        self.project = project
        self.url = url
        self.cloudwatch = project.client("cloudwatch")

    def call(self, user: str, document: dict[str, str] | None = None) -> int:
        """List a user's transactions, or create one; answers the status."""
        request = urllib.request.Request(  # noqa: S310 - the embedded AWS's
            f"{self.url}/users/{user}/transactions",
            data=json.dumps(document).encode() if document else None,
            headers={"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the embedded AWS's
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def create(self, user: str) -> None:
        """Make a change that the archiver gets."""
        assert self.call(user, {"amount": "1.00", "currency": "EUR", "type": "debit"}) == 201

    @contextlib.contextmanager
    def traffic(self, user: str, *, callers: int = 4) -> Iterator[None]:
        """Callers that list a user's transactions as long as the block lasts."""
        stop = threading.Event()

        def call() -> None:
            while not stop.wait(0.05):
                self.call(user)

        with ThreadPoolExecutor(callers) as pool:
            calls = [pool.submit(call) for _ in range(callers)]
            try:
                yield
            finally:
                stop.set()
        for each in calls:
            each.result()

    @contextlib.contextmanager
    def changes(self, user: str, *, every_s: float = 0.2) -> Iterator[None]:
        """A writer that makes changes as long as the block lasts."""
        stop = threading.Event()

        def write() -> None:
            while not stop.wait(every_s):
                self.create(user)

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(write)
            try:
                yield
            finally:
                stop.set()
        writing.result()

    def states(self) -> dict[str, str]:
        """Every alarm of the deployment, without the prefix."""
        pages = self.cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=PREFIX, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        return {
            alarm["AlarmName"].removeprefix(PREFIX): alarm["StateValue"]
            for page in pages
            for alarm in (*page["MetricAlarms"], *page["CompositeAlarms"])
        }

    def described(self, name: str) -> dict[str, Any]:
        """A composite alarm."""
        found = self.cloudwatch.describe_alarms(AlarmNames=[PREFIX + name], AlarmTypes=["CompositeAlarm"])
        alarm: dict[str, Any] = found["CompositeAlarms"][0]
        return alarm

    def went_off(self, since: datetime) -> set[str]:
        """Alarms that have gone into ALARM since a moment, whatever they are in now."""
        pages = self.cloudwatch.get_paginator("describe_alarm_history").paginate(
            AlarmTypes=["MetricAlarm", "CompositeAlarm"], HistoryItemType="StateUpdate", StartDate=since
        )
        return {
            item["AlarmName"].removeprefix(PREFIX)
            for page in pages
            for item in page["AlarmHistoryItems"]
            if item["HistorySummary"].endswith(" to ALARM") and item["Timestamp"] >= since
        }

    def await_alarms(self, *names: str, since: datetime) -> None:
        """Wait until all of these have gone off."""
        until(lambda: sorted(set(names) - self.went_off(since)), what="in ALARM")

    def await_quiet(self) -> None:
        """Wait until no alarm but a guard's is left; guards belong to versions, and their shifts are over."""
        until(self._red, what="over")

    def await_quiet_without_letters(self) -> None:
        """The same, deleting the dead letters that still come: batches end there after their last attempt."""
        sqs = self.project.client("sqs")
        queue = sqs.get_queue_url(QueueName=f"{PREFIX}dead-letters")["QueueUrl"]

        def left() -> list[str]:
            sqs.purge_queue(QueueUrl=queue)
            return self._red()

        until(left, what="over")

    def _red(self) -> list[str]:
        return [name for name, state in self.states().items() if state == "ALARM" and "guard-" not in name]


def until(remaining: Callable[[], list[str]], *, what: str) -> None:
    """Wait until nothing remains."""
    deadline = time.monotonic() + TIMEOUT_S
    while left := remaining():
        assert time.monotonic() < deadline, f"not {what}: {left}"
        time.sleep(0.1)


def now() -> datetime:
    """The moment from which a trouble counts."""
    return datetime.now(UTC)
