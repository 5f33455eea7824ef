"""Tokens of the issuers that the embedded AWS stands in for: its key pair, and JSON Web Tokens signed with it.

An environment names an issuer, https://login.example.com/ for example, that nobody can reach from here. JWT authorizers
of the embedded AWS take the tokens of every issuer from this one key pair instead. The child makes it at its first
start; it lies in the state folder, which nobody but its owner reads it from, and a reset makes another one. Imports
neither MiniStack nor an AWS SDK; the cryptography is PyJWT's, of the extra ``local``.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.errors import LocalError

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

ALGORITHM = "RS256"
_FILE = "issuer.pem"
_KEY_BITS = 2048


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What a token says.

    Attributes:
        issuer: ``iss``, spelled as the authorizer spells it, to the last slash.
        audience: ``aud``, one of the authorizer's.
        subject: ``sub``, the user.
        scope: ``scope``, words separated by blanks; no such claim when empty.
        expires_in_s: Seconds until ``exp``; negative for a token that has expired.
    """

    issuer: str
    audience: str
    subject: str
    scope: str = ""
    expires_in_s: int = 3600


def mint(state_dir: Path, claims: Claims) -> str:
    """A token that says ``claims``, issued now.

    Args:
        state_dir: ``LocalStatus.state_dir`` of an embedded AWS that has been started before.
        claims: What it says.

    Raises:
        LocalError: There is no key pair yet, or the extra ``local`` is not installed.
    """
    now = int(time.time())
    content = {
        "iss": claims.issuer,
        "aud": claims.audience,
        "sub": claims.subject,
        "iat": now,
        "exp": now + claims.expires_in_s,
        "jti": str(uuid.uuid4()),
    }
    return sign(state_dir, {**content, "scope": claims.scope} if claims.scope else content)


def sign(state_dir: Path, content: dict[str, Any]) -> str:
    """A token with any content, sensible or not.

    Args:
        state_dir: The same as for ``mint``.
        content: The claims by their names, times in seconds since the epoch.

    Raises:
        LocalError: There is no key pair yet, or the extra ``local`` is not installed.
    """
    try:
        import jwt
    except ModuleNotFoundError as error:
        raise LocalError(
            "tokens cannot be signed",
            why=f"there is no module {error.name}",
            hint="Install it: pip install 'tapgen[local]'",
            code="local-not-installed",
        ) from error
    key = _private_key(state_dir)
    return jwt.encode(content, key, algorithm=ALGORITHM, headers={"kid": key_id(key.public_key())})


def ensure_key(state_dir: Path) -> None:
    """Make the key pair of an embedded AWS that has none; nobody but the file's owner may read it."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    path = state_dir / _FILE
    if path.exists():
        return
    content = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    state_dir.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    unfinished.replace(path)


def public_key(state_dir: Path) -> RSAPublicKey:
    """The key that tokens are verified with.

    Raises:
        LocalError: There is no key pair yet.
    """
    return _private_key(state_dir).public_key()


def key_id(key: RSAPublicKey) -> str:
    """The ``kid`` of tokens that a key verifies."""
    from cryptography.hazmat.primitives import serialization

    content = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(content).hexdigest()[:16]


def _private_key(state_dir: Path) -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key((state_dir / _FILE).read_bytes(), password=None)
    except FileNotFoundError as error:
        raise LocalError(
            "the embedded AWS has no key to sign tokens with",
            why=f"{state_dir / _FILE} does not exist; it is made at the first start",
            hint="Start it: tapgen local start",
            code="local-no-signing-key",
        ) from error
    except ValueError as error:
        raise _damaged(state_dir) from error
    if not isinstance(key, RSAPrivateKey):
        raise _damaged(state_dir)
    return key


def _damaged(state_dir: Path) -> LocalError:
    return LocalError(
        "the embedded AWS has a damaged key to sign tokens with",
        why=f"{state_dir / _FILE} is not an RSA key in PEM",
        hint="Start afresh: tapgen local reset",
        code="local-damaged-signing-key",
    )
