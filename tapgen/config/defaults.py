"""What holds where the file is silent, so that the shortest file is a good one.

Production is strict by default, and ``local`` is the embedded AWS. A part's own defaults are its kind's, with what
``config/service.py`` gives over them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.parts.registry import kind_of, list_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.parts.registry import Kind
    from tapgen.service.model import Model

LOCAL = "local"
"""The environment that runs on the embedded AWS."""
REQUIREMENTS = "handlers/requirements.txt"
SETTINGS = "settings"
"""Key of the service's own settings."""

_LOCAL_ACCOUNT = "000000000000"
_ALARMS = {
    "function_errors": 1,
    "function_throttles": 1,
    "latency_p90_baseline_ms": 150,
    "latency_tolerance": 2.0,
    "api_5xx": 1,
    "iterator_age_ms": 60000,
    "dead_letter_depth": 1,
    "message_age_s": 900,
    "latency_detection": "static",
    "latency_band_width": 3.0,
    "error_rate_percent": 5.0,
    "error_rate_minimum_requests": 20,
    "escalate_after_min": 15,
    "runbook_base_url": None,
}
_SLO = {
    "period_days": 30,
    "availability_percent": 99.9,
    "latency": {"threshold_ms": 500, "percent": 99.0},
    "minimum_requests": 20,
    "burn_rates": [
        {"long_min": 60, "short_min": 5, "factor": 14.4, "severity": "critical"},
        {"long_min": 360, "short_min": 30, "factor": 6, "severity": "critical"},
        {"long_min": 1440, "short_min": 120, "factor": 3, "severity": "warning"},
    ],
}


def build_defaults(model: Model, name: str, *, said: Mapping[str, Any], requirements: str | None) -> dict[str, Any]:
    """The settings of an environment of whom the file says nothing.

    Args:
        model: The service.
        name: Of the environment; ``local`` is the embedded AWS.
        said: What the file says at the top of the environment: ``production``, ``project``.
        requirements: Hashed requirements that the project has, relative to it.
    """
    production, local = said.get("production") is True, name == LOCAL
    project = said.get("project") or model.name
    found: dict[str, Any] = {
        "project": project,
        "production": False,
        "stack_protection": production,
        "tags": {"owner": project, "cost_centre": project},
        "api": {
            "authorization": "NONE" if local else "IAM",
            "cors": {
                "allow_origins": [],
                "allow_headers": ["authorization", "content-type"],
                "max_age_s": 600,
            },
            "throttling": {"rate_rps": 100, "burst": 200},
            "access_log_retention_days": 365 if production else 30,
            "domain": None,
        },
        "layer": {"requirements": requirements, "path": None},
        "encryption": "customer-managed" if production else "aws-owned",
        "alarms": dict(_ALARMS),
        "slo": dict(_SLO) if production and model.api else None,
        "notifications": {"warning": [], "critical": []},
        "shift": {
            "type": "all-at-once" if local else "canary",
            "percentage": 10,
            "interval_min": 5,
            "minimum_requests": 20,
            "inconclusive": None,
            "probes": {"rate_per_min": 0},
        },
        "deployer": {"principals": [], "github": None},
        "iam": {"boundary": None, "path": "/", "prefix": ""},
        "validation": {"suppress": {}},
        SETTINGS: {setting.name: setting.default for setting in model.settings},
    }
    for kind in list_kinds():
        found |= _kind_defaults(kind, production=production)
    if local:
        found |= {"account_id": _LOCAL_ACCOUNT, "region": "us-east-1"}
        found["deployer"]["principals"] = [f"arn:aws:iam::{_LOCAL_ACCOUNT}:root"]
        found["function"] |= {"tracing": False, "log_retention_days": 7}
    for part in model.parts:
        if part.defaults:
            found[kind_of(part).section][part.name] = dict(part.defaults)
    return found


def named_sections(model: Model) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Section of each kind → the section that all its parts share, and the names of the parts."""
    return {kind.section: (kind.shared, names_of(model, kind)) for kind in list_kinds() if kind.section}


def names_of(model: Model, kind: Kind) -> tuple[str, ...]:
    """The parts of a kind that have settings, those of tapgen's own among them."""
    return (*(part.name for part in model.parts if part.kind == kind.name), *kind.reserved)


def _kind_defaults(kind: Kind, *, production: bool) -> dict[str, Any]:
    if not kind.section:
        return {}
    settings = kind.require("settings")
    reserved = settings.reserved_defaults() if kind.reserved else {}
    return {kind.shared: settings.shared_defaults(production=production), kind.section: reserved}
