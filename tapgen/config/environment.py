"""One resolved environment as frozen values: what the rest of tapgen works with.

``schema`` says what the file may hold and checks it; this module only carries the result, so that rendering an
unchanged configuration imports no validation library. A test holds the fields of both together. Units are in the names.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping  # noqa: TC003 - `_hints` reads the annotations
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_type_hints

from tapgen.config.alarms import Alarms, Slo  # noqa: TC001 - `_hints` reads the annotations
from tapgen.parts import bucket, function, queue, table
from tapgen.parts.part import Part  # noqa: TC001 - the same
from tapgen.parts.registry import kind_of, list_kinds
from tapgen.service.model import EMPTY, Model

if TYPE_CHECKING:
    from tapgen.parts.bucket.settings import BucketSettings
    from tapgen.parts.function.settings import FunctionSettings
    from tapgen.parts.queue.settings import QueueSettings
    from tapgen.parts.table.settings import TableSettings


def shift_duration_min(kind: str, *, percentage: int, interval_min: int) -> int:
    """Minutes from a shift's first step to 100 %."""
    if kind == "all-at-once":
        return 0
    if kind == "canary":
        return interval_min
    return interval_min * -(-(100 - percentage) // percentage)


FUNCTIONS, TABLES = function.KIND.section, table.KIND.section
BUCKETS, QUEUES = bucket.KIND.section, queue.KIND.section


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
class Domain:
    """The HTTP API's own domain name; it has a certificate or a hosted zone."""

    name: str
    base_path: str
    certificate_arn: str | None
    hosted_zone_id: str | None
    default_endpoint: bool

    @property
    def url(self) -> str:
        """The base URL of the API, without a trailing slash."""
        return f"https://{self.name}/{self.base_path}".rstrip("/")


@dataclass(frozen=True, kw_only=True)
class Api:
    """The HTTP API."""

    authorization: Literal["NONE", "IAM", "JWT"]
    jwt: Jwt | None
    cors: Cors
    throttling: Throttling
    access_log_retention_days: int
    domain: Domain | None

    @property
    def base_path(self) -> str:
        """What stands before a route in the URL: ``/orders/v1``, or nothing."""
        return f"/{self.domain.base_path}" if self.domain and self.domain.base_path else ""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """The dependency layer: from requirements, or ready made."""

    requirements: str | None
    path: str | None


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

    @property
    def duration_min(self) -> int:
        """Minutes from the first step to 100 %."""
        return shift_duration_min(self.type, percentage=self.percentage, interval_min=self.interval_min)


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
class Iam:
    """What the organisation demands of roles and policies."""

    boundary: str | None
    path: str
    prefix: str


@dataclass(frozen=True, kw_only=True)
class Validation:
    """What validation accepts."""

    suppress: Mapping[str, str]
    """Id of a rule, or ``<id>.<logical id>`` → why it need not hold."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One environment with its defaults merged in."""

    name: str
    suffix: str | None
    project: str
    account_id: str
    region: str
    configured_region: str | None
    unlisted_region: bool
    tags: Tags
    production: bool
    stack_protection: bool
    artifact_bucket: str | None
    artifact_encryption: str | None
    api: Api
    layer: Layer
    encryption: Literal["aws-owned", "customer-managed"]
    alarms: Alarms
    slo: Slo | None
    notifications: Notifications
    shift: Shift
    deployer: Deployer
    iam: Iam
    validation: Validation
    settings: Mapping[str, bool | int | str]
    """The service's own settings by name."""
    parts: Mapping[str, Mapping[str, Any]]
    """Settings of the parts by section and name: ``parts["tables"]["orders"]``; each kind has its own class."""
    service: Model = EMPTY
    """What the service is."""

    def settings_of(self, part: Part) -> Any:
        """The settings of one part: an instance of its kind's ``SETTINGS``."""
        return self.parts[kind_of(part).section][part.name]

    @property
    def functions(self) -> Mapping[str, FunctionSettings]:
        """Settings of the functions by name; ``hooks`` are those of both hooks."""
        return self.parts[FUNCTIONS]

    @property
    def tables(self) -> Mapping[str, TableSettings]:
        """Settings of the tables by name."""
        return self.parts[TABLES]

    @property
    def buckets(self) -> Mapping[str, BucketSettings]:
        """Settings of the buckets by name."""
        return self.parts[BUCKETS]

    @property
    def queues(self) -> Mapping[str, QueueSettings]:
        """Settings of the queues by name."""
        return self.parts[QUEUES]

    @property
    def layered_architectures(self) -> tuple[str, ...]:
        """Of the functions that use the dependency layer; the hooks do without."""
        return tuple(
            self.functions[item.name].architecture
            for item in self.service.functions
            if item.layered and item.runtime.startswith("python") and not item.image
        )

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


def build_environment(data: dict[str, Any], service: Model) -> Environment:
    """An environment from checked plain data, as JSON holds it.

    Raises:
        KeyError: A field is missing: the data is of another release.
    """
    hints = _hints(Environment)
    plain = {
        field.name: _build(hints[field.name], data[field.name])
        for field in dataclasses.fields(Environment)
        if field.name not in _COMPOSED
    }
    parts = {
        kind.section: {name: _build(kind.settings, item) for name, item in data["parts"][kind.section].items()}
        for kind in list_kinds()
        if kind.section
    }
    return Environment(**plain, settings=dict(data["settings"]), parts=parts, service=service)


def plain_data(environment: Environment) -> dict[str, Any]:
    """The environment as JSON holds it, without its service.

    ``build_environment`` reads it.
    """
    data: dict[str, Any] = dataclasses.asdict(dataclasses.replace(environment, service=EMPTY))
    del data["service"]
    return data


_COMPOSED = {"settings", "parts", "service"}
# Evaluating annotations takes longer than all the rest, and every environment has the same.
_hints = functools.cache(get_type_hints)


def _build(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{field.name: _build(hints[field.name], value[field.name]) for field in dataclasses.fields(kind)})
    if isinstance(value, list | tuple):
        return tuple(_build(get_args(kind)[0], item) for item in value)
    if isinstance(value, dict):
        inner = [item for item in get_args(kind) if dataclasses.is_dataclass(item)]
        return _build(inner[0], value) if inner else dict(value)
    return value
