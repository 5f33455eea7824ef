"""The API function as it ships, one log line and metrics a request included."""

from handlers.api import app

client = app._table._client  # noqa: SLF001 - the stub sits on the client that the function made
handler = app.handler
