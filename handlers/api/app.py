"""Entry point of the API function: made once at init, called for every request."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics

from handlers.api.service import Api
from handlers.api.storage import Table
from handlers.common.clients import make_client
from handlers.common.settings import read_setting

_metrics = Metrics()
_api = Api(
    Table(make_client("dynamodb"), read_setting("TABLE_NAME")),
    authorization=read_setting("AUTHORIZATION"),
    logger=Logger(),
    metrics=_metrics,
)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Lambda's entry point."""
    try:
        return _api.handle(event)
    finally:
        _metrics.flush_metrics()
