"""What an environment of the file may hold, as pydantic models; unknown keys are refused.

Each setting's docstring is its description in the JSON Schema (``tapgen.config.json_schema``). Rules between settings
are in ``tapgen.config.rules``; the file and its lines are known to ``tapgen.config.load`` alone, and the rest of tapgen
works with the checked values of ``tapgen.config.environment``.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tapgen.config.alarm_schema import AlarmsSection, SloSection  # noqa: TC001 - pydantic reads the annotations
from tapgen.config.origins import Origin  # noqa: TC001 - the same
from tapgen.elements.retention import LogRetentionDays  # noqa: TC001 - the same
from tapgen.elements.section import Section

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=20)]
Suffix = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=16)]
AccountId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,8}(-[a-z]+)+-[0-9]{1,2}$")]
# RFC 9110, section 5.1; `*` is one of them, and means all to API Gateway.
HeaderName = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
Audience = Annotated[str, StringConstraints(pattern=r"^\S+$")]
TagValue = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[\w\s.:/=+@-]+$")]


class TagsSection(Section):
    """Cost allocation tags, put on every taggable resource."""

    owner: TagValue
    """Team that answers for the service."""
    cost_centre: TagValue
    """Where the bill goes."""
    project: TagValue | None = None
    """Value of the project tag; the project's name when left out."""


class JwtSection(Section):
    """The HTTP API's JWT authorizer."""

    issuer: Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$")]
    """Issuer (`iss`) as the identity provider writes it, with https://."""
    audiences: Annotated[tuple[Audience, ...], Field(min_length=1, strict=False)]
    """Accepted audiences (`aud` or `client_id`)."""


class CorsSection(Section):
    """Cross-origin access; no origins means no CORS at all."""

    allow_origins: Annotated[tuple[Origin, ...], Field(strict=False)] = ()
    """Origins that browsers may call from: `https://app.example.com`, or all with `*`, `https://*` or `http://*`."""
    allow_headers: Annotated[tuple[HeaderName, ...], Field(strict=False)] = ()
    """Request headers that browsers may send."""
    max_age_s: Annotated[int, Field(ge=0, le=86400)] = 600
    """How long a browser may cache the preflight, in seconds."""


class ThrottlingSection(Section):
    """The stage's default route throttling."""

    rate_rps: Annotated[int, Field(ge=1, le=10000)]
    """Steady requests per second."""
    burst: Annotated[int, Field(ge=1, le=5000)]
    """Requests at once."""


class DomainSection(Section):
    """The HTTP API's own domain name, with a certificate of yours or one that is made in a hosted zone."""

    name: Annotated[
        str,
        StringConstraints(
            pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$", max_length=253
        ),
    ]
    """Full domain name in lower case: `api.example.com`."""
    # API Gateway developer guide, "Map API stages to a custom domain name for HTTP APIs", restrictions.
    base_path: Annotated[
        str, StringConstraints(pattern=r"^([A-Za-z0-9$_.+!*'()-]+(/[A-Za-z0-9$_.+!*'()-]+)*)?$", max_length=300)
    ] = ""
    """Path that the API answers below, without slashes around it: `orders/v1`; functions do not see it."""
    certificate_arn: (
        Annotated[
            str, StringConstraints(pattern=r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$")
        ]
        | None
    ) = None
    """Certificate of the environment's region; you point the name at the output ApiDomainTarget. Or hosted_zone_id."""
    hosted_zone_id: Annotated[str, StringConstraints(pattern=r"^Z[A-Z0-9]{1,31}$")] | None = None
    """Public hosted zone that gets the certificate's validation and the records of the name."""
    default_endpoint: bool = False
    """Whether the URL that API Gateway made up answers, too."""


class ApiSection(Section):
    """The HTTP API."""

    authorization: Literal["NONE", "IAM", "JWT"]
    """Who may call: everybody, SigV4 callers with execute-api:Invoke, or bearers of a JWT."""
    jwt: JwtSection | None = None
    """Issuer and audiences; required with JWT, refused otherwise."""
    cors: CorsSection
    """Cross-origin access."""
    throttling: ThrottlingSection
    """Default limits of every route."""
    access_log_retention_days: LogRetentionDays
    """Days that the access log is kept; one of CloudWatch Logs' values."""
    domain: DomainSection | None = None
    """A domain name of your own; null for the URL that API Gateway makes up."""


class LayerSection(Section):
    """The dependency layer shared by the functions."""

    requirements: str | None
    """Hashed requirements to build the layer from; null for no layer."""
    path: str | None
    """A ready-made layer zip that is used instead, relative to the project."""


class EndpointSection(Section):
    """A subscription to a notification topic."""

    protocol: Literal["email", "email-json", "https", "sms", "sqs", "lambda"]
    """How SNS delivers."""
    endpoint: Annotated[str, StringConstraints(min_length=3)]
    """Address, URL, number or ARN, as the protocol wants it."""


class NotificationsSection(Section):
    """Who hears about alarms, by severity."""

    warning: Annotated[tuple[EndpointSection, ...], Field(strict=False)]
    """Hears of what can wait until the morning."""
    critical: Annotated[tuple[EndpointSection, ...], Field(strict=False)]
    """Hears of what cannot."""


class ProbesSection(Section):
    """Synthetic requests through the public API while a shift runs, so that a quiet service is tested, too."""

    rate_per_min: Annotated[int, Field(ge=0, le=6000)]
    """Requests in a minute; 0 sends none."""


class GithubSection(Section):
    """Workflows that may deploy, by GitHub's OpenID Connect."""

    repository: Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$")]
    """`owner/name`."""
    subject: Annotated[str, StringConstraints(pattern=r"^(environment:[^\s*?]+|ref:refs/(heads|tags)/[^\s*?]+)$")]
    """Which workflows of it: `environment:prod` or `ref:refs/heads/main`."""


class DeployerSection(Section):
    """Who may assume the deployer role that bootstrap makes; without anybody there is no such role."""

    principals: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:[^\s*?]+$")], ...],
        Field(strict=False),
    ] = ()
    """ARNs of IAM users, roles, or of an account (`:root`)."""
    github: GithubSection | None = None
    """Workflows on GitHub; null for none."""


class IamSection(Section):
    """What the organisation demands of roles and policies."""

    boundary: (
        Annotated[
            str,
            StringConstraints(
                pattern=r"^(arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/)?[\w+=,.@-]+(/[\w+=,.@-]+)*$", max_length=2048
            ),
        ]
        | None
    ) = None
    """ARN or name of a permissions boundary that all roles carry instead of tapgen's; null for tapgen's own."""
    path: Annotated[str, StringConstraints(pattern=r"^/([\w+=,.@-]+/)*$", max_length=512)] = "/"
    """Path of all roles and policies, between slashes: `/service/`."""
    prefix: Annotated[str, StringConstraints(pattern=r"^[\w+=,.@-]*$", max_length=32)] = ""
    """What the names of all roles and policies begin with, before the project: `acme-`."""


class ValidationSection(Section):
    """What `tapgen validate` accepts here."""

    suppress: Mapping[
        Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(\.[A-Za-z0-9]+)?$")],
        Annotated[str, StringConstraints(min_length=10, max_length=500)],
    ] = {}
    """Why a rule need not hold, by its id, or for one resource: `queue-retention.JobsQueue`."""


class ShiftSection(Section):
    """How CodeDeploy moves the `live` alias to a new version, and what counts as proof."""

    type: Literal["all-at-once", "canary", "linear"]
    """At once, in one step first, or in equal steps."""
    percentage: Annotated[int, Field(ge=1, le=99)]
    """Share of the first step (canary) or of each step (linear)."""
    interval_min: Annotated[int, Field(ge=1, le=2880)]
    """Minutes between steps."""
    minimum_requests: Annotated[int, Field(ge=0)]
    """Requests that the new API version must have answered before all traffic moves; fewer prove nothing."""
    inconclusive: Literal["warn", "extend", "fail"] | None
    """What fewer requests mean: a warning, a longer watch, or a rollback; null is `fail` in production, else `warn`."""
    probes: ProbesSection
    """Synthetic requests while a shift runs."""


class EnvironmentSection(Section):
    """One environment with its defaults merged in."""

    name: Name
    """Key of the environment in the file; set by the loader."""
    suffix: Suffix | None = None
    """Makes an independent second deployment (`--suffix pr-42`); set by the loader."""
    project: Name
    """First part of every name."""
    account_id: AccountId
    """The AWS account this environment lives in; deploy refuses any other."""
    region: Region
    """AWS region, one of those that botocore lists."""
    unlisted_region: bool = False
    """The region is newer than this botocore: do not look it up."""
    configured_region: Region | None = None
    """The file's region where another was asked for; set by the loader."""
    tags: TagsSection
    """Cost allocation tags."""
    production: bool
    """Refuses NONE authorization, missing PITR or deletion protection, and all-at-once shifts."""
    stack_protection: bool
    """CloudFormation termination protection; destroy refuses the environment."""
    artifact_bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None = None
    """Bucket for templates and code; named after the environment when left out, may be shared."""
    artifact_encryption: (
        Annotated[
            str,
            StringConstraints(
                pattern=r"^(AES256|aws:kms|arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[A-Za-z0-9/_-]+)$"
            ),
        ]
        | None
    ) = None
    """Encryption header of every upload, where a bucket policy demands one: AES256, aws:kms, or a key's ARN."""
    api: ApiSection
    """The HTTP API."""
    layer: LayerSection
    """The dependency layer."""
    encryption: Literal["aws-owned", "customer-managed"]
    """Who owns the keys at rest: AWS, or a KMS key of this environment."""
    alarms: AlarmsSection
    """Alarm thresholds."""
    slo: SloSection | None = None
    """Objectives and their burn-rate alarms; null for none."""
    notifications: NotificationsSection
    """Who hears about alarms."""
    shift: ShiftSection
    """How traffic moves to a new version."""
    deployer: DeployerSection = DeployerSection()
    """Who may deploy."""
    iam: IamSection = IamSection()
    """What the organisation demands of roles and policies."""
    validation: ValidationSection = ValidationSection()
    """Rules that need not hold in this environment, each with the reason."""
