"""What an alarm is, before it is a resource. Pure values; nothing here knows troposphere."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.config.environment import Environment
    from tapgen.elements.wiring import Value

Severity = Literal["warning", "critical"]
Area = str
"""What is wrong, from a user's point of view: two alarms of one area are one trouble seen twice."""

MINUTE_S = 60
# For an environment without a place where runbooks are published: tapgen brings them.
RUNBOOK_COMMAND = "tapgen runbook"
# A trouble that comes and goes is one that lasts, too.
_LASTING_SHARE = 0.8


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric with the statistic that is taken of it."""

    namespace: str
    name: str
    dimensions: Mapping[str, str | Value]
    """A value that another stack gives is named by its ``wiring.Value``."""
    statistic: str = "Sum"


@dataclass(frozen=True, kw_only=True)
class Signal:
    """What an alarm looks at: one metric, an expression over several, or one metric and the band that it keeps to."""

    metrics: Mapping[str, Metric]
    """By the id that the expression names them with."""
    expression: str = ""
    label: str = ""
    band_width: float | None = None
    """Half the width of an anomaly detection band, in standard deviations; None for a threshold."""
    period_s: int = MINUTE_S


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One alarm: what it watches, when it goes off, how bad that is, and what to read then."""

    slug: str
    """Its name without the deployment's prefix."""
    logical_id: str
    severity: Severity
    area: Area
    text: str
    """What is wrong when it goes off, in one sentence without a full stop."""
    signal: Signal
    threshold: float
    """Reached or passed; not used with a band."""
    periods: int = 1
    datapoints: int | None = None
    """How many of the periods must breach; None means all."""
    runbook: str = ""
    """Name of its runbook; the slug when left out."""
    guarded: bool = False
    """Whether the guard of a shift sees the same: then it calls nobody while a shift runs."""
    notifies: bool = True
    """Whether the alarm calls people itself; otherwise a composite alarm does."""
    block: int = 1
    """The block of nested stacks that it is made in: that of its part."""
    lasting: Definition | None = field(default=None, repr=False)
    """The same alarm over a longer time, which a composite alarm escalates."""

    @property
    def runbook_slug(self) -> str:
        """The file of its runbook, without the ending."""
        return self.runbook or self.slug


def lasting(definition: Definition, minutes: int) -> Definition:
    """The alarm that the same is wrong in most of so many minutes; it calls nobody itself."""
    periods = max(1, minutes * MINUTE_S // definition.signal.period_s)
    return replace(
        definition,
        slug=f"{definition.slug}-lasts",
        logical_id=f"{definition.logical_id}Lasts",
        text=f"For most of {minutes} minutes: {definition.text}",
        periods=periods,
        datapoints=math.ceil(periods * _LASTING_SHARE),
        runbook=definition.runbook_slug,
        notifies=False,
    )


def runbook_link(environment: Environment, runbook: str) -> str:
    """Where a runbook is read: its address, or the command that prints it."""
    base = environment.alarms.runbook_base_url
    return f"{base}/{runbook}.md" if base else f"`{RUNBOOK_COMMAND} {runbook}`"
