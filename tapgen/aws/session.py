"""Credentials, region and clients of one target: an AWS account, or the embedded AWS.

Clients are made once, on first use. Which environment the target belongs to is the caller's business.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from botocore.exceptions import NoCredentialsError

from tapgen.aws.failures import translated
from tapgen.aws.target import Target
from tapgen.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.credentials import ReadOnlyCredentials
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_codedeploy import CodeDeployClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

    from tapgen.aws.credentials import SessionCredentials

__all__ = ["Aws", "Identity", "Region", "ServiceName", "Target", "assume_role", "check_account", "resolve_region"]

ServiceName = Literal[
    "apigatewayv2",
    "cloudformation",
    "cloudwatch",
    "codedeploy",
    "dynamodb",
    "dynamodbstreams",
    "iam",
    "kms",
    "lambda",
    "logs",
    "route53",
    "s3",
    "service-quotas",
    "sns",
    "sqs",
    "sts",
]


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whose credentials they are."""

    account_id: str
    arn: str


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region and what named it: ``--region``, ``AWS_REGION``, ``AWS_DEFAULT_REGION`` or ``configuration``."""

    name: str
    source: str


def resolve_region(environ: Mapping[str, str], *, flag: str | None, configured: str) -> Region:
    """The region: flag, ``AWS_REGION``, ``AWS_DEFAULT_REGION``, the environment's file.

    botocore itself ignores ``AWS_REGION`` for clients (botocore ``configprovider.py``), users expect it to count.
    """
    if flag:
        return Region(name=flag, source="--region")
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if environ.get(variable):
            return Region(name=environ[variable], source=variable)
    return Region(name=configured, source="configuration")


class Aws:
    """The clients of a target.

    Args:
        target: Where calls go and as whom.
        ask_code: Asks a person for the code of an MFA device; None refuses a profile that wants one.
        require_target: Called where no answer came, before a call is tried again: raises where none can come.
    """

    def __init__(
        self,
        target: Target,
        *,
        ask_code: Callable[[str], str] | None = None,
        require_target: Callable[[], None] | None = None,
    ) -> None:
        self.target = target
        self._ask_code = ask_code
        self._require_target = require_target
        self._clients: dict[str, Any] = {}
        # boto3's Session is not safe for concurrent client creation; the clients themselves are.
        self._lock = threading.RLock()
        self._session: Any = None
        self._renewable: SessionCredentials | None = None
        self._identity: Identity | None = None

    @overload
    def client(self, service: Literal["apigatewayv2"]) -> Any: ...
    @overload
    def client(self, service: Literal["route53"]) -> Any: ...
    @overload
    def client(self, service: Literal["service-quotas"]) -> Any: ...
    @overload
    def client(self, service: Literal["cloudformation"]) -> CloudFormationClient: ...
    @overload
    def client(self, service: Literal["cloudwatch"]) -> CloudWatchClient: ...
    @overload
    def client(self, service: Literal["codedeploy"]) -> CodeDeployClient: ...
    @overload
    def client(self, service: Literal["dynamodb"]) -> DynamoDBClient: ...
    @overload
    def client(self, service: Literal["dynamodbstreams"]) -> Any: ...
    @overload
    def client(self, service: Literal["iam"]) -> IAMClient: ...
    @overload
    def client(self, service: Literal["kms"]) -> KMSClient: ...
    @overload
    def client(self, service: Literal["lambda"]) -> LambdaClient: ...
    @overload
    def client(self, service: Literal["logs"]) -> CloudWatchLogsClient: ...
    @overload
    def client(self, service: Literal["s3"]) -> S3Client: ...
    @overload
    def client(self, service: Literal["sns"]) -> Any: ...
    @overload
    def client(self, service: Literal["sqs"]) -> SQSClient: ...
    @overload
    def client(self, service: Literal["sts"]) -> STSClient: ...

    def client(self, service: ServiceName) -> Any:
        """The client of a service, made on first use.

        Raises:
            CredentialsError: The profile does not exist.
        """
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make_client(service)
            return self._clients[service]

    def account_id(self) -> str:
        """The account that the credentials belong to.

        Raises:
            CredentialsError: There are none, or STS does not accept them.
        """
        return self.identity().account_id

    def identity(self) -> Identity:
        """Whose credentials they are (one STS call, the first time).

        Raises:
            CredentialsError: There are none, or STS does not accept them.
        """
        if self._identity is None:
            with translated("read the caller's identity"):
                answer = self.client("sts").get_caller_identity()
            self._identity = Identity(account_id=answer["Account"], arn=answer["Arn"])
        return self._identity

    def credentials(self) -> ReadOnlyCredentials:
        """The credentials as they are now, refreshed when they were about to expire.

        Raises:
            CredentialsError: There are none, or they cannot be refreshed.
        """
        with translated("read the credentials"):
            with self._lock:
                found = self._open_session().get_credentials()
            if found is None:
                raise NoCredentialsError
            return cast("ReadOnlyCredentials", found.get_frozen_credentials())

    @property
    def renewable(self) -> bool:
        """Whether other credentials may come: somebody signs in again, a file is written anew."""
        return self._renewable is not None and self._renewable.renewable

    def renew(self) -> None:
        """Read the credentials again, wherever they come from; every client has the new ones.

        Raises:
            CredentialsError: There are none, they are not accepted, or they are of another account than before.
            AwsError: STS could not be asked.
        """
        before = self._identity
        with translated("read the credentials again"):
            if self._renewable:
                self._renewable.renew()
            answer = self.client("sts").get_caller_identity()
        if before and answer["Account"] != before.account_id:
            raise CredentialsError(
                f"the credentials are of account {answer['Account']} now, and were of {before.account_id}",
                hint=f"sign in to account {before.account_id} again",
                code="wrong-account",
            )

    def _open_session(self) -> Any:
        if self._session is None:
            from tapgen.aws.credentials import SessionCredentials
            from tapgen.aws.sessions import open_session

            target = self.target
            if target.access_key_id is None:
                self._renewable = SessionCredentials(target.profile, target.region, self._ask_code)
            self._session = open_session(target, self._renewable)
        return self._session

    def _make_client(self, service: ServiceName) -> Any:
        from tapgen.aws.sessions import make_client

        with translated(f"make the {service} client"):
            client = make_client(self._open_session(), self.target, service)
        if self._require_target:
            client.meta.events.register_first("needs-retry", _requiring(self._require_target))
        return client


def _requiring(require_target: Callable[[], None]) -> Callable[..., None]:
    """What botocore asks whether to try again; an error of ``require_target`` ends the call."""

    def require(*, caught_exception: Exception | None, **_: Any) -> None:
        if caught_exception is not None:
            require_target()

    return require


def assume_role(aws: Aws, role_arn: str, *, session_name: str) -> Aws:
    """Clients with a role's credentials.

    Raises:
        AwsError: The caller may not assume it.
    """
    with translated(f"assume {role_arn}"):
        found = aws.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session_name)["Credentials"]
    return Aws(
        Target(
            region=aws.target.region,
            endpoint_url=aws.target.endpoint_url,
            access_key_id=found["AccessKeyId"],
            secret_access_key=found["SecretAccessKey"],
            session_token=found["SessionToken"],
            uploads=aws.target.uploads,
        )
    )


def check_account(aws: Aws, *, environment: str, account_id: str) -> None:
    """Refuse credentials of another account than the environment's.

    Raises:
        CredentialsError: The accounts differ, with both ids.
    """
    actual = aws.account_id()
    if actual != account_id:
        raise CredentialsError(
            f"the credentials belong to account {actual}, but environment {environment!r} lives in {account_id}",
            hint="choose the right credentials with --profile, or correct `account_id` in config/environments.yaml",
            code="wrong-account",
        )
