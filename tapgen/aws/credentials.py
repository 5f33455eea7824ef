"""Where the calls of one target get their credentials: botocore's own chain, read again when it may have better ones.

botocore renews what says when it ends (roles, single sign-on, a process, a web identity), and never looks again at what
somebody else renews: a session token in ``~/.aws/credentials``. ``SessionCredentials`` stands between the chain and the
clients, so that ``renew`` reaches every client that was made already. No code is asked for here: who may be asked is
the caller's business.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

from botocore.credentials import create_credential_resolver
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from tapgen.errors import CredentialsError, TapgenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.credentials import Credentials, ReadOnlyCredentials

# Given to this process once: nothing that happens elsewhere can change them.
_FIXED = frozenset({"env", "explicit"})


class SessionCredentials:
    """botocore's credential chain of a profile: a session's ``credential_provider``, and the credentials themselves.

    Args:
        profile: Its name; None for what AWS_PROFILE says.
        region: Where STS is asked.
        ask_code: Asks a person for the code of an MFA device; None refuses.
    """

    def __init__(self, profile: str | None, region: str, ask_code: Callable[[str], str] | None) -> None:
        self._profile = profile
        self._region = region
        self._ask_code = ask_code
        self._current: Credentials | None = None
        self._lock = threading.Lock()

    def load_credentials(self) -> SessionCredentials | None:
        """Botocore's question at a session's first client; None when the chain has nothing.

        Raises:
            CredentialsError: The chain found something and could not use it.
            BotoCoreError: As the chain says it.
        """
        if self._current is None:
            self._current = self._load(self._ask_code)
        return self if self._current else None

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Botocore's question before each call; renews what is about to end.

        Raises:
            CredentialsError: They cannot be renewed.
        """
        return cast("ReadOnlyCredentials", _explained(self._require().get_frozen_credentials))

    @property
    def renewable(self) -> bool:
        """Whether the chain may have other credentials later."""
        return self._require().method not in _FIXED

    def renew(self) -> None:
        """Read the chain again, from its files on; nobody is asked for a code.

        Raises:
            CredentialsError: It has none now, or they cannot be used.
            BotoCoreError: As the chain says it.
        """
        found = self._load(None)
        if found is None:
            raise CredentialsError("there are no AWS credentials any more", code="no-credentials")
        _explained(found.get_frozen_credentials)
        with self._lock:
            self._current = found

    def __getattr__(self, name: str) -> Any:
        """Whatever else botocore asks credentials for: ``method``, ``account_id``, deferred properties."""
        return getattr(self._require(), name)

    def _require(self) -> Credentials:
        if self._current is None:
            raise CredentialsError("no AWS credentials were loaded", code="no-credentials")
        return self._current

    def _load(self, ask_code: Callable[[str], str] | None) -> Credentials | None:
        session = Session(profile=self._profile)
        session.set_config_variable("region", self._region)
        resolver = create_credential_resolver(session, region_name=self._region)
        # botocore's own would read the terminal, or, without one, whatever standard input holds.
        asking: Any = resolver.get_provider("assume-role")
        asking._prompter = ask_code or _refuse_code  # noqa: SLF001 - there is no other way to hand it in
        return cast("Credentials | None", _explained(resolver.load_credentials))


def _explained(load: Callable[[], Any]) -> Any:
    """What a source of credentials answers; what it raises besides botocore's own errors, explained.

    A ``credential_process`` that does not exist is a ``FileNotFoundError``, one that prints no JSON a ``ValueError``, a
    web identity token that is not there a ``FileNotFoundError``, too.
    """
    try:
        return load()
    except (TapgenError, BotoCoreError):
        raise
    except OSError as error:
        name = f" {error.filename}" if error.filename else ""
        raise CredentialsError(
            f"the credentials' source{name} cannot be used",
            why=error.strerror or str(error),
            hint=(
                "check `credential_process` and `web_identity_token_file` of the profile in ~/.aws/config, "
                "AWS_WEB_IDENTITY_TOKEN_FILE and AWS_PROFILE"
            ),
            code="credentials-source",
        ) from error
    except ValueError as error:
        raise CredentialsError(
            "the credentials' source printed no credentials that can be read",
            why=str(error),
            hint=(
                "run the profile's `credential_process` by hand: it must print one JSON document with Version, "
                "AccessKeyId and SecretAccessKey"
            ),
            code="credentials-source",
        ) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise CredentialsError(
            "the credentials' source answers something else than credentials",
            why=f"{type(error).__name__}: {error}",
            hint="check the profile in ~/.aws/config and what its `credential_process` or its endpoint answers",
            code="credentials-source",
        ) from error


def _refuse_code(prompt: str) -> str:
    raise CredentialsError(
        "the profile wants the code of an MFA device, and there is nobody to ask",
        why=prompt.strip().rstrip(":"),
        hint=(
            "in CI assume a role that needs no MFA, by OpenID Connect (`deployer.github`) or a web identity; at a desk "
            "run it in a terminal without --json, or export a session of `aws sts get-session-token`"
        ),
        code="mfa-needed",
    )
