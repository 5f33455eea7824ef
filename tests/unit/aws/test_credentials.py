"""Sources of credentials that do not work, are renewed, or want a person."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.credentials import SessionCredentials
from tapgen.aws.session import Aws, Target
from tapgen.errors import CredentialsError, TapgenError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(name="configure")
def _configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Writes the AWS configuration of this test; nothing else of the shell counts."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def write(text: str) -> Path:
        path = tmp_path / "config"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def _aws(profile: str | None = None, *, ask_code: Callable[[str], str] | None = None) -> Aws:
    return Aws(Target(region="eu-west-1", profile=profile), ask_code=ask_code)


def _fault(profile: str | None = None) -> TapgenError:
    with pytest.raises(TapgenError) as caught:
        _aws(profile).credentials()
    return caught.value


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("credential_process = /nobody/made/this", "/nobody/made/this"),
        (f"credential_process = {sys.executable} -c print('hello')", "cannot be had|can be read"),
        (f"credential_process = {sys.executable} -c print('[]')", "something else|cannot be had|can be read"),
        (f"credential_process = {sys.executable} -c print('{{}}')", "cannot be had"),
        (
            "role_arn = arn:aws:iam::111122223333:role/ci\nweb_identity_token_file = /nobody/wrote/this",
            "/nobody/wrote/this",
        ),
        ("role_arn = arn:aws:iam::111122223333:role/ci\nsource_profile = ci", "cannot be had"),
    ],
)
def test_a_source_that_does_not_work_is_explained(configure: Callable[[str], Path], profile: str, words: str) -> None:
    """A process that is not there or prints no JSON, a token that nobody wrote: what, why, and what to do next."""
    configure(f"[profile ci]\n{profile}\n")

    error = _fault("ci")

    assert isinstance(error, CredentialsError)
    assert error.why
    assert error.hint
    assert any(word in str(error) for word in words.split("|")), str(error)


def test_a_configuration_that_cannot_be_parsed_is_named(configure: Callable[[str], Path]) -> None:
    """The file's name stands in the error."""
    path = configure("[profile\nthis is no file of settings")

    error = _fault()

    assert str(path) in str(error)
    assert error.hint


_MFA = (
    "[profile ops]\nrole_arn = arn:aws:iam::111122223333:role/ops\nsource_profile = ada\n"
    "mfa_serial = arn:aws:iam::111122223333:mfa/ada\n"
    "[profile ada]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n"
)


def test_a_code_that_nobody_can_type_is_refused(configure: Callable[[str], Path]) -> None:
    """Without a terminal nothing is prompted: the reason, and what to use in CI."""
    configure(_MFA)

    error = _fault("ops")

    assert error.code == "mfa-needed"
    assert "arn:aws:iam::111122223333:mfa/ada" in error.why
    assert "OpenID Connect" in error.hint


def test_a_person_is_asked_for_the_code(configure: Callable[[str], Path]) -> None:
    """With a terminal the code is asked for, and goes to STS."""
    configure(_MFA)
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        raise CredentialsError("typed nothing")

    with pytest.raises(CredentialsError, match="typed nothing"):
        _aws("ops", ask_code=answer).credentials()
    assert "mfa/ada" in asked[0]


def test_credentials_that_somebody_writes_anew_are_read_again(configure: Callable[[str], Path], tmp_path: Path) -> None:
    """Botocore reads a session token in a file once; a watch that goes on for hours needs the next one."""
    configure("")
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = ONE\naws_secret_access_key = x\n", encoding="utf-8")
    source = SessionCredentials(None, "eu-west-1", None)
    assert source.load_credentials() is source
    assert source.get_frozen_credentials().access_key == "ONE"
    file.write_text("[default]\naws_access_key_id = TWO\naws_secret_access_key = x\n", encoding="utf-8")

    assert source.renewable
    source.renew()

    assert source.get_frozen_credentials().access_key == "TWO"


def test_keys_in_variables_cannot_change(configure: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process was given once stays: waiting for other keys would be in vain."""
    configure("")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ONE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    aws = _aws()
    aws.credentials()

    assert not aws.renewable
