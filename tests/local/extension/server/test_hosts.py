"""The embedded AWS answers for its own names alone: no page of another site reaches it under its own."""

from __future__ import annotations

import http.client
import socket
import stat
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tapgen.local.extension.server.hosts import is_own
from tapgen.local.record import AUTHORIZATIONS_PATH, FIRE_PATH, HEALTH_PATH

if TYPE_CHECKING:
    from tapgen.local.server import LocalStatus


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1:4566", "localhost", "LOCALHOST:80", "[::1]:4566", "abc.execute-api.localhost:4566", ""),
        *("bucket.s3.eu-west-1.amazonaws.com", "sqs.cn-north-1.amazonaws.com.cn", "api.example.com:443"),
    ],
)
def test_own_names_are_known(host: str) -> None:
    """This machine, names that AWS alone can give, and configured domains, with and without a port."""
    assert is_own(host, is_domain={"api.example.com"}.__contains__)


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example.com", "evil.example.com:4566", "localhost.example.com", "127.0.0.1.example.com"),
        *("notamazonaws.com", "192.0.2.1", "[2001:db8::1]:4566", "example.com"),
    ],
)
def test_names_of_others_are_not(host: str) -> None:
    """A name that somebody else can give to 127.0.0.1, and every address that is not this machine's."""
    assert not is_own(host, is_domain={"api.example.com"}.__contains__)


@pytest.mark.parametrize("path", ["/", HEALTH_PATH, AUTHORIZATIONS_PATH])
def test_page_of_another_site_gets_nothing(local_aws: LocalStatus, path: str) -> None:
    """DNS rebinding: the connection arrives, the name is foreign, and nothing is answered but the refusal."""
    assert _ask(local_aws, path, {"Host": "evil.example.com"})[0] == 421
    assert _ask(local_aws, HEALTH_PATH, {})[0] == 200


@pytest.mark.parametrize(
    "path", [AUTHORIZATIONS_PATH, f"{FIRE_PATH}?arn=arn:aws:events:eu-central-1:000000000000:rule/x"]
)
def test_browser_may_not_call_what_needs_no_signature(local_aws: LocalStatus, path: str) -> None:
    """A page that posts to 127.0.0.1 sends its origin; the child's own paths refuse it."""
    status, body = _ask(local_aws, path, {"Origin": "https://evil.example.com"}, method="POST")

    assert status == 421
    assert "browser" in body


def test_state_is_its_owners_alone(local_aws: LocalStatus) -> None:
    """Nobody else of this machine reads objects, secrets, the log, or the key that signs tokens."""
    folder = local_aws.state_dir.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    open_to_others = [path for path in local_aws.state_dir.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_nothing_listens_beyond_this_machine(local_aws: LocalStatus) -> None:
    """The socket is bound to 127.0.0.1: no other address of this machine takes a connection."""
    place = urlsplit(local_aws.endpoint_url)
    assert place.hostname == "127.0.0.1"
    assert place.port
    # 127.0.0.2 is this machine as well; a socket on every address would answer there.
    with closing(socket.socket()) as other:
        other.settimeout(2)
        assert other.connect_ex(("127.0.0.2", place.port)) != 0


def _ask(status: LocalStatus, path: str, headers: dict[str, str], *, method: str = "GET") -> tuple[int, str]:
    place = urlsplit(status.endpoint_url)
    with closing(http.client.HTTPConnection(place.hostname or "", place.port or 0, timeout=10)) as connection:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
