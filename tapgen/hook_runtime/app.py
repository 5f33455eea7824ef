"""Entry points of the hooks: made once at init, called by CodeDeploy for each deployment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tapgen.hook_runtime import PREFIX_VARIABLE
from tapgen.hook_runtime.clients import make_client
from tapgen.hook_runtime.deployments import Deployments
from tapgen.hook_runtime.hook import Hook
from tapgen.hook_runtime.invocations import CALL_S, Functions
from tapgen.hook_runtime.trials import read_trials
from tapgen.hook_runtime.verdict import telling_failures

JOURNEYS_FILE = Path(__file__).parents[2] / "journeys.json"
"""At the top of the zip."""

with telling_failures():
    _parts: dict[str, Any] = {
        "deployments": Deployments(make_client("codedeploy", read_timeout_s=2, attempts=2)),
        "functions": Functions(make_client("lambda", read_timeout_s=CALL_S, attempts=1)),
        "trials": read_trials(JOURNEYS_FILE, prefix=os.environ[PREFIX_VARIABLE]),
    }
    _before = Hook("BeforeAllowTraffic", **_parts)
    _after = Hook("AfterAllowTraffic", **_parts)


def before_traffic(event: dict[str, Any], context: Any) -> None:
    """Lambda's entry point: no caller has reached the new version yet."""
    with telling_failures():
        _before.run(event, context)


def after_traffic(event: dict[str, Any], context: Any) -> None:
    """Lambda's entry point: every caller reaches the new version."""
    with telling_failures():
        _after.run(event, context)
