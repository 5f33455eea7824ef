"""The shape of one resolved environment, as pydantic models; unknown keys are refused.

This module knows values and the rules between them. It must not read files or know line numbers: ``tapgen.config.load``
does that and turns pydantic's findings into faults with their place in the YAML.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

# What CloudWatch Logs accepts for PutRetentionPolicy (CloudWatch Logs API reference).
LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=20)]
AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
Days = Annotated[int, Field(ge=1, le=36500)]
TagValue = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[\w\s.:/=+@-]+$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


def _check_retention(value: int) -> int:
    if value not in LOG_RETENTION_DAYS:
        allowed = ", ".join(map(str, LOG_RETENTION_DAYS))
        raise PydanticCustomError(
            "log_retention",
            "CloudWatch Logs offers only these retentions in days: {allowed}",
            {"allowed": allowed},
        )
    return value


class Tags(_Model):
    """Cost allocation tags, put on every taggable resource."""

    owner: TagValue
    """Team that answers for the service."""
    cost_centre: TagValue
    """Where the bill goes."""
    project: TagValue | None = None
    """Value of the project tag; the project's name when left out."""


class Jwt(_Model):
    """The HTTP API's JWT authorizer."""

    issuer: Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$")]
    """Issuer (`iss`) as the identity provider writes it, with https://."""
    audiences: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    """Accepted audiences (`aud` or `client_id`)."""


class Cors(_Model):
    """Cross-origin access; no origins means no CORS at all."""

    allow_origins: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Origins that browsers may call from."""
    allow_headers: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Request headers that browsers may send."""
    max_age_s: Annotated[int, Field(ge=0, le=86400)] = 600
    """How long a browser may cache the preflight, in seconds."""


class Throttling(_Model):
    """The stage's default route throttling."""

    rate_rps: Annotated[int, Field(ge=1, le=10000)]
    """Steady requests per second."""
    burst: Annotated[int, Field(ge=1, le=5000)]
    """Requests at once."""


class Api(_Model):
    """The HTTP API."""

    authorization: Literal["NONE", "IAM", "JWT"]
    """Who may call: everybody, SigV4 callers with execute-api:Invoke, or bearers of a JWT."""
    jwt: Jwt | None = None
    """Issuer and audiences; required with JWT, refused otherwise."""
    cors: Cors
    throttling: Throttling
    access_log_retention_days: Days
    """Days that the access log is kept; one of CloudWatch Logs' values."""

    _retention = field_validator("access_log_retention_days")(_check_retention)

    @model_validator(mode="after")
    def _jwt_matches_authorization(self) -> Api:
        if self.authorization == "JWT" and self.jwt is None:
            raise PydanticCustomError(
                "jwt_missing",
                "authorization JWT needs `jwt` with an issuer and at least one audience",
            )
        if self.authorization != "JWT" and self.jwt is not None:
            raise PydanticCustomError(
                "jwt_unused",
                "`jwt` is set but authorization is {value}; remove it or set JWT",
                {"value": self.authorization},
            )
        return self


class Function(_Model):
    """One Lambda function, fully resolved."""

    memory_mb: Annotated[int, Field(ge=128, le=10240)]
    timeout_s: Annotated[int, Field(ge=1, le=900)]
    architecture: Literal["arm64", "x86_64"]
    reserved_concurrency: Annotated[int, Field(ge=1)] | None
    """Concurrent executions kept for this function; null shares the account's pool."""
    snap_start: bool
    """Start published versions from a snapshot."""
    tracing: bool
    """AWS X-Ray active tracing."""
    log_level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
    log_retention_days: Days
    """Days that the log group keeps events; one of CloudWatch Logs' values."""

    _retention = field_validator("log_retention_days")(_check_retention)


class Functions(_Model):
    """The service's functions by role."""

    api: Function
    archiver: Function


class Layer(_Model):
    """The dependency layer shared by the functions."""

    requirements: str | None
    """Hashed requirements to build the layer from; null for no layer."""
    path: str | None
    """A ready-made layer zip that is used instead, relative to the project."""


class Table(_Model):
    """The DynamoDB table."""

    point_in_time_recovery: bool
    deletion_protection: bool
    ttl_attribute: str | None
    """Attribute with the expiry in epoch seconds; null turns TTL off."""
    stream_view: Literal["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"]


class Archive(_Model):
    """The S3 archive of all changes."""

    glacier_after_days: Days
    """Days until objects move to S3 Glacier Flexible Retrieval."""
    retention_days: Days
    """Days until objects expire."""
    access_log_retention_days: Days
    """Days that the bucket's access logs are kept."""

    @model_validator(mode="after")
    def _glacier_before_expiry(self) -> Archive:
        # S3 bills Glacier Flexible Retrieval for at least 90 days (S3 pricing, minimum storage duration).
        if self.retention_days < self.glacier_after_days + 90:
            raise PydanticCustomError(
                "glacier_minimum",
                "retention_days must be at least glacier_after_days + 90 (Glacier's minimum storage duration): {least}",
                {"least": self.glacier_after_days + 90},
            )
        return self


class Alarms(_Model):
    """Thresholds; an alarm goes off when a value is reached."""

    function_errors: Annotated[int, Field(ge=1)]
    """Failed invocations in a minute."""
    function_throttles: Annotated[int, Field(ge=1)]
    """Throttled invocations in a minute."""
    latency_p90_baseline_ms: Annotated[int, Field(ge=1)]
    """The p90 duration that is normal, in milliseconds."""
    latency_tolerance: Annotated[float, Field(ge=1.0, le=100.0, strict=False)]
    """Threshold = baseline x tolerance."""
    api_5xx: Annotated[int, Field(ge=1)]
    """Responses with a 5xx status in a minute."""
    iterator_age_ms: Annotated[int, Field(ge=1)]
    """Age of the last stream record the archiver read, in milliseconds."""
    dead_letter_depth: Annotated[int, Field(ge=1)]
    """Messages in the dead-letter queue."""

    @property
    def latency_p90_ms(self) -> float:
        """The p90 threshold in milliseconds."""
        return self.latency_p90_baseline_ms * self.latency_tolerance


class Endpoint(_Model):
    """A subscription to a notification topic."""

    protocol: Literal["email", "email-json", "https", "http", "sms", "sqs", "lambda"]
    endpoint: Annotated[str, StringConstraints(min_length=3)]
    """Address, URL, number or ARN, as the protocol wants it."""


class Notifications(_Model):
    """Who hears about alarms, by severity."""

    warning: Annotated[tuple[Endpoint, ...], Field(strict=False)]
    critical: Annotated[tuple[Endpoint, ...], Field(strict=False)]


class Shift(_Model):
    """How CodeDeploy moves the `live` alias to a new version."""

    type: Literal["all-at-once", "canary", "linear"]
    percentage: Annotated[int, Field(ge=1, le=99)] = 10
    """Share of the first step (canary) or of each step (linear)."""
    interval_min: Annotated[int, Field(ge=1, le=2880)] = 5
    """Minutes between steps."""

    @property
    def duration_min(self) -> int:
        """Minutes from the first step to 100 %."""
        if self.type == "all-at-once":
            return 0
        if self.type == "canary":
            return self.interval_min
        return self.interval_min * -(-(100 - self.percentage) // self.percentage)

    @model_validator(mode="after")
    def _fits_cloudformation(self) -> Shift:
        # The alias update handler gives up after 120 minutes (AWS::Lambda::Alias registry schema); hooks need room too.
        if self.duration_min > 100:
            raise PydanticCustomError(
                "shift_too_long",
                "the shift takes {minutes} min, but CloudFormation waits at most 120 min for it; stay at or below 100",
                {"minutes": self.duration_min},
            )
        return self


class Environment(_Model):
    """One environment with its defaults merged in."""

    name: Name
    """Key of the environment in the file; set by the loader."""
    suffix: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=16)] | None = None
    """Makes an independent second deployment (`--suffix pr-42`); set by the loader."""
    project: Name
    """First part of every name."""
    account_id: AccountId
    """The AWS account this environment lives in; deploy refuses any other."""
    region: Region
    configured_region: Region | None = None
    """The file's region where another was asked for; set by the loader."""
    tags: Tags
    production: bool
    """Refuses NONE authorization, missing PITR or deletion protection, and all-at-once shifts."""
    stack_protection: bool
    """CloudFormation termination protection; destroy refuses the environment."""
    artifact_bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None = None
    """Bucket for templates and code; named after the environment when left out, may be shared."""
    api: Api
    functions: Functions
    layer: Layer
    table: Table
    archive: Archive
    encryption: Literal["aws-owned", "customer-managed"]
    """Who owns the keys at rest: AWS, or a KMS key of this environment."""
    alarms: Alarms
    notifications: Notifications
    shift: Shift

    @model_validator(mode="after")
    def _production_is_protected(self) -> Environment:
        if not self.production:
            return self
        broken = [text for condition, text in self._production_rules() if condition]
        if broken:
            raise PydanticCustomError("production", "production: true refuses {broken}", {"broken": "; ".join(broken)})
        return self

    def _production_rules(self) -> tuple[tuple[bool, str], ...]:
        return (
            (self.api.authorization == "NONE", "api.authorization NONE (use IAM or JWT)"),
            (not self.table.point_in_time_recovery, "table.point_in_time_recovery off"),
            (not self.table.deletion_protection, "table.deletion_protection off"),
            (self.shift.type == "all-at-once", "shift.type all-at-once (use canary or linear)"),
        )

    @property
    def is_local(self) -> bool:
        """True for the environment that runs on the embedded AWS."""
        return self.name == "local"

    @property
    def customer_managed(self) -> bool:
        """True when the environment has its own KMS key."""
        return self.encryption == "customer-managed"

    @property
    def cost_tags(self) -> dict[str, str]:
        """Tags for every taggable resource: Owner, CostCentre, Project, Environment."""
        environment = f"{self.name}-{self.suffix}" if self.suffix else self.name
        return {
            "Owner": self.tags.owner,
            "CostCentre": self.tags.cost_centre,
            "Project": self.tags.project or self.project,
            "Environment": environment,
        }
