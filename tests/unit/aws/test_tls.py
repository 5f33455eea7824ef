"""TLS that cannot work is said after one try: a certificate that nobody trusts, a CA bundle that is not there."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.failures import translated
from tapgen.aws.session import Aws, Target
from tapgen.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Server:
    """Shakes hands with a certificate of its own making, and counts who came."""

    def __init__(self, folder: Path) -> None:
        self.visitors = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(_certificate(folder))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Until the listener is closed."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.visitors += 1
            with suppress(OSError), connection, self._context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(1)
                secured.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    def close(self) -> None:
        """Wake ``accept`` and end it."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def _serving(folder: Path) -> Iterator[_Server]:
    server = _Server(folder)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield server
    server.close()
    thread.join()


def _certificate(folder: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


def _ask(url: str) -> AwsError:
    aws = Aws(
        Target(region="eu-west-1", endpoint_url=url, access_key_id="x", secret_access_key="x")  # noqa: S106 - not a secret
    )
    with pytest.raises(AwsError) as caught, translated("ask"):
        aws.client("sts").get_caller_identity()
    return caught.value


def test_an_untrusted_certificate_is_said_after_one_try(tmp_path: Path) -> None:
    """One connection, not six with a quarter of a minute of silence between them."""
    with _serving(tmp_path) as server:
        error = _ask(server.url)

        assert server.visitors == 1
    assert error.code == "untrusted-certificate"
    assert "CERTIFICATE_VERIFY_FAILED" in error.why
    assert "AWS_CA_BUNDLE" in error.hint


@pytest.mark.parametrize("bundle", ["/nobody/put/this", "empty"])
def test_a_ca_bundle_that_cannot_be_used_is_said_after_one_try(
    bundle: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path that does not exist, a file without a certificate."""
    (tmp_path / "empty").write_text("no certificate", encoding="utf-8")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / bundle))
    with _serving(tmp_path) as server:
        error = _ask(server.url)

        assert server.visitors <= 1
    assert error.why
    assert "AWS_CA_BUNDLE" in error.hint


def test_a_trusted_certificate_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the certificate in the bundle the handshake succeeds, and the fault is what the server answers."""
    with _serving(tmp_path) as server:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "server.pem"))

        assert _ask(server.url).code == "400"
