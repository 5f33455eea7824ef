"""What a shell can hold does not reach the embedded AWS, and is explained where an account is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.cli.conftest import Project

_NOBODY = "http://127.0.0.1:9"

_SHELLS: dict[str, dict[str, str]] = {
    "proxy": {"HTTP_PROXY": _NOBODY, "HTTPS_PROXY": _NOBODY, "http_proxy": _NOBODY, "NO_PROXY": "", "no_proxy": ""},
    "profile": {"AWS_PROFILE": "of-another-machine", "AWS_DEFAULT_PROFILE": "of-another-machine"},
    "endpoints": {
        "AWS_ENDPOINT_URL": _NOBODY,
        "AWS_ENDPOINT_URL_CLOUDFORMATION": _NOBODY,
        "AWS_ENDPOINT_URL_S3": _NOBODY,
    },
    "variants": {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
    "bundle": {"AWS_CA_BUNDLE": "/nobody/put/this", "REQUESTS_CA_BUNDLE": "  "},
    "settings": {"AWS_RETRY_MODE": "nonsense", "AWS_MAX_ATTEMPTS": "many", "AWS_DEFAULTS_MODE": "nonsense"},
}


@pytest.mark.parametrize("shell", [*_SHELLS, "configuration"])
def test_the_embedded_aws_is_deaf_to_the_shell(project: Project, shell: str, tmp_path: Path) -> None:
    """`--env local` needs nobody's account: the shell's proxies, profiles, files and endpoints mean nothing."""
    config = tmp_path / "config"
    config.write_text("[profile\nthis is no file of settings", encoding="utf-8")
    files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(config)}

    done = project.start("outputs", "--env", "local", environ=_SHELLS.get(shell, files))

    assert done.returncode == 2
    assert "is not deployed" in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("shell", "following"),
    [
        ("proxy", "HTTPS_PROXY"),
        ("profile", "list-profiles"),
        ("endpoints", "AWS_ENDPOINT_URL"),
        ("configuration", "~/.aws/config"),
    ],
)
def test_an_account_says_what_to_do_about_the_shell(
    project: Project, shell: str, following: str, tmp_path: Path
) -> None:
    """The same settings count for an account; each failure has its reason and its next step."""
    config = tmp_path / "config"
    config.write_text("[profile\nthis is no file of settings", encoding="utf-8")
    files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(config)}
    environ = _SHELLS.get(shell, files)
    keys = {} if shell == "profile" else {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}

    done = project.start("outputs", "--env", "dev", environ=environ | keys)

    assert done.returncode == 2
    assert "why:" in done.stderr
    assert following in done.stderr.partition("next:")[2], done.stderr


def test_a_code_is_never_asked_for_in_ci(project: Project, tmp_path: Path) -> None:
    """An MFA profile without a terminal is refused with the way out, not interrupted."""
    config = tmp_path / "config"
    config.write_text(
        "[profile ops]\nrole_arn = arn:aws:iam::111122223333:role/ops\nsource_profile = ada\n"
        "mfa_serial = arn:aws:iam::111122223333:mfa/ada\n"
        "[profile ada]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n",
        encoding="utf-8",
    )

    done = project.start("status", "--env", "dev", "--profile", "ops", environ={"AWS_CONFIG_FILE": str(config)})

    assert done.returncode == 2
    assert "MFA" in done.stderr
    assert "next:" in done.stderr
    assert "interrupted" not in done.stderr
