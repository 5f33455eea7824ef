"""What AWS's codes and the network's failures mean, and what is said to do about each."""

from __future__ import annotations

import json
from http.client import IncompleteRead

import pytest
from botocore import exceptions as raised_by_botocore
from botocore.exceptions import ClientError

from tapgen.aws.answers import AnswerParserFactory, UnreadableAnswerError
from tapgen.aws.failures import give_up_at_once, translated
from tapgen.errors import AwsError, CredentialsError, TapgenError, TransientError, UsageError


def _answered(code: str, message: str = "as AWS said", status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]  # the other metadata is not read
        "DescribeStacks",
    )


def _explain(raised: Exception, *, owner: str = "") -> TapgenError:
    with pytest.raises(TapgenError) as caught, translated("look", owner=owner):
        raise raised
    return caught.value


@pytest.mark.parametrize(
    ("raised", "expected", "what", "following"),
    [
        (_answered("RequestTimeTooSkewed"), CredentialsError, "clock", "set the clock"),
        (
            _answered("SignatureDoesNotMatch", "Signature expired: 2026 is now earlier"),
            CredentialsError,
            "clock",
            "time",
        ),
        (_answered("InvalidSignatureException", "Signature not yet current"), CredentialsError, "clock", "time server"),
        (_answered("SignatureDoesNotMatch"), CredentialsError, "signature", "secret key"),
        (_answered("InvalidClientTokenId"), CredentialsError, "does not accept", "enable this one for the account"),
        (_answered("PermanentRedirect", status=301), AwsError, "another region", "`region`"),
        (_answered("301", status=301), AwsError, "another region", "AWS_REGION"),
        (_answered("AuthorizationHeaderMalformed"), AwsError, "another region", "--region"),
        (_answered("407", status=407), AwsError, "proxy", "NO_PROXY"),
        (_answered("Throttling"), TransientError, "throttles", "wait"),
        (_answered("ThrottlingException"), TransientError, "throttles", "wait"),
        (_answered("503", status=503), TransientError, "fails", "health.aws.amazon.com"),
        (_answered("InternalFailure", status=500), TransientError, "fails", "rerun"),
        (_answered("NotImplemented", status=501), AwsError, "does not know the call", "--endpoint-url"),
        (_answered("Whatever", status=502), TransientError, "fails", "rerun"),
        (_answered("RequestTimeout"), TransientError, "fails", "rerun"),
        (_answered("ValidationError"), AwsError, "cannot look", "API reference"),
        (
            raised_by_botocore.ProxyConnectionError(proxy_url="http://p", error=OSError("refused")),
            TransientError,
            "proxy",
            "HTTPS_PROXY",
        ),
        (
            raised_by_botocore.EndpointConnectionError(endpoint_url="http://elsewhere"),
            TransientError,
            "reached",
            "AWS_ENDPOINT_URL",
        ),
        (
            raised_by_botocore.EndpointConnectionError(endpoint_url="https://sts.eu-west-1.amazonaws.com"),
            TransientError,
            "reached",
            "the network",
        ),
        (raised_by_botocore.ConfigParseError(path="~/.aws/config"), UsageError, "configuration", "AWS_CONFIG_FILE"),
        (raised_by_botocore.NoRegionError(), UsageError, "place", "region"),
        (
            raised_by_botocore.CredentialRetrievalError(provider="custom-process", error_msg="exit 2"),
            CredentialsError,
            "credentials",
            "by hand",
        ),
        (raised_by_botocore.LoginRefreshRequired(), CredentialsError, "sign-in", "aws login"),
        (
            raised_by_botocore.ChecksumError(checksum_type="crc32", expected_checksum="1", actual_checksum="2"),
            AwsError,
            "",
            "boto3",
        ),
        (ValueError("Invalid endpoint: xyz"), UsageError, "no URL", "--endpoint-url"),
        (IncompleteRead(b"half"), TransientError, "cannot be read", "network"),
    ],
)
def test_each_failure_says_what_why_and_next(
    raised: Exception, expected: type[TapgenError], what: str, following: str
) -> None:
    """Whatever botocore raises has its kind, its reason, and what to do next."""
    error = _explain(raised)

    assert type(error) is expected
    assert what in error.what
    assert error.why
    assert following in error.hint


def test_a_bucket_of_another_account_is_named_as_a_cause() -> None:
    """S3 answers 403 for both; whoever owns the policy is not sent looking for a permission that is there."""
    assert "account 111122223333" in _explain(_answered("AccessDenied", status=403), owner="111122223333").hint
    assert "account 111122223333" in _explain(_answered("403", status=403), owner="111122223333").hint
    assert "account" not in _explain(_answered("AccessDenied", status=403)).hint


@pytest.mark.parametrize(
    ("words", "hopeless"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer certificate", True),
        ("[Errno 2] No such file or directory", True),
        ("EOF occurred in violation of protocol (_ssl.c:997)", False),
    ],
)
def test_only_tls_that_cannot_get_better_is_given_up(words: str, *, hopeless: bool) -> None:
    """A certificate that is not trusted is not tried again; a connection that broke off is."""
    error = raised_by_botocore.SSLError(endpoint_url="https://x", error=OSError(words))
    if hopeless:
        with pytest.raises(raised_by_botocore.SSLError):
            give_up_at_once(caught_exception=error)
    else:
        give_up_at_once(caught_exception=error)
    give_up_at_once(caught_exception=None)


def _parse(
    body: bytes, *, status: int = 200, headers: dict[str, str] | None = None, operation: str = "ListApplications"
) -> object:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = ServiceModel(Loader(include_default_search_paths=True).load_service_model("codedeploy", "service-2"))
    shape = model.operation_model(operation).output_shape
    response = {
        "status_code": status,
        "headers": headers or {},
        "body": body,
        "context": {"operation_name": operation},
    }
    return AnswerParserFactory().create_parser("json").parse(response, shape)


_ID = {"x-amzn-requestid": "1"}


def test_an_answer_of_aws_is_read_as_botocore_reads_it() -> None:
    """Checking changes nothing of what AWS answers."""
    body = json.dumps({"applications": ["a"], "nextToken": "b"}).encode()

    answer = _parse(body, headers=_ID)

    assert answer == {
        "applications": ["a"],
        "nextToken": "b",
        "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": _ID, "RequestId": "1"},
    }


def test_an_answer_without_a_request_id_is_nobodys() -> None:
    """A sign-in page with status 200 is not the success of a call that returns nothing."""
    with pytest.raises(UnreadableAnswerError, match=r"text/html, '<html>Sign in"):
        _parse(b"<html>Sign in</html>", headers={"Content-Type": "text/html"}, operation="DeleteApplication")


def test_a_missing_member_is_no_key_error_of_ours() -> None:
    """Half an answer is explained where its member is asked for, and botocore may still catch a KeyError."""
    answer = _parse(b"{}", headers=_ID)

    with pytest.raises(UnreadableAnswerError, match=r"ListApplications .*: it has no applications") as caught:
        answer["applications"]  # type: ignore[index]  # that is what is tried
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, TransientError)


def test_an_error_that_cannot_be_read_keeps_its_status() -> None:
    """Botocore tries again by the status, so a 500 with a page is tried again like any other."""
    answer = _parse(b"<!DOCTYPE html><p>", status=500)

    assert answer["Error"]["Code"] == "500"  # type: ignore[index]  # the parser's answers are not typed
