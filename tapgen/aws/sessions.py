"""Opens the boto3 session of a target: of an account, with all that the shell says, or of the embedded AWS, deaf.

The embedded AWS is on this machine and needs nobody's account: a profile of another machine, a proxy, a file that
cannot be parsed or an endpoint in a variable must not reach it. Makes no calls.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tapgen._version import __version__
from tapgen.aws.answers import AnswerParserFactory
from tapgen.aws.failures import give_up_at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.aws.credentials import SessionCredentials
    from tapgen.aws.target import Target, UploadEncryption

_PARALLEL_CALLS = 16
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_loopback(url: str | None) -> bool:
    """Whether a URL is one of this machine."""
    return bool(url) and urlsplit(url or "").hostname in _LOOPBACK


def open_session(target: Target, credentials: SessionCredentials | None) -> Any:
    """A boto3 session.

    Args:
        target: Where calls go.
        credentials: Of a profile; None where the target names its keys.

    Raises:
        BotoCoreError: The profile or the configuration files are not usable.
    """
    import boto3
    import botocore.session

    core = botocore.session.Session(session_vars=_deaf_variables() if target.self_contained else None)
    core.register_component("response_parser_factory", AnswerParserFactory())
    if credentials:
        core.register_component("credential_provider", credentials)
    return boto3.Session(
        botocore_session=core,
        profile_name=target.profile,
        region_name=target.region,
        aws_access_key_id=target.access_key_id,
        aws_secret_access_key=target.secret_access_key,
        aws_session_token=target.session_token,
    )


def make_client(session: Any, target: Target, service: str) -> Any:
    """A client of a service.

    Raises:
        BotoCoreError: There are no credentials, or no such region.
    """
    from botocore.config import Config

    near = is_loopback(target.endpoint_url)
    plain = target.self_contained or (near and not str(target.endpoint_url).startswith("https:"))
    config = Config(
        # CloudFormation throttles pollers early: the standard mode retries with jitter, where `legacy` would not.
        retries={"mode": "standard", "max_attempts": 6},
        max_pool_connections=_PARALLEL_CALLS,
        connect_timeout=10,
        read_timeout=60,
        user_agent_extra=f"tapgen/{__version__}",
        s3={"addressing_style": "path"} if target.endpoint_url else None,
        proxies={} if near else None,
    )
    client = session.client(service, endpoint_url=target.endpoint_url, config=config, verify=True if plain else None)
    client.meta.events.register_first("needs-retry", give_up_at_once)
    if target.uploads and service == "s3":
        client.meta.events.register("provide-client-params.s3.PutObject", _encrypt(target.uploads))
    return client


def _encrypt(uploads: UploadEncryption) -> Callable[..., dict[str, Any] | None]:
    def provide(params: dict[str, Any], **_: object) -> dict[str, Any] | None:
        return {**params, **uploads.arguments} if params.get("Bucket") == uploads.bucket else None

    return provide


def _deaf_variables() -> dict[str, tuple[Any, ...]]:
    """All settings of botocore, without the variables and the files that they are read from."""
    from botocore.session import Session

    deaf = {name: (found[0], None, *found[2:]) for name, found in Session.SESSION_VARIABLES.items()}
    for name in ("config_file", "credentials_file"):
        deaf[name] = (None, None, os.devnull, None)
    return deaf
