"""One resolved environment as frozen values: what the rest of tapgen works with.

``schema`` says what the file may hold and checks it; this module only carries the result, so that rendering an
unchanged configuration imports no validation library. A test holds the fields of both together. Units are in the names.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints

from tapgen.config.alarms import Alarms, Slo  # noqa: TC001 - `_hints` reads the annotations
from tapgen.model import ShiftPolicy
from tapgen.naming import Names


@dataclass(frozen=True, kw_only=True)
class Tags:
    """Cost allocation tags."""

    owner: str
    cost_centre: str
    project: str | None


@dataclass(frozen=True, kw_only=True)
class Jwt:
    """The HTTP API's JWT authorizer."""

    issuer: str
    audiences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Cors:
    """Cross-origin access; no origins means no CORS."""

    allow_origins: tuple[str, ...]
    allow_headers: tuple[str, ...]
    max_age_s: int


@dataclass(frozen=True, kw_only=True)
class Throttling:
    """The stage's default route throttling."""

    rate_rps: int
    burst: int


@dataclass(frozen=True, kw_only=True)
class Api:
    """The HTTP API."""

    authorization: Literal["NONE", "IAM", "JWT"]
    jwt: Jwt | None
    require_if_match: bool
    cors: Cors
    throttling: Throttling
    access_log_retention_days: int


@dataclass(frozen=True, kw_only=True)
class Function:
    """One Lambda function."""

    memory_mb: int
    timeout_s: int
    architecture: Literal["arm64", "x86_64"]
    reserved_concurrency: int | None
    snap_start: bool
    tracing: bool
    log_level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
    log_retention_days: int


@dataclass(frozen=True, kw_only=True)
class Functions:
    """The functions by role."""

    api: Function
    archiver: Function
    hooks: Function
    """Both hooks: they are one folder of code with two entry points."""

    @classmethod
    def roles(cls) -> tuple[str, ...]:
        """The folders of code, in the order of the fields."""
        return tuple(field.name for field in dataclasses.fields(cls))

    @property
    def layered_architectures(self) -> tuple[str, ...]:
        """Of the functions that use the dependency layer; the hooks do without."""
        return (self.api.architecture, self.archiver.architecture)

    def of(self, role: str) -> Function:
        """The settings of one function."""
        function: Function = getattr(self, role)
        return function


@dataclass(frozen=True, kw_only=True)
class Layer:
    """The dependency layer: from requirements, or ready made."""

    requirements: str | None
    path: str | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """The DynamoDB table."""

    point_in_time_recovery: bool
    deletion_protection: bool
    ttl_attribute: str | None
    stream_view: str


@dataclass(frozen=True, kw_only=True)
class Archive:
    """The S3 archive."""

    glacier_after_days: int
    retention_days: int
    access_log_retention_days: int


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A subscription to a notification topic."""

    protocol: str
    endpoint: str


@dataclass(frozen=True, kw_only=True)
class Notifications:
    """Who hears about alarms, by severity."""

    warning: tuple[Endpoint, ...]
    critical: tuple[Endpoint, ...]


@dataclass(frozen=True, kw_only=True)
class Probes:
    """Synthetic requests while a shift runs."""

    rate_per_min: int


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How CodeDeploy moves the live alias, and what counts as proof."""

    type: Literal["all-at-once", "canary", "linear"]
    percentage: int
    interval_min: int
    minimum_requests: int
    inconclusive: Literal["warn", "extend", "fail"] | None
    probes: Probes


@dataclass(frozen=True, kw_only=True)
class Github:
    """Workflows that may deploy, by GitHub's OpenID Connect."""

    repository: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class Deployer:
    """Who may assume the deployer role."""

    principals: tuple[str, ...]
    github: Github | None


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One environment with its defaults merged in."""

    name: str
    suffix: str | None
    project: str
    account_id: str
    region: str
    configured_region: str | None
    tags: Tags
    production: bool
    stack_protection: bool
    artifact_bucket: str | None
    api: Api
    functions: Functions
    layer: Layer
    table: Table
    archive: Archive
    encryption: Literal["aws-owned", "customer-managed"]
    alarms: Alarms
    slo: Slo | None
    notifications: Notifications
    shift: Shift
    deployer: Deployer

    @property
    def label(self) -> str:
        """``name[-suffix]``."""
        return f"{self.name}-{self.suffix}" if self.suffix else self.name

    @property
    def customer_managed(self) -> bool:
        """True when the environment has its own KMS key."""
        return self.encryption == "customer-managed"

    @property
    def inconclusive(self) -> Literal["warn", "extend", "fail"]:
        """What a shift with too few requests means here; production fails it unless the file says otherwise."""
        return self.shift.inconclusive or ("fail" if self.production else "warn")

    @property
    def cost_tags(self) -> dict[str, str]:
        """Tags for every taggable resource: Owner, CostCentre, Project, Environment."""
        return {
            "Owner": self.tags.owner,
            "CostCentre": self.tags.cost_centre,
            "Project": self.tags.project or self.project,
            "Environment": self.label,
        }


def shift_policy(environment: Environment) -> ShiftPolicy:
    """What counts as proof when traffic moves to a new version of the API function."""
    return ShiftPolicy(
        function=Names(environment).function("api"),
        minimum_requests=environment.shift.minimum_requests,
        inconclusive=environment.inconclusive,
        probes_per_min=environment.shift.probes.rate_per_min,
        authorization=environment.api.authorization,
    )


def shift_duration_min(kind: str, *, percentage: int, interval_min: int) -> int:
    """Minutes from a shift's first step to 100 %."""
    if kind == "all-at-once":
        return 0
    if kind == "canary":
        return interval_min
    return interval_min * -(-(100 - percentage) // percentage)


def build_environment(data: dict[str, Any]) -> Environment:
    """An environment from checked plain data, as JSON holds it.

    Raises:
        KeyError: A field is missing: the data is of another release.
    """
    environment: Environment = _build(Environment, data)
    return environment


# Evaluating annotations takes longer than all the rest, and every environment has the same.
_hints = functools.cache(get_type_hints)


def _build(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{field.name: _build(hints[field.name], value[field.name]) for field in dataclasses.fields(kind)})
    if isinstance(value, list | tuple):
        return tuple(_build(get_args(kind)[0], item) for item in value)
    if isinstance(value, dict):
        (inner,) = (item for item in get_args(kind) if dataclasses.is_dataclass(item))
        return _build(inner, value)
    return value
