"""Moto as a server of its own on loopback, installed from a lock file of its own, and where it is."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from scripts.tools import ensure_tool
from tapgen.aws.target import Target
from tests.local.deploy.service import REGION

if TYPE_CHECKING:
    from collections.abc import Iterator

_STARTS_WITHIN_S = 60.0


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """The endpoint of a running moto, which ends with the session."""
    server = ensure_tool("moto") / "moto_server"
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [str(server), "-H", "127.0.0.1", "-p", str(port)],
        # The account that the small service of the tests lives in.
        env=os.environ | {"MOTO_ACCOUNT_ID": "000000000000"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_answer(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def moto_target(moto_url: str) -> Target:
    """Where moto is, with keys that it takes."""
    return Target(region=REGION, endpoint_url=moto_url, access_key_id="peer", secret_access_key="peer")  # noqa: S106


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            with urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5):  # noqa: S310 - our own server's
                return
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, "moto ended"
            assert time.monotonic() < deadline, "moto does not answer"
            time.sleep(0.1)
