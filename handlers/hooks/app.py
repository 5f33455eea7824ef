"""Entry points of the hooks: made once at init, called by CodeDeploy for each deployment."""

from __future__ import annotations

from typing import Any

from handlers.common.clients import make_client
from handlers.common.failures import FailureLog
from handlers.common.settings import read_setting
from handlers.hooks.deployments import Deployments
from handlers.hooks.hook import Hook
from handlers.hooks.invocations import CALL_S, Functions
from handlers.hooks.trials import ApiTrial, ArchiverTrial

with FailureLog():
    _parts: dict[str, Any] = {
        "deployments": Deployments(make_client("codedeploy", read_timeout_s=2, attempts=2)),
        "functions": Functions(make_client("lambda", read_timeout_s=CALL_S, attempts=1)),
        "trials": {read_setting("API_FUNCTION"): ApiTrial(), read_setting("ARCHIVER_FUNCTION"): ArchiverTrial()},
    }
    _before = Hook("BeforeAllowTraffic", **_parts)
    _after = Hook("AfterAllowTraffic", **_parts)


def before_traffic(event: dict[str, Any], context: Any) -> None:
    """Lambda's entry point: no caller has reached the new version yet."""
    with FailureLog(context):
        _before.run(event, context)


def after_traffic(event: dict[str, Any], context: Any) -> None:
    """Lambda's entry point: every caller reaches the new version."""
    with FailureLog(context):
        _after.run(event, context)
