"""Entry point of the archiver: made once at init, called for every batch of the stream."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics

from handlers.archiver.archive import Archive
from handlers.archiver.dead_letters import DeadLetters
from handlers.archiver.service import Archiver
from handlers.common.clients import make_client
from handlers.common.failures import FailureLog
from handlers.common.settings import read_setting

with FailureLog():
    _metrics = Metrics()
    _archiver = Archiver(
        Archive(make_client("s3"), read_setting("ARCHIVE_BUCKET")),
        DeadLetters(read_setting("DEAD_LETTER_QUEUE")),
        logger=Logger(),
        metrics=_metrics,
    )


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    with FailureLog(context):
        try:
            return _archiver.archive(event)
        finally:
            _metrics.flush_metrics()
