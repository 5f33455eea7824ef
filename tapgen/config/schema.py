"""What an environment of the file may hold, as pydantic models; unknown keys are refused.

This module knows values and the rules between them. It must not read files or know line numbers: ``tapgen.config.load``
does that, turns pydantic's findings into faults with their place in the YAML, and hands on ``environment``'s values.
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

from tapgen.config.environment import shift_duration_min

# What CloudWatch Logs accepts for PutRetentionPolicy (CloudWatch Logs API reference).
LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=20)]
AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
Days = Annotated[int, Field(ge=1, le=36500)]
TagValue = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[\w\s.:/=+@-]+$")]


_MAX_SHIFT_MIN = 100


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _check_retention(value: int) -> int:
    if value not in LOG_RETENTION_DAYS:
        allowed = ", ".join(map(str, LOG_RETENTION_DAYS))
        raise PydanticCustomError(
            "log_retention",
            "CloudWatch Logs offers only these retentions in days: {allowed}",
            {"allowed": allowed},
        )
    return value


class TagsSection(_Model):
    """Cost allocation tags, put on every taggable resource."""

    owner: TagValue
    """Team that answers for the service."""
    cost_centre: TagValue
    """Where the bill goes."""
    project: TagValue | None = None
    """Value of the project tag; the project's name when left out."""


class JwtSection(_Model):
    """The HTTP API's JWT authorizer."""

    issuer: Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$")]
    """Issuer (`iss`) as the identity provider writes it, with https://."""
    audiences: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    """Accepted audiences (`aud` or `client_id`)."""


class CorsSection(_Model):
    """Cross-origin access; no origins means no CORS at all."""

    allow_origins: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Origins that browsers may call from."""
    allow_headers: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Request headers that browsers may send."""
    max_age_s: Annotated[int, Field(ge=0, le=86400)] = 600
    """How long a browser may cache the preflight, in seconds."""


class ThrottlingSection(_Model):
    """The stage's default route throttling."""

    rate_rps: Annotated[int, Field(ge=1, le=10000)]
    """Steady requests per second."""
    burst: Annotated[int, Field(ge=1, le=5000)]
    """Requests at once."""


class ApiSection(_Model):
    """The HTTP API."""

    authorization: Literal["NONE", "IAM", "JWT"]
    """Who may call: everybody, SigV4 callers with execute-api:Invoke, or bearers of a JWT."""
    jwt: JwtSection | None = None
    """Issuer and audiences; required with JWT, refused otherwise."""
    cors: CorsSection
    throttling: ThrottlingSection
    access_log_retention_days: Days
    """Days that the access log is kept; one of CloudWatch Logs' values."""

    _retention = field_validator("access_log_retention_days")(_check_retention)

    @model_validator(mode="after")
    def _jwt_matches_authorization(self) -> ApiSection:
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


class FunctionSection(_Model):
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


class FunctionsSection(_Model):
    """The service's functions by role."""

    api: FunctionSection
    archiver: FunctionSection


class LayerSection(_Model):
    """The dependency layer shared by the functions."""

    requirements: str | None
    """Hashed requirements to build the layer from; null for no layer."""
    path: str | None
    """A ready-made layer zip that is used instead, relative to the project."""


class TableSection(_Model):
    """The DynamoDB table."""

    point_in_time_recovery: bool
    deletion_protection: bool
    ttl_attribute: str | None
    """Attribute with the expiry in epoch seconds; null turns TTL off."""
    stream_view: Literal["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"]


class ArchiveSection(_Model):
    """The S3 archive of all changes."""

    glacier_after_days: Days
    """Days until objects move to S3 Glacier Flexible Retrieval."""
    retention_days: Days
    """Days until objects expire."""
    access_log_retention_days: Days
    """Days that the bucket's access logs are kept."""

    @model_validator(mode="after")
    def _glacier_before_expiry(self) -> ArchiveSection:
        # S3 bills Glacier Flexible Retrieval for at least 90 days (S3 pricing, minimum storage duration).
        if self.retention_days < self.glacier_after_days + 90:
            raise PydanticCustomError(
                "glacier_minimum",
                "retention_days must be at least glacier_after_days + 90 (Glacier's minimum storage duration): {least}",
                {"least": self.glacier_after_days + 90},
            )
        return self


class AlarmsSection(_Model):
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


class EndpointSection(_Model):
    """A subscription to a notification topic."""

    protocol: Literal["email", "email-json", "https", "sms", "sqs", "lambda"]
    endpoint: Annotated[str, StringConstraints(min_length=3)]
    """Address, URL, number or ARN, as the protocol wants it."""


class NotificationsSection(_Model):
    """Who hears about alarms, by severity."""

    warning: Annotated[tuple[EndpointSection, ...], Field(strict=False)]
    critical: Annotated[tuple[EndpointSection, ...], Field(strict=False)]


class ShiftSection(_Model):
    """How CodeDeploy moves the `live` alias to a new version."""

    type: Literal["all-at-once", "canary", "linear"]
    percentage: Annotated[int, Field(ge=1, le=99)] = 10
    """Share of the first step (canary) or of each step (linear)."""
    interval_min: Annotated[int, Field(ge=1, le=2880)] = 5
    """Minutes between steps."""

    @model_validator(mode="after")
    def _fits_cloudformation(self) -> ShiftSection:
        # The alias update handler gives up after 120 minutes (AWS::Lambda::Alias registry schema); hooks need room too.
        minutes = shift_duration_min(self.type, percentage=self.percentage, interval_min=self.interval_min)
        if minutes > _MAX_SHIFT_MIN:
            raise PydanticCustomError(
                "shift_too_long",
                "the shift takes {minutes} min, but CloudFormation waits at most 120 min for it; stay at or below 100",
                {"minutes": minutes},
            )
        return self


class EnvironmentSection(_Model):
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
    tags: TagsSection
    production: bool
    """Refuses NONE authorization, missing PITR or deletion protection, and all-at-once shifts."""
    stack_protection: bool
    """CloudFormation termination protection; destroy refuses the environment."""
    artifact_bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None = None
    """Bucket for templates and code; named after the environment when left out, may be shared."""
    api: ApiSection
    functions: FunctionsSection
    layer: LayerSection
    table: TableSection
    archive: ArchiveSection
    encryption: Literal["aws-owned", "customer-managed"]
    """Who owns the keys at rest: AWS, or a KMS key of this environment."""
    alarms: AlarmsSection
    notifications: NotificationsSection
    shift: ShiftSection

    @model_validator(mode="after")
    def _production_is_protected(self) -> EnvironmentSection:
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
