"""Entry point of the API function: made once at init, called for every request."""

from __future__ import annotations

from typing import Any

from handlers.api.cursors import Cursors
from handlers.api.operations import Storage
from handlers.api.rules import Rules
from handlers.api.service import Api
from handlers.api.storage import Table
from handlers.common.clients import make_client
from handlers.common.failures import FailureLog
from handlers.common.journal import Journal
from handlers.common.settings import read_flag, read_setting
from handlers.common.snapshots import after_restore

with FailureLog():
    _client = make_client("dynamodb")
    _table = Table(_client, read_setting("TABLE_NAME"), ttl_attribute=read_setting("TTL_ATTRIBUTE"))
    _api = Api(
        Storage(_table, Cursors(_table)),
        Rules(authorization=read_setting("AUTHORIZATION"), require_if_match=read_flag("REQUIRE_IF_MATCH")),
        Journal(read_setting("POWERTOOLS_SERVICE_NAME"), read_setting("POWERTOOLS_METRICS_NAMESPACE")),
    )
    after_restore(_client.close)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    with FailureLog(context):
        return _api.handle(event)
