"""Nobody gets in: real requests to the deployed service, by everybody who may not, and what refuses each."""

from __future__ import annotations

import base64
import dataclasses
import json
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import jwt
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa

from tapgen.aws.http_api import ApiCaller, BearerAuthorization, IamAuthorization, no_authorization
from tapgen.aws.session import Aws, Target
from tapgen.build import Builder, BuildRequest
from tapgen.deploy.bootstrap import bootstrap
from tapgen.deploy.release.deploy import deploy
from tapgen.deploy.request import DeployRequest
from tapgen.engine.context import Context
from tapgen.local.server import ACCOUNT_ID, LocalAws
from tapgen.local.tokens import Claims, mint
from tapgen.local.urls import api_url
from tapgen.naming import Names
from tapgen.render import render
from tapgen.toolkit.bootstrap_request import bootstrap_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.aws.http_api import Authorization
    from tapgen.local.server import LocalStatus

REPOSITORY = Path(__file__).parents[3]
PATH = "/users/ada/transactions"


@dataclass
class Service:
    """Deployments of one embedded AWS: the same service for each authorization."""

    status: LocalStatus
    aws: Aws
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)

    def request(self, environment: str, authorization: Authorization, *, path: str = PATH) -> int:
        """The status of a GET."""
        caller = ApiCaller(api_url(self.status.endpoint_url, self.outputs[environment]["ApiId"]), authorization)
        return caller.request("GET", path).status

    def token(self, **changes: Any) -> str:
        """A token of the environment's issuer for ada, with changes."""
        claims = Claims(**{"issuer": ISSUER, "audience": AUDIENCE, "subject": "ada"} | changes)
        return mint(self.status.state_dir, claims)


ISSUER, AUDIENCE = "https://login.staging.example.com/", "transactions-api"
ENVIRONMENTS = {"NONE": "local", "IAM": "dev", "JWT": "staging"}


@pytest.fixture(name="service", scope="module")
def _service() -> Iterator[Service]:
    with tempfile.TemporaryDirectory() as folder:
        local = LocalAws(Path(folder), lifetime="parent", save="stop")
        status = local.ensure_running()
        key, secret = LocalAws.credentials()
        builder, outputs = Builder(REPOSITORY), {}
        for authorization, name in ENVIRONMENTS.items():
            environment = dataclasses.replace(builder.environments.resolve(name), account_id=ACCOUNT_ID)
            aws = Aws(_target(status, environment.region, key, secret))
            context = Context(aws=aws, emit=lambda _: None)
            bootstrap(context, bootstrap_request(environment))
            artifacts = builder.load_or_render(BuildRequest(environment=name)).artifacts
            request = DeployRequest(rendered=render(environment, artifacts), confirm=lambda _: True)
            outputs[authorization] = dict(deploy(context, request).outputs)
        yield Service(status, Aws(_target(status, "eu-west-1", key, secret)), outputs)
        local.stop()


def _target(status: LocalStatus, region: str, key: str, secret: str) -> Target:
    return Target(region=region, endpoint_url=status.endpoint_url, access_key_id=key, secret_access_key=secret)


def test_an_open_api_asks_nobody(service: Service) -> None:
    """NONE is for development: production's rules refuse it."""
    assert service.request("NONE", no_authorization) == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_in_s": -60},
        {"issuer": "https://login.example.com/"},
        {"audience": "another-api"},
    ],
    ids=["expired", "wrong issuer", "wrong audience"],
)
def test_the_authorizer_refuses_claims(service: Service, changes: dict[str, Any]) -> None:
    """API Gateway's JWT authorizer: 401, and the function never sees it."""
    assert service.request("JWT", BearerAuthorization(service.token(**changes))) == 401


def test_the_authorizer_refuses_who_brings_nothing(service: Service) -> None:
    """No token at all."""
    assert service.request("JWT", no_authorization) == 401


def test_the_authorizer_refuses_signatures(service: Service) -> None:
    """Another key's signature, no signature, and a changed payload."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": int(time.time()) + 600}
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    header, _, signature = service.token().split(".")
    payload = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "eve"}).encode()).rstrip(b"=").decode()
    forged = (
        jwt.encode(claims, stranger, algorithm="RS256"),
        jwt.encode(claims, "", algorithm="none"),
        f"{header}.{payload}.{signature}",
    )

    assert [service.request("JWT", BearerAuthorization(token)) for token in forged] == [401, 401, 401]


def test_the_function_refuses_other_peoples_transactions(service: Service) -> None:
    """A good token is good for its subject's own path: 403 elsewhere, unless it carries the admin scope."""
    own = BearerAuthorization(service.token())
    other = BearerAuthorization(service.token(subject="eve"))
    admin = BearerAuthorization(service.token(subject="root", scope="transactions:admin"))

    assert service.request("JWT", own) == 200
    assert service.request("JWT", other) == 403
    assert service.request("JWT", admin) == 200
    assert service.request("JWT", no_authorization, path="/health") == 200


def test_iam_refuses_who_may_not_invoke(service: Service) -> None:
    """No signature, a signature without execute-api:Invoke, one for another API; the right permission gets in."""
    api_id = service.outputs["IAM"]["ApiId"]

    def call(api: str) -> int:
        return service.request("IAM", IamAuthorization(_user(service, api)))

    assert service.request("IAM", no_authorization) == 403
    assert call("") == 403
    assert call("another-api") == 403
    assert call(api_id) == 200


def _user(service: Service, api: str) -> Aws:
    """A user who may call one API; nothing when none is named."""
    iam = boto3.client(
        "iam",
        endpoint_url=service.status.endpoint_url,
        region_name="eu-west-1",
        aws_access_key_id=ACCOUNT_ID,
        aws_secret_access_key="test",  # noqa: S106 - the embedded AWS takes any secret
    )
    name = f"caller-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    if api:
        resource = f"arn:aws:execute-api:eu-west-1:{ACCOUNT_ID}:{api}/*"
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName="call", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Aws(_target(service.status, "eu-west-1", key["AccessKeyId"], key["SecretAccessKey"]))


def _refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return str(refused.value.response["Error"]["Code"])


@pytest.mark.parametrize("bucket", ["ArchiveBucketName", "AccessLogBucketName", "artifacts"])
def test_buckets_refuse_strangers_and_publicity(service: Service, bucket: str) -> None:
    """Another account's root user, a public ACL and a public policy."""
    environment = dataclasses.replace(Builder(REPOSITORY).environments.resolve("staging"), account_id=ACCOUNT_ID)
    name = Names(environment).artifact_bucket if bucket == "artifacts" else service.outputs["JWT"][bucket]
    stranger = Aws(_target(service.status, environment.region, "111111111111", "test")).client("s3")
    owner = service.aws.client("s3")
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [public]})

    assert _refusal(stranger.list_objects_v2, Bucket=name) == "AccessDenied"
    assert _refusal(stranger.put_object, Bucket=name, Key="x", Body=b"") == "AccessDenied"
    assert _refusal(owner.put_bucket_acl, Bucket=name, ACL="public-read") == "AccessDenied"
    assert _refusal(owner.put_bucket_policy, Bucket=name, Policy=policy) == "AccessDenied"


@pytest.mark.parametrize("bucket", ["ArchiveBucketName", "AccessLogBucketName"])
def test_buckets_refuse_plain_http(service: Service, bucket: str) -> None:
    """The policy in force denies it to everybody; the embedded AWS takes every request for an encrypted one."""
    name = service.outputs["JWT"][bucket]
    statements = json.loads(service.aws.client("s3").get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    (refusal,) = [statement for statement in statements if statement["Effect"] == "Deny"]

    assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert refusal["Principal"] in ("*", {"AWS": "*"})
    assert f"arn:aws:s3:::{name}/*" in refusal["Resource"]
