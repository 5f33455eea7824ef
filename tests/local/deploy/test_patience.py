"""A watch goes on as long as its operation: throttled, refused, cut off, or with credentials that have ended."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.session import Aws, Target
from tapgen.deploy.destroy import DestroyRequest, destroy
from tapgen.engine.context import Context
from tapgen.engine.deployment import deployment_of
from tapgen.errors import AwsError, ExitCode
from tapgen.events import Noted
from tests.local.deploy.fault_proxy import running
from tests.local.deploy.outage_proxy import OutageProxy, asks_events, token_of, without_retries
from tests.local.deploy.service import REGION, Service

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.deploy.outage_proxy import Refusal


class _Clock:
    """Time that passes when somebody sleeps, so that a wait costs nothing."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        """Seconds so far."""
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Let them pass."""
        self.now_s += seconds


@dataclasses.dataclass
class _Watched(Service):
    """A service whose deploys live by a clock of their own."""

    @property
    def context(self) -> Context:
        """A context that keeps the events."""
        return Context(aws=self.aws, emit=self.events.append, clock=_Clock())


def _watched(service: Service, aws: Aws) -> _Watched:
    return _Watched(aws=without_retries(aws), folder=service.folder, name=service.name, resources=service.resources)


def _notes(service: Service, words: str) -> list[str]:
    return [note.text for note in service.seen(Noted) if words in note.text]


@pytest.mark.parametrize("refusal", ["throttle", "fail", "drop"])
def test_a_watch_bears_what_keeps_aws_from_answering(service: Service, refusal: Refusal) -> None:
    """Forty looks in a row are throttled, refused with a 5xx or cut off: the deploy ends as ever, with one line."""
    assert service.aws.target.endpoint_url
    proxy = OutageProxy(service.aws.target.endpoint_url, refusal=refusal, length=40, asking=asks_events)
    with running(proxy) as url:
        watched = _watched(service, Aws(dataclasses.replace(service.aws.target, endpoint_url=url)))

        result = watched.deploy()

    assert result.status == "done"
    assert proxy.left == 0
    assert len(_notes(watched, "so does the watch")) == 1
    assert len(_notes(watched, "AWS answers again")) == 1


def test_an_answer_that_cannot_get_better_ends_the_watch(service: Service) -> None:
    """A caller who may not read the events is told at once."""
    from tapgen.deploy.watch.stack_watcher import Operation, follow

    context = _watched(service, service.aws).context
    with pytest.raises(AwsError, match="does not exist"):
        follow(context, Operation(stack_id="nobody-made-this", since=_long_ago()))


def _long_ago() -> datetime:
    return datetime.min.replace(tzinfo=UTC)


def _with_token(path: Path, token: str) -> None:
    path.write_text(
        f"[default]\naws_access_key_id = 000000000000\naws_secret_access_key = test\naws_session_token = {token}\n",
        encoding="utf-8",
    )


@pytest.fixture(name="credentials")
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A credentials file, which is where this test's credentials are."""
    path = tmp_path / "credentials"
    _with_token(path, "old")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    return path


def test_a_watch_goes_on_with_credentials_that_somebody_renewed(service: Service, credentials: Path) -> None:
    """The token ends under way and another one is written into the file: nobody has to start anything again."""
    assert service.aws.target.endpoint_url

    def asking(_: bytes, headers: object) -> bool:
        ended = token_of(headers) == "old"  # type: ignore[arg-type]  # a mapping, handed through
        if ended and proxy.counts["expire"] == 2:
            _with_token(credentials, "new")
        return ended

    proxy = OutageProxy(service.aws.target.endpoint_url, refusal="expire", length=1000, asking=asking)
    with running(proxy) as url:
        watched = _watched(service, Aws(Target(region=REGION, endpoint_url=url)))

        result = watched.deploy()

    assert result.status == "done"
    assert len(_notes(watched, "the watch waits 10 min")) == 1


@pytest.mark.parametrize("renewable", [True, False])
def test_without_other_credentials_the_operation_is_left(
    service: Service, credentials: Path, monkeypatch: pytest.MonkeyPatch, *, renewable: bool
) -> None:
    """Nobody signs in again, or nobody can: exit code and way on are those of an operation that was left running."""
    assert credentials.exists()
    assert service.aws.target.endpoint_url
    if not renewable:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "000000000000")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    proxy = OutageProxy(
        service.aws.target.endpoint_url, refusal="expire", length=100_000, asking=lambda body, _: b"Action=" in body
    )
    with running(proxy) as url:
        watched = _watched(service, Aws(Target(region=REGION, endpoint_url=url)))

        result = watched.deploy()

    assert result.status == "detached"
    assert result.exit_code == ExitCode.INTERRUPTED
    hints = [note.hint for note in watched.seen(Noted)]
    assert any("`tapgen attach --env dev`" in hint for hint in hints), hints
    assert _notes(watched, "CloudFormation goes on")
    record = deployment_of(service.render()).ledger(service.context).read_all()[-1]
    assert record.execution is not None
    assert record.outcome is None


def test_a_destroy_whose_credentials_end_is_left_running(service: Service, credentials: Path) -> None:
    """It is no failure of the delete: CloudFormation goes on with it, and the exit code says that it was left."""
    assert credentials.exists()
    assert service.aws.target.endpoint_url
    service.deploy()
    proxy = OutageProxy(
        service.aws.target.endpoint_url, refusal="expire", length=100_000, asking=lambda body, _: b"Action=" in body
    )
    with running(proxy) as url:
        watched = _watched(service, Aws(Target(region=REGION, endpoint_url=url)))
        deployment = deployment_of(service.render())

        result = destroy(
            watched.context, DestroyRequest(deployment=deployment, protected=False, confirm=lambda _: True)
        )

    assert result.status == "detached"
    assert result.exit_code == ExitCode.INTERRUPTED
