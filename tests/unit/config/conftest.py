"""A small, complete configuration that tests change in one place and then resolve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tapgen.config.load import Environments, load_environments
from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMPLETE = """\
defaults:
  project: ledger
  region: eu-west-1
  tags: {owner: payments, cost_centre: cc-1}
  production: false
  stack_protection: false
  api:
    authorization: NONE
    cors: {allow_origins: [], allow_headers: []}
    throttling: {rate_rps: 100, burst: 200}
    access_log_retention_days: 30
  function:
    memory_mb: 512
    timeout_s: 10
    architecture: arm64
    reserved_concurrency: null
    snap_start: false
    tracing: true
    log_level: INFO
    log_retention_days: 30
  functions:
    archiver: {timeout_s: 60}
    hooks: {timeout_s: 60}
  layer: {requirements: handlers/requirements.txt, path: null}
  table:
    point_in_time_recovery: true
    deletion_protection: false
    ttl_attribute: expiresAt
    stream_view: NEW_AND_OLD_IMAGES
  buckets:
    archive: {glacier_after_days: 90, expire_after_days: 365, access_log_retention_days: 90}
  encryption: aws-owned
  alarms:
    function_errors: 1
    function_throttles: 1
    latency_p90_baseline_ms: 150
    latency_tolerance: 2.0
    api_5xx: 1
    iterator_age_ms: 60000
    dead_letter_depth: 1
  notifications: {warning: [], critical: []}
  shift: {type: canary, percentage: 10, interval_min: 5, minimum_requests: 20, inconclusive: null, probes: {
    rate_per_min: 0}}

environments:
  dev:
    account_id: "111122223333"
  prod:
    account_id: "123456789012"
    production: true
    stack_protection: true
    api: {authorization: IAM}
    table: {deletion_protection: true}
"""

SERVICE = """\
from tapgen.service import Service

service = Service("ledger")
items = service.table("transactions", partition_key="userId", sort_key="transactionId")
archive = service.bucket("archive")
letters = service.queue("dead-letters", holds_failures=True)
service.function("api").route("GET /users/{userId}").may(items.query())
service.function("archiver", on=items.changes(on_failure=letters)).may(archive.put("*"))
"""

HERE = "# here"
"""Marks the line of the file at which a test expects a fault."""


@dataclass(frozen=True)
class Project:
    """A project folder with nothing but a configuration and a requirements file."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "config" / "environments.yaml"

    def write(self, text: str) -> Environments:
        """Replace the configuration."""
        self.file.write_text(text, encoding="utf-8")
        return load_environments(self.file)

    def change(self, *changes: tuple[str, str]) -> Environments:
        """The complete configuration with pieces of its text replaced; each must be there once."""
        text = COMPLETE
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the configuration"
            text = text.replace(old, new)
        return self.write(text)

    @property
    def marked(self) -> str:
        """``file:line`` of the marked line, as faults begin with it."""
        lines = self.file.read_text(encoding="utf-8").splitlines()
        (number,) = (number for number, line in enumerate(lines, start=1) if HERE in line)
        return f"{self.file}:{number}"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The complete configuration in a folder of its own."""
    (tmp_path / "config").mkdir()
    for function in ("api", "archiver"):
        (tmp_path / "handlers" / function).mkdir(parents=True)
    (tmp_path / "handlers" / "requirements.txt").touch()
    (tmp_path / "config" / "service.py").write_text(SERVICE, encoding="utf-8")
    made = Project(tmp_path)
    made.write(COMPLETE)
    return made


@pytest.fixture(name="faults_of")
def _faults_of() -> Callable[[Callable[[], object]], list[str]]:
    """What an action fails with, one fault a line."""

    def collect(action: Callable[[], object]) -> list[str]:
        with pytest.raises(TapgenError) as caught:
            action()
        assert caught.value.exit_code == 2
        return caught.value.why.splitlines()

    return collect
