"""What went wrong before AWS could answer: credentials, configuration, certificates, proxies, connections. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore import exceptions as raised

from tapgen.errors import AwsError, CredentialsError, TapgenError, TransientError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Kinds, what they mean, what to do, the error's code.
_CREDENTIALS: tuple[tuple[tuple[type[Exception], ...], str, str, str], ...] = (
    (
        (raised.NoCredentialsError, raised.PartialCredentialsError, raised.NoAuthTokenError),
        "no AWS credentials found",
        "set AWS_PROFILE, pass --profile, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        "no-credentials",
    ),
    (
        (
            raised.UnauthorizedSSOTokenError,
            raised.SSOTokenLoadError,
            raised.SSOError,
            raised.TokenRetrievalError,
        ),
        "the single sign-on session is over",
        "run `aws sso login` for the profile",
        "sso-expired",
    ),
    # The oldest botocore that tapgen takes knows no sign-in sessions, and raises nothing of them.
    (
        tuple(filter(None, [getattr(raised, "LoginError", None)])),
        "the sign-in session is over",
        "run `aws login` for the profile",
        "login-expired",
    ),
    (
        (raised.RefreshWithMFAUnsupportedError,),
        "the session that an MFA code began is over",
        "rerun: the code is asked for again",
        "ExpiredToken",
    ),
    (
        (
            raised.CredentialRetrievalError,
            raised.MetadataRetrievalError,
            raised.InfiniteLoopConfigError,
            raised.UnknownCredentialError,
            raised.MissingDependencyException,
        ),
        "the credentials cannot be had from where the profile says",
        "run what the profile names by hand, and check the profile in ~/.aws/config",
        "credentials-source",
    ),
)
_CONFIGURATION = (
    raised.ConfigParseError,
    raised.ConfigNotFound,
    raised.InvalidConfigError,
    raised.InvalidRetryConfigurationError,
    raised.InvalidProxiesConfigError,
    raised.InvalidDefaultsMode,
    raised.InvalidChecksumConfigError,
    raised.InvalidSTSRegionalEndpointsConfigError,
    raised.InvalidIMDSEndpointError,
)
_NO_PLACE = (raised.BaseEndpointResolverError, raised.InvalidRegionError, raised.UnknownRegionError)
_PLACE = (raised.EndpointProviderError, raised.InvalidEndpointConfigurationError)
_CLOSED_WORDS = ("EOF", "timed out", "reset by peer", "closed")
_AWS_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu")


def is_hopeless(error: BaseException) -> bool:
    """Whether the same call can only fail again: a certificate that is not trusted, a CA bundle that is not there."""
    if isinstance(error, raised.ProxyConnectionError):
        return "407" in str(error)
    return isinstance(error, raised.SSLError) and not any(words in str(error) for words in _CLOSED_WORDS)


def explain_failure(error: Exception, doing: str) -> TapgenError:
    """The project's error for what botocore or the network raised.

    Args:
        error: A ``BotoCoreError``, or what urllib3, the socket or a file raised below it.
        doing: What was being done, in the infinitive.
    """
    return _of_credentials(error, doing) or _of_configuration(error, doing) or _of_connection(error, doing)


def _of_credentials(error: Exception, doing: str) -> TapgenError | None:
    if isinstance(error, raised.ProfileNotFound):
        return CredentialsError(
            str(error),
            why="--profile or AWS_PROFILE names it, and neither ~/.aws/config nor ~/.aws/credentials has it",
            hint="`aws configure list-profiles` prints the profiles there are",
            code="profile-not-found",
        )
    for kinds, what, hint, code in _CREDENTIALS:
        if isinstance(error, kinds):
            return CredentialsError(f"cannot {doing}: {what}", why=str(error), hint=hint, code=code)
    return None


def _of_configuration(error: Exception, doing: str) -> TapgenError | None:
    if isinstance(error, _CONFIGURATION):
        return UsageError(
            f"cannot {doing}: the AWS configuration cannot be used",
            why=str(error),
            hint="correct ~/.aws/config or the variable named above; AWS_CONFIG_FILE names another file",
            code="aws-configuration",
        )
    if isinstance(error, _NO_PLACE):
        return UsageError(
            f"cannot {doing}: there is no such place to call",
            why=str(error),
            hint="check `region`, --region and AWS_REGION; a region newer than this botocore wants botocore upgraded",
            code="no-endpoint",
        )
    if isinstance(error, _PLACE):
        return UsageError(
            f"cannot {doing}: the endpoint cannot be used",
            why=str(error),
            hint="check --endpoint-url, AWS_ENDPOINT_URL, AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT",
            code="no-endpoint",
        )
    if isinstance(error, ValueError) and str(error).startswith("Invalid endpoint"):
        return UsageError(
            f"cannot {doing}: the endpoint is no URL",
            why=str(error),
            hint="check --endpoint-url, AWS_ENDPOINT_URL… and `endpoint_url` in ~/.aws/config",
            code="no-endpoint",
        )
    return None


def _of_connection(error: Exception, doing: str) -> TapgenError:
    why = _reason(error)
    if isinstance(error, raised.SSLError) and is_hopeless(error):
        return TransientError(
            f"cannot {doing}: the certificate of the other side is not trusted",
            why=why,
            hint=(
                "where a proxy opens TLS, put its certificate into a file and name it in AWS_CA_BUNDLE; check that "
                "what AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE or `ca_bundle` in ~/.aws/config name holds certificates"
            ),
            code="untrusted-certificate",
        )
    if isinstance(error, raised.ProxyConnectionError):
        return TransientError(
            f"cannot {doing}: the proxy cannot be used",
            why=why,
            hint="check HTTPS_PROXY and HTTP_PROXY; NO_PROXY names hosts that need none",
            code="proxy",
        )
    if isinstance(error, raised.EndpointConnectionError | raised.ConnectTimeoutError):
        return TransientError(f"cannot {doing}: AWS cannot be reached", why=why, hint=_where(why), code="unreachable")
    if isinstance(error, raised.HTTPClientError | raised.IncompleteReadError | raised.ReadTimeoutError):
        return TransientError(
            f"cannot {doing}: the connection was lost",
            why=why,
            hint="check the network and what stands between it and AWS, then rerun",
            code=type(error).__name__,
        )
    if isinstance(error, raised.BotoCoreError):
        hint = f"the boto3 guide explains {type(error).__name__}; `tapgen doctor` looks at the usual causes"
        return AwsError(f"cannot {doing}", why=why, hint=hint, code=type(error).__name__)
    return TransientError(
        f"cannot {doing}: what was answered cannot be read",
        why=f"{type(error).__name__}: {why}",
        hint="check the network and what stands between it and AWS, then rerun",
        code="unreadable-answer",
    )


def _where(why: str) -> str:
    if any(host in why for host in _AWS_HOSTS):
        return "check the network, HTTPS_PROXY and the region"
    return "that is no host of AWS: check --endpoint-url, AWS_ENDPOINT_URL… and `endpoint_url` in ~/.aws/config"


def _reason(error: BaseException) -> str:
    """What botocore says and, where that leaves it out, what the error below it says."""
    said = str(error)
    below = [str(each) for each in _chain(error) if str(each) and str(each) not in said]
    return "; ".join([said, *below[-1:]])


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error.__cause__ or error.__context__
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
