"""Lines of several log groups as one stream in the order of time, once or for as long as somebody reads.

CloudWatch takes events in later, and in another order, than they happened: who follows looks back each time, and knows
by its id what was told already.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tapgen.aws.log_events import LogWindow, read_events
from tapgen.errors import AwsError
from tapgen.telemetry.log_lines import parse_line, version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mypy_boto3_logs import CloudWatchLogsClient

    from tapgen.telemetry.log_lines import LogLine
    from tapgen.telemetry.log_sources import Source

LOOK_BACK_MS = 30_000
"""How late an event may come in and still be told; most are there within seconds."""
# FilterLogEvents allows five calls a second in an account and region; a deployment has five groups (CloudWatch Logs
# quotas), and nobody reads faster.
POLL_S = 2.0
_LONGEST_POLL_S = 30.0
_PASSING = {"Throttling", "ThrottlingException", "TooManyRequestsException", "unreachable", "ServiceUnavailable"}


@dataclass(kw_only=True)
class Tail:
    """Reads the same sources again and again.

    Attributes:
        client: Of CloudWatch Logs.
        sources: What to read.
        text: What a line must hold; empty takes all.
    """

    client: CloudWatchLogsClient
    sources: Sequence[Source]
    text: str = ""
    _told: dict[str, int] = field(default_factory=dict)
    """Event id → its time, of the events that a later read may meet again."""

    def read(self, *, start_ms: int) -> Iterator[LogLine]:
        """Lines since a moment that were not told before, in the order of time."""
        streams = [self._read_source(source, start_ms=start_ms) for source in self.sources]
        yield from heapq.merge(*streams, key=lambda line: line.time)

    def follow(
        self, *, start_ms: int, now_ms: Callable[[], int], sleep: Callable[[float], None], warn: Callable[[str], None]
    ) -> Iterator[LogLine]:
        """Lines since a moment, and then for ever; ends when the caller stops reading.

        Throttled or unreachable, it waits longer, says so once, and goes on.

        Raises:
            AwsError: A log may not be read.
        """
        wait_s = POLL_S
        while True:
            now = now_ms()
            try:
                yield from self.read(start_ms=start_ms)
            except AwsError as error:
                if error.code not in _PASSING:
                    raise
                if wait_s == POLL_S:
                    warn(f"{error}; trying again more slowly")
                wait_s = min(_LONGEST_POLL_S, wait_s * 2)
            else:
                wait_s = POLL_S
                start_ms = max(start_ms, now - LOOK_BACK_MS)
                self._forget(start_ms)
            sleep(wait_s)

    def _read_source(self, source: Source, *, start_ms: int) -> Iterator[LogLine]:
        window = LogWindow(group=source.group, start_ms=start_ms, text=self.text)
        for event in read_events(self.client, window):
            # A stream's name begins with a date, so that CloudWatch cannot be asked for one version by its prefix.
            if event.event_id in self._told or not source.admits(version_of(event.stream)):
                continue
            self._told[event.event_id] = event.timestamp_ms
            yield parse_line(event, source.name)

    def _forget(self, start_ms: int) -> None:
        """What is older than the next window cannot be met again."""
        self._told = {event: time_ms for event, time_ms in self._told.items() if time_ms >= start_ms}
