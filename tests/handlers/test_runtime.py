"""What the Lambda runtime adds around a function: traces, and snapshots that many functions are made from."""

from __future__ import annotations

import http.server
import importlib
import json
import random
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import snapshot_restore_py
from botocore.config import Config
from botocore.stub import Stubber

from handlers.common.snapshots import after_restore
from handlers.common.tracing import trace_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLED = "Root=1-67890abc-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1;Lineage=1:a:0"


@pytest.fixture(name="daemon")
def _daemon() -> Iterator[socket.socket]:
    """Listens as Lambda's X-Ray daemon does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(10)
        yield listener


def _client(daemon: socket.socket, trace: str) -> Any:
    client = boto3.client("dynamodb")
    host, port = daemon.getsockname()
    trace_calls(client, {"AWS_XRAY_DAEMON_ADDRESS": f"{host}:{port}", "_X_AMZN_TRACE_ID": trace})
    return client


def test_call_is_a_subsegment_of_the_invocation(daemon: socket.socket, table_name: str) -> None:
    """Name, operation, times and outcome, below the segment that Lambda made; nothing of the item."""
    _client(daemon, SAMPLED).get_item(TableName=table_name, Key={"userId": {"S": "ada"}, "transactionId": {"S": "x"}})

    text = daemon.recv(65536).decode()
    header, _, body = text.partition("\n")
    segment = json.loads(body)
    assert json.loads(header) == {"format": "json", "version": 1}
    assert (segment["trace_id"], segment["parent_id"]) == ("1-67890abc-0123456789abcdef01234567", "0123456789abcdef")
    assert (segment["type"], segment["namespace"], segment["name"]) == ("subsegment", "aws", "dynamodb")
    assert segment["aws"]["operation"] == "GetItem"
    assert segment["http"]["response"]["status"] == 200
    assert segment["start_time"] <= segment["end_time"]
    assert len(segment["id"]) == 16
    assert "ada" not in text
    assert "fault" not in segment


def test_failed_calls_say_so(daemon: socket.socket, table_name: str) -> None:
    """The caller's error, and a service that cannot be reached."""
    client = _client(daemon, SAMPLED)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_item(TableName="no-such-table", Key={"userId": {"S": "a"}, "transactionId": {"S": "x"}})
    assert json.loads(daemon.recv(65536).partition(b"\n")[2])["error"] is True

    client = boto3.client("dynamodb", endpoint_url="http://127.0.0.1:9", config=Config(retries={"max_attempts": 0}))
    host, port = daemon.getsockname()
    trace_calls(client, {"AWS_XRAY_DAEMON_ADDRESS": f"{host}:{port}", "_X_AMZN_TRACE_ID": SAMPLED})
    with pytest.raises(Exception, match="Could not connect"):
        client.get_item(TableName=table_name, Key={"userId": {"S": "a"}, "transactionId": {"S": "x"}})
    assert json.loads(daemon.recv(65536).partition(b"\n")[2])["fault"] is True


@pytest.mark.parametrize("trace", ["", SAMPLED.replace("Sampled=1", "Sampled=0"), "Sampled=1", "nonsense"])
def test_invocation_that_is_not_sampled_sends_nothing(daemon: socket.socket, trace: str) -> None:
    """Lambda decides which invocations are traced."""
    client = _client(daemon, trace)
    with Stubber(client) as stubber:
        stubber.add_response("get_item", {})
        client.get_item(TableName="t", Key={"userId": {"S": "a"}, "transactionId": {"S": "x"}})

    daemon.setblocking(False)  # noqa: FBT003 - the socket's own signature
    with pytest.raises(BlockingIOError):
        daemon.recv(1)


def test_start_imports_neither_the_xray_sdk_nor_pydantic() -> None:
    """Nor anything else that the API function's budget has no room for."""
    code = "import sys, handlers.api.app; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    imported = set(json.loads(done.stdout.replace("'", '"')))
    assert imported & {"aws_xray_sdk", "pydantic", "aws_lambda_powertools", "fastapi", "jsonschema"} == set()
    assert "handlers" in imported


class _Counting(http.server.BaseHTTPRequestHandler):
    """Answers every call, and knows the connections that calls came on."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.server.ports.append(self.client_address[1])  # type: ignore[attr-defined]  # added below
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(name="server")
def _server() -> Iterator[Any]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Counting)
    server.ports = []  # type: ignore[attr-defined]  # the handler's
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(name="hooks")
def _hooks() -> Iterator[None]:
    """The runtime's registry, empty before and after."""
    snapshot_restore_py.get_after_restore().clear()
    yield
    snapshot_restore_py.get_after_restore().clear()


def _restore() -> None:
    for hook, arguments, options in snapshot_restore_py.get_after_restore():
        hook(*arguments, **options)


def test_restored_function_opens_connections_of_its_own(server: Any, hooks: None) -> None:
    """A snapshot's connection is another machine's: the first call after the restore makes a new one."""
    client = boto3.client("dynamodb", endpoint_url=f"http://127.0.0.1:{server.server_port}")
    after_restore(client.close, {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"})
    for _ in range(2):
        client.list_tables()

    _restore()
    client.list_tables()

    before, still, restored = server.ports
    assert before == still != restored
    client.close()


def test_restored_functions_share_no_randomness(hooks: None) -> None:
    """Two functions made from one snapshot draw different numbers and make different ids."""
    after_restore(lambda: None, {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"})
    snapshot = random.getstate()
    drawn = set()
    for _ in range(2):
        random.setstate(snapshot)
        _restore()
        drawn.add(random.random())  # noqa: S311 - the generator is what is looked at

    assert len(drawn) == 2


def test_ids_and_cursor_keys_ask_the_operating_system() -> None:
    """Whatever the state of ``random``, ids and secrets are fresh."""
    identifiers = importlib.import_module("handlers.api.identifiers")
    made = set()
    for _ in range(2):
        random.seed(1)
        made.add(identifiers.make_id(1))

    assert len(made) == 2


def test_nothing_is_registered_without_snapstart(hooks: None) -> None:
    """An ordinary start does not even import the library."""
    after_restore(lambda: None, {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"})

    assert snapshot_restore_py.get_after_restore() == []
