"""Listens while a release is deployed, and writes its report when it has ended.

What changed is worked out beside the deploy, from the moment that its execution begins; metrics are asked for when a
shift took time, and in one call for each. Nothing here fails an operation: what goes wrong is a warning.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tapgen.aws import storage
from tapgen.errors import TapgenError
from tapgen.events import ShiftProgressed, StackEvent
from tapgen.object_keys import report_key

if TYPE_CHECKING:
    from concurrent.futures import Future

    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.events import Event
    from tapgen.ledger.record import Intent, Record
    from tapgen.model import Rendered, Shift
    from tapgen.report.comparison import Comparison
    from tapgen.report.model import Report, ShiftStory


class ReleaseReporter:
    """The reporter of one operation; :mod:`tapgen.engine.reporting` says when it is called.

    Args:
        context: The operation's; :attr:`context` is the one to hand to it instead.
        deployment: Whose release it is.
        rendered: The release, where it was rendered here.
    """

    def __init__(self, context: Context, deployment: Deployment, rendered: Rendered | None = None) -> None:
        self._silent = context
        self._deployment = deployment
        self._rendered = rendered
        self._events: list[StackEvent] = []
        self._seen: list[tuple[float, Shift]] = []
        self._compared: Future[Comparison] | None = None

    @property
    def context(self) -> Context:
        """The operation's context, whose events are heard here, too."""
        return replace(self._silent, emit=self._hear)

    def begin(self, intent: Intent) -> None:
        """Compare the release with the live one while CloudFormation works.

        What was heard before, a bootstrap for instance, is none of the release's.
        """
        self._events.clear()
        self._seen.clear()
        if self._compared is None:
            pool = ThreadPoolExecutor(1, thread_name_prefix="report")
            self._compared = pool.submit(self._compare, intent)
            pool.shutdown(wait=False)

    def end(self, record: Record) -> None:
        """Write the report."""
        key = report_key(self._deployment.name, record.sequence, "json")
        try:
            write_report(self._silent, self._deployment, self._make(record))
        except TapgenError as error:
            self._warn(record, str(error))
        except Exception as error:  # noqa: BLE001 - a page that cannot be drawn must not fail a release that went well
            self._warn(record, f"{type(error).__name__}: {error} ({key})")

    def _hear(self, event: Event) -> None:
        if isinstance(event, StackEvent):
            self._events.append(event)
        elif isinstance(event, ShiftProgressed):
            self._seen.append((time.time(), event.shift))
        self._silent.emit(event)

    def _compare(self, intent: Intent) -> Comparison:
        from tapgen.report.comparison import compare_with_previous

        templates = self._rendered.templates if self._rendered else None
        return compare_with_previous(self._silent, self._deployment, intent, templates=templates)

    def _make(self, record: Record) -> Report:
        from tapgen.report.model import Report
        from tapgen.report.shifting import Seen, tell_shifts
        from tapgen.report.timeline import draw_bars
        from tapgen.report.verdicts import with_verdicts

        stories = tell_shifts(Seen(at=at, shift=shift) for at, shift in self._seen)
        aliases = {shift.function: shift.alias for _, shift in self._seen}
        told = [self._with_series(story, aliases[story.function]) for story in stories]
        comparison, missing = self._compared_in_time()
        return Report(
            record=record,
            bars=draw_bars(self._events),
            shifts=with_verdicts((story for story, _ in told), record),
            changes=comparison.changes if comparison else None,
            costs=comparison.costs if comparison else None,
            missing=(*missing, *(text for _, text in told if text)),
        )

    def _compared_in_time(self) -> tuple[Comparison | None, tuple[str, ...]]:
        if self._compared is None:
            return None, ("what changed: it was not compared",)
        try:
            comparison = self._compared.result()
        except TapgenError as error:
            return None, (f"what changed: {error}",)
        return comparison, comparison.missing

    def _with_series(self, story: ShiftStory, alias: str) -> tuple[ShiftStory, str]:
        """The story with what its versions answered, and what is missing of that."""
        if not story.window_min:
            return story, ""
        try:
            return add_series(self._silent, story, alias), ""
        except TapgenError as error:
            return story, f"metrics of {story.function}: {error}"

    def _warn(self, record: Record, why: str) -> None:
        self._silent.warn(
            f"the report of release {record.sequence} could not be written: {why}",
            hint=f"`tapgen report {self._deployment.options} --release {record.sequence}` makes it from the record",
            code="report-unwritten",
        )


def write_report(context: Context, deployment: Deployment, report: Report) -> None:
    """Put the report and its page into the bucket, both at once."""
    from tapgen.report.model import encode
    from tapgen.report.page import draw_page

    files = (
        ("json", "application/json", encode(report)),
        ("html", "text/html; charset=utf-8", draw_page(report).encode()),
    )
    uploads = [
        storage.Upload(
            key=report_key(deployment.name, report.record.sequence, suffix),
            size_bytes=len(body),
            content_type=content_type,
            body=body,
        )
        for suffix, content_type, body in files
    ]
    storage.put_all(context.aws.client("s3"), deployment.bucket, uploads, progress=lambda _bytes, _objects: None)


def add_series(context: Context, story: ShiftStory, alias: str) -> ShiftStory:
    """The story with what both versions answered, minute by minute (one call)."""
    from tapgen.aws.alarms import ShiftedVersion
    from tapgen.aws.version_metrics import read_version_series
    from tapgen.report.model import Series

    versions = [
        ShiftedVersion(function=story.function, alias=alias, version=version)
        for version in (story.current_version, story.target_version)
    ]
    found = read_version_series(
        context.aws,
        versions,
        since=datetime.fromtimestamp(story.start, UTC),
        until=datetime.fromtimestamp(story.end, UTC),
    )
    return replace(
        story, series=tuple(Series(version=each.version, metric=each.metric, points=each.points) for each in found)
    )
