"""Entry point of the API function: made once at init, called for every request."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics

from handlers.api.cursors import Cursors
from handlers.api.operations import Storage
from handlers.api.rules import Rules
from handlers.api.service import Api
from handlers.api.storage import Table
from handlers.common.clients import make_client
from handlers.common.settings import read_flag, read_setting

_metrics = Metrics()
_table = Table(make_client("dynamodb"), read_setting("TABLE_NAME"), ttl_attribute=read_setting("TTL_ATTRIBUTE"))
_api = Api(
    Storage(_table, Cursors(_table)),
    Rules(authorization=read_setting("AUTHORIZATION"), require_if_match=read_flag("REQUIRE_IF_MATCH")),
    logger=Logger(),
    metrics=_metrics,
)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Lambda's entry point."""
    try:
        return _api.handle(event)
    finally:
        _metrics.flush_metrics()
