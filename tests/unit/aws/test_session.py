"""Region, clients and how AWS's errors read."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
    UnauthorizedSSOTokenError,
)
from botocore.stub import Stubber

from tapgen.aws.failures import translated
from tapgen.aws.session import Aws, Target, check_account, resolve_region
from tapgen.errors import AwsError, CredentialsError, TapgenError


@pytest.mark.parametrize(
    ("environ", "flag", "expected"),
    [
        ({"AWS_REGION": "b", "AWS_DEFAULT_REGION": "c"}, "a", ("a", "--region")),
        ({"AWS_REGION": "b", "AWS_DEFAULT_REGION": "c"}, None, ("b", "AWS_REGION")),
        ({"AWS_DEFAULT_REGION": "c"}, None, ("c", "AWS_DEFAULT_REGION")),
        ({"AWS_REGION": ""}, None, ("d", "configuration")),
    ],
)
def test_region_order(environ: dict[str, str], flag: str | None, expected: tuple[str, str]) -> None:
    """Flag, AWS_REGION, AWS_DEFAULT_REGION, configuration, in this order; empty counts as unset."""
    region = resolve_region(environ, flag=flag, configured="d")

    assert (region.name, region.source) == expected


def _aws() -> Aws:
    return Aws(
        Target(region="eu-west-1", access_key_id="x", secret_access_key="x")  # noqa: S106 - not a secret
    )


def test_clients_are_made_once() -> None:
    """Asking twice gives the same client: making one costs tens of milliseconds."""
    aws = _aws()

    assert aws.client("sts") is aws.client("sts")
    assert aws.client("sts").meta.region_name == "eu-west-1"


def test_other_account_is_refused_with_both_ids() -> None:
    """Credentials of another account never get further than the first call."""
    aws = _aws()
    with Stubber(aws.client("sts")) as stubber:
        answer = {"Account": "999999999999", "Arn": "arn:aws:iam::999999999999:user/ada"}
        stubber.add_response("get_caller_identity", answer)

        with pytest.raises(CredentialsError, match=r"999999999999.*111122223333"):
            check_account(aws, environment="dev", account_id="111122223333")


def test_unknown_profile_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A profile that the AWS files do not have is a credentials error with the profile's name."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))

    with pytest.raises(CredentialsError, match="nobody"):
        Aws(Target(region="eu-west-1", profile="nobody")).client("sts")


def _client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "as AWS said"}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("raised", "expected", "words"),
    [
        (_client_error("ExpiredToken"), CredentialsError, "expired"),
        (_client_error("InvalidClientTokenId"), CredentialsError, "does not accept"),
        (_client_error("AccessDenied"), AwsError, "access denied"),
        (_client_error("Throttling"), AwsError, "throttles"),
        (_client_error("ValidationError"), AwsError, "ValidationError: as AWS said"),
        (NoCredentialsError(), CredentialsError, "no AWS credentials"),
        (UnauthorizedSSOTokenError(), CredentialsError, "single sign-on"),
        (EndpointConnectionError(endpoint_url="https://x.invalid"), AwsError, "cannot be reached"),
        (ReadTimeoutError(endpoint_url="https://x.invalid"), AwsError, "Read timeout"),
    ],
)
def test_aws_errors_are_translated(raised: Exception, expected: type[TapgenError], words: str) -> None:
    """Each kind of failure becomes one class of ours that says what was being done."""
    with pytest.raises(expected) as caught, translated("describe the stack x"):
        raise raised

    assert "describe the stack x" in caught.value.what
    assert words in str(caught.value)
