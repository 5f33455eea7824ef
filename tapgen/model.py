"""Frozen values that cross folders: what rendering makes, what AWS reports, what an operation decides.

Nothing here reads files, calls AWS or formats text for people.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tapgen import object_keys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

# Rendering -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A zip to upload: a function's code or the dependency layer.

    ``digest`` identifies the contents (paths, modes, bytes of every file), not the zip's own bytes.
    """

    name: str
    """``api``, ``archiver``, ``layer``."""
    path: Path
    digest: str
    sha256: str
    """Of the zip's bytes, in hex: whether the file is still what was packaged."""
    size_bytes: int
    unpacked_bytes: int

    @property
    def key(self) -> str:
        """Where the zip lives in the artifact bucket."""
        return object_keys.artifact_key(self.name, self.digest)


@dataclass(frozen=True, kw_only=True)
class RenderedTemplate:
    """One finished template as canonical JSON."""

    stack: str
    """``root``, ``security``, ``data``, ``compute``, ``observability``."""
    body: bytes
    digest: str
    resource_count: int

    @property
    def key(self) -> str:
        """Where the template lives in the artifact bucket."""
        return object_keys.template_key(self.stack, self.digest)


@dataclass(frozen=True, kw_only=True)
class ShiftPolicy:
    """What counts as proof when traffic moves to a new version, and how it is obtained."""

    functions: tuple[str, ...]
    """The functions whose new versions must answer requests; the others are shown and not judged."""
    minimum_requests: int
    inconclusive: Literal["warn", "extend", "fail"]
    """What fewer requests mean."""
    probes_per_min: int
    """Synthetic requests through the public API; 0 sends none."""
    authorization: Literal["NONE", "IAM", "JWT"]
    """How the API wants its callers, and so the probes."""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """Everything a deploy needs; written to ``build/<deployment>/`` with a manifest."""

    deployment: str
    """``project-environment[-suffix]``."""
    environment: str
    suffix: str | None
    account_id: str
    region: str
    configured_region: str
    """The region that the configuration names, whatever was asked for."""
    production: bool
    stack_protection: bool
    root_stack: str
    artifact_bucket: str
    release_id: str
    """Digest of the root template and its parameters; names the release."""
    parameters: Mapping[str, str]
    """Parameters of the root stack, the release id among them."""
    tags: Mapping[str, str]
    shift: ShiftPolicy
    templates: tuple[RenderedTemplate, ...]
    """Children first, the root last."""
    artifacts: tuple[Artifact, ...]

    @property
    def root(self) -> RenderedTemplate:
        """The root template."""
        return self.templates[-1]


# Stacks --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class StackState:
    """What DescribeStacks says of one stack."""

    name: str
    stack_id: str
    status: str
    status_reason: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    termination_protection: bool = False
    last_updated: datetime | None = None

    @property
    def in_progress(self) -> bool:
        """True while CloudFormation works on the stack."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    @property
    def is_empty(self) -> bool:
        """True where no resource is: deleted, or made for a change set that was never executed."""
        return self.status in {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}

    @property
    def carries_release(self) -> bool:
        """True where a release has gone live and is there: not before the first create ended well, nor in a delete.

        See "Stack status codes" (CloudFormation user guide).
        """
        return not self.is_empty and not self.status.startswith(("CREATE_IN", "CREATE_FAILED", "ROLLBACK_", "DELETE_"))


@dataclass(frozen=True, kw_only=True)
class StackResource:
    """One resource of a stack, as ListStackResources reports it."""

    logical_id: str
    physical_id: str
    resource_type: str
    status: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ChangeDetail:
    """One property of a changed resource, as a change set describes it."""

    attribute: str
    """``Properties``, ``Tags``, ``Metadata`` …"""
    name: str
    """Of the property; empty for other attributes."""
    requires_recreation: str
    """``Never``, ``Conditionally``, ``Always``."""
    evaluation: str
    """``Static``: it will change. ``Dynamic``: CloudFormation does not know before it has done something else."""
    source: str
    """``DirectModification``, ``ParameterReference``, ``ResourceReference``, ``ResourceAttribute``, ``Automatic``."""
    cause: str
    """The parameter, resource or ``Resource.Attribute`` that it comes from; empty for a direct modification."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One resource change of a change set; a nested stack carries its own changes."""

    action: Literal["Add", "Modify", "Remove", "Import", "Dynamic", "SyncWithActual"]
    logical_id: str
    resource_type: str
    physical_id: str = ""
    replacement: Literal["", "True", "False", "Conditional"] = ""
    reasons: tuple[str, ...] = ()
    """Why, one per property: ``Properties.Code (DirectModification)``."""
    details: tuple[ChangeDetail, ...] = ()
    """One for each reason that CloudFormation has."""
    change_set_id: str = ""
    """Of a nested stack's own change set."""
    children: tuple[Change, ...] = ()

    @property
    def replacing(self) -> tuple[str, ...]:
        """Properties whose change needs a new resource, or may need one: ``TableName``."""
        names = (item.name or item.attribute for item in self.details if item.requires_recreation not in {"", "Never"})
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, kw_only=True)
class ChangeSet:
    """A change set that was created and described with its nested ones."""

    change_set_id: str
    stack_id: str
    kind: Literal["CREATE", "UPDATE"]
    created_at: datetime
    """CloudFormation's own clock: the operation's events are not older."""
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The first real cause of a failed operation."""

    stack: str
    """Stack name as people know it, e.g. ``compute``."""
    logical_id: str
    resource_type: str
    status: str
    reason: str
    hint: str = ""


# Shifts --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GuardAlarm:
    """An alarm that stops a shift, as it is now."""

    name: str
    state: Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
    reason: str
    """CloudWatch's own words, with threshold and datapoints."""
    metric: str = ""
    """Statistic and metric: ``Sum Errors``, ``p90 Duration``; empty for metric math."""
    condition: str = ""
    """When a datapoint breaches: ``>= 300``."""
    last: float | None = None
    """The last datapoint; None when there was none since the shift began."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a version has answered through the alias since its shift began, as far as CloudWatch knows."""

    requests: int = 0
    errors: int = 0


@dataclass(frozen=True, kw_only=True)
class Shift:
    """One CodeDeploy deployment of an alias, as it is now."""

    deployment_id: str
    status: str
    """``Created``, ``InProgress``, ``Succeeded``, ``Failed``, ``Stopped``."""
    function: str
    alias: str
    current_version: str
    target_version: str
    target_weight: float
    """Share of the new version, 0 to 1."""
    steps: tuple[tuple[str, str], ...]
    """(lifecycle event, status) in order: BeforeAllowTraffic, AllowTraffic, AfterAllowTraffic."""
    hooks: tuple[tuple[str, str], ...] = ()
    """(lifecycle event, function that judges the new version there)."""
    window_min: float = 0.0
    """AWS minutes from the first step to all traffic; 0 moves it at once."""
    next_step_at: datetime | None = None
    """When the weight changes next, by this machine's clock; None when no time is set."""
    full_at: datetime | None = None
    """When all traffic goes to the new version; None when no time is set."""
    created_at: datetime | None = None
    """When CodeDeploy was asked for it."""
    minute_s: float = 60.0
    """Seconds that a minute of AWS takes here: 60, or less on the embedded AWS."""
    served: Served = field(default_factory=Served)
    """By the new version."""
    alarms: tuple[GuardAlarm, ...] = ()
    error: str = ""
    """CodeDeploy's reason when it failed or was stopped."""
    error_code: str = ""
    """``ALARM_ACTIVE``, ``HOOK_EXECUTION_FAILURE``, ``MANUAL_STOP`` …"""

    @property
    def over(self) -> bool:
        """True when CodeDeploy does nothing more with it."""
        return self.status in {"Succeeded", "Failed", "Stopped"}

    @property
    def failed_hook(self) -> tuple[str, str] | None:
        """(lifecycle event, function) of the hook that answered Failed or not at all; None when none did."""
        failed = {name for name, status in self.steps if status == "Failed"}
        stopped = self.status == "Failed" and self.error_code in {"HOOK_EXECUTION_FAILURE", "TIMEOUT"}
        return next((hook for hook in self.hooks if hook[0] in failed), None) if stopped else None


@dataclass(frozen=True, kw_only=True)
class ShiftOutcome:
    """What came of a shift."""

    function: str
    current_version: str
    target_version: str
    outcome: Literal["passed", "inconclusive", "rolled-back"]
    requests: int
    """That the new version answered while its share grew, as far as CloudWatch knows."""
    errors: int
    minimum_requests: int
    """That count as proof; 0 when none are asked for."""
    window_min: float = 0.0
    """AWS minutes during which its share grew."""
    weight: float
    """Share of the new version when it ended, 0 to 1."""
    code: str = ""
    """CodeDeploy's code when it was stopped, or ``UNPROVEN`` when tapgen stopped it for too few requests."""
    failed_hook: str = ""
    """The lifecycle event whose hook failed."""
    red: tuple[GuardAlarm, ...] = ()
    """Guards in ALARM."""
    log_lines: tuple[str, ...] = ()
    """The first error lines of the new version, or of the failed hook."""


@dataclass(frozen=True, kw_only=True)
class AliasState:
    """Where a Lambda alias points."""

    function: str
    name: str
    version: str
    weights: Mapping[str, float] = field(default_factory=dict)
    """Further versions with their share, 0 to 1: a shift is under way, or was left half-way."""
