"""The key pair of the embedded AWS, and the tokens signed with it."""

from __future__ import annotations

import stat
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import jwt
import pytest

from tapgen.errors import LocalError
from tapgen.local.server import LocalAws
from tapgen.local.tokens import Claims, ensure_key, key_id, mint, public_key
from tests.command_line import run_command, user_environment

if TYPE_CHECKING:
    from pathlib import Path

CLAIMS = Claims(issuer="https://login.example.com/", audience="api", subject="ada", scope="read write")


def test_a_token_says_what_was_asked_for(tmp_path: Path) -> None:
    """Signed with the key that its header names, and valid for as long as it was told."""
    ensure_key(tmp_path)
    key = public_key(tmp_path)
    before = int(time.time())
    token = mint(tmp_path, CLAIMS)
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": key_id(key), "typ": "JWT"}
    found = jwt.decode(token, key, algorithms=["RS256"], audience="api", issuer="https://login.example.com/")
    assert (found["sub"], found["scope"]) == ("ada", "read write")
    assert found["exp"] - found["iat"] == 3600
    assert found["iat"] >= before


def test_a_token_without_scope_has_no_such_claim(tmp_path: Path) -> None:
    """Nor an empty one."""
    ensure_key(tmp_path)
    token = mint(tmp_path, replace(CLAIMS, scope=""))
    assert "scope" not in jwt.decode(token, options={"verify_signature": False})


def test_every_token_is_another_one(tmp_path: Path) -> None:
    """So that a log can tell them apart."""
    ensure_key(tmp_path)
    assert mint(tmp_path, CLAIMS) != mint(tmp_path, CLAIMS)


def test_the_key_is_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    """One file with mode 0600 that a second start leaves alone."""
    ensure_key(tmp_path / "state")
    (path,) = (tmp_path / "state").iterdir()
    content = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ensure_key(tmp_path / "state")
    assert path.read_bytes() == content


def test_there_are_no_tokens_before_the_first_start(tmp_path: Path) -> None:
    """The error says what makes the key."""
    with pytest.raises(LocalError) as caught:
        mint(tmp_path, CLAIMS)
    assert caught.value.code == "local-no-signing-key"
    assert "tapgen local start" in caught.value.hint


def test_a_damaged_key_is_told(tmp_path: Path) -> None:
    """What lies there is not overwritten."""
    ensure_key(tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_text("nothing")
    with pytest.raises(LocalError) as caught:
        mint(tmp_path, CLAIMS)
    assert caught.value.code == "local-damaged-signing-key"
    assert path.read_text() == "nothing"


def test_a_restart_keeps_the_key_and_a_reset_does_not(tmp_path: Path) -> None:
    """Tokens that were handed out stay good until everything is forgotten."""
    aws = LocalAws(tmp_path, lifetime="parent")
    try:
        first = key_id(public_key(aws.start().state_dir))
        aws.stop()
        assert key_id(public_key(aws.start().state_dir)) == first
        assert key_id(public_key(aws.reset().state_dir)) != first
    finally:
        aws.stop()


def test_the_command_prints_a_token(tmp_path: Path) -> None:
    """One line on standard output, for a shell to take."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "environments.yaml").touch()  # all that makes a folder a project's
    state = tmp_path / ".tapgen" / "local" / "state"
    ensure_key(state)
    asked = ["--issuer", CLAIMS.issuer, "--audience", "api", "--subject", "ada", "--expires-in", "60"]
    done = run_command("local", "token", *asked, folder=tmp_path, environ=user_environment())
    assert done.returncode == 0, done.stderr
    found = jwt.decode(done.stdout.strip(), public_key(state), algorithms=["RS256"], audience="api")
    assert found["exp"] - found["iat"] == 60
    assert found["sub"] == "ada"
