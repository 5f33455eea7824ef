"""The child process: MiniStack with the extension, served on a socket that the parent opened.

``tapgen.local.launch`` starts it as ``python -m tapgen.local.child``. It sets the environment that MiniStack reads
while it is imported, installs the extension, writes its record, reports over a pipe that it is ready or why it is not,
and ends on SIGTERM or, when told to, together with its parent.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.errors import LocalError
from tapgen.local.record import Layout, Record
from tapgen.processes import start_identity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tapgen.local.extension.server.gateway import Gateway

_PARENT_POLL_S = 0.25
_EXIT_S = 3.0


def main(argv: Sequence[str]) -> int:
    """Serve until told to stop. Returns the exit status: 0 after a clean stop, 1 when the server could not start."""
    options = _options(argv)
    layout = Layout(Path(options.root))
    with contextlib.suppress(PermissionError):  # it leads a session already when a person starts it from a shell
        os.setsid()
    listener = socket.socket(fileno=options.listener)
    port = listener.getsockname()[1]
    _set_environment(layout, port=port)
    try:
        gateway = _load(layout)
    except Exception as error:  # noqa: BLE001 - whatever keeps the server from starting goes into the report
        traceback.print_exc()
        _report(options.report, _failure(error))
        return 1
    gateway.on_ready = lambda: _announce(layout, port, options.report)
    asyncio.run(_serve(gateway, listener, parent=options.parent))
    layout.record.unlink(missing_ok=True)
    _end_workers()
    return 0


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tapgen.local.child", description="Serve the embedded AWS.")
    parser.add_argument("--root", required=True, help="the folder for state, log and record")
    parser.add_argument("--listener", type=int, required=True, help="the descriptor of a listening socket")
    parser.add_argument("--report", type=int, required=True, help="the descriptor that takes the report on the start")
    parser.add_argument("--parent", type=int, default=0, help="end when this process is no longer the parent")
    return parser.parse_args(argv)


def _set_environment(layout: Layout, *, port: int) -> None:
    """What MiniStack reads when it is imported, and what the workers of Lambda functions inherit."""
    os.umask(0o077)
    shutil.rmtree(layout.temporary, ignore_errors=True)
    for folder in (layout.temporary, layout.objects):
        folder.mkdir(parents=True, exist_ok=True)
    # Coverage is already measuring this process; in every function worker it would only cost their cold start.
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        del os.environ[name]
    os.environ.update(
        {
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "localhost",
            "GATEWAY_PORT": str(port),
            "PERSIST_STATE": "1",
            "STATE_DIR": str(layout.state),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(layout.objects),
            "TMPDIR": str(layout.temporary),
            "LAMBDA_EXECUTOR": "local",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": f"unix://{layout.temporary}/no-docker.sock",
            "LOG_LEVEL": os.environ.get("TAPGEN_LOCAL_LOG_LEVEL", "INFO"),
            # A function's SDK reads these: the developer's profiles are none of its business.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        },
    )


def _load(layout: Layout) -> Gateway:
    from ministack import app

    from tapgen.local import extension, tokens
    from tapgen.local.extension.server.gateway import Gateway
    from tapgen.local.extension.server.persistence import Saver, StopSaver
    from tapgen.local.extension.settings import Settings

    tokens.ensure_key(layout.state)
    settings = Settings.from_environment(os.environ, state_dir=layout.state)
    extension.install(settings)
    return Gateway(app.app, Saver() if settings.save == "changes" else StopSaver())


def _failure(error: Exception) -> dict[str, str]:
    """The report on a server that could not be loaded, in the words of ``LocalError``."""
    from tapgen.local.extension.seams import SeamError

    if isinstance(error, LocalError):
        return {"code": error.code, "what": error.what, "why": error.why, "hint": error.hint}
    absent = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
    if absent in ("ministack", "hypercorn", "cryptography", "jwt"):
        return {
            "code": "local-not-installed",
            "what": "the embedded AWS is not installed",
            "why": f"there is no module {absent} for {sys.executable}",
            "hint": (
                "Install it: pip install 'tapgen[local]'; where its botocore is in the way, into an environment of its "
                "own, whose Python TAPGEN_LOCAL_PYTHON names"
            ),
        }
    if isinstance(error, SeamError) or absent.startswith("ministack."):
        return {
            "code": "local-seams",
            "what": "MiniStack does not fit tapgen",
            "why": str(error),
            "hint": "Install the release that fits: pip install --force-reinstall 'tapgen[local]'",
        }
    return {
        "code": "local-start",
        "what": "the embedded AWS could not be loaded",
        "why": f"{type(error).__name__}: {error}",
        "hint": "Read its log: tapgen local logs",
    }


def _announce(layout: Layout, port: int, report: int) -> None:
    """Write the record first, so that whoever comes next finds the child even if its starter is gone."""
    from tapgen.local.extension.seams import found_version
    from tapgen.local.extension.settings import Settings

    Record(
        pid=os.getpid(),
        started=start_identity(os.getpid()),
        port=port,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        ministack_version=found_version(),
        minute_s=Settings.from_environment(os.environ, state_dir=layout.state).minute_s,
    ).write(layout.record)
    layout.port.write_text(f"{port}\n", encoding="ascii")
    _report(report, {})


def _report(descriptor: int, content: dict[str, str]) -> None:
    """Tell the starter, which may have given up waiting."""
    with contextlib.suppress(BrokenPipeError):
        os.write(descriptor, json.dumps(content).encode())
    os.close(descriptor)


async def _serve(gateway: Gateway, listener: socket.socket, *, parent: int) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watch = asyncio.create_task(_stop_with_parent(parent, stop.set)) if parent else None
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.errorlog = None  # MiniStack has set up the root logger, which hypercorn's messages reach
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1.0
    application: Any = gateway  # hypercorn types its applications by protocols of its own
    await serve(application, config, shutdown_trigger=stop.wait)
    if watch:
        watch.cancel()
    # Leaving the loop waits for its worker threads, and one may be in the middle of a traffic shift.
    _limit_exit()


async def _stop_with_parent(parent: int, stop: Callable[[], object]) -> None:
    # Linux could send a signal instead, but would send it when the thread that started the child ends.
    while os.getppid() == parent:  # noqa: ASYNC110 - no event tells that a parent has gone
        await asyncio.sleep(_PARENT_POLL_S)
    stop()


def _end_workers() -> None:
    """End the workers of Lambda functions, which share the process group."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)


def _limit_exit() -> None:
    """Do not wait for threads that hang: the state is saved."""
    deadline = threading.Timer(_EXIT_S, os._exit, args=(0,))
    deadline.daemon = True
    deadline.start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
