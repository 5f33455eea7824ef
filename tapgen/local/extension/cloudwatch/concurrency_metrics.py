"""ConcurrentExecutions: how many invocations of a function run at once, as each of them begins.

Source: Lambda Developer Guide, "Types of metrics for Lambda functions": by function and for the region, never by alias.
"""

from __future__ import annotations

import functools
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from tapgen.local.extension.cloudwatch import metrics
from tapgen.local.extension.seams import Seam, original, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.extension.settings import Settings

_LAMBDA = "ministack.services.lambda_svc"
_EXECUTE = Seam(
    module=_LAMBDA, attribute="_execute_function", parameters=("func", "event"), gap="counts no concurrent executions"
)
_SCOPE_MISMATCH = Seam(
    module=_LAMBDA,
    attribute="_function_config_scope_mismatch",
    parameters=("config",),
    gap="called only: whether a function is executed once more, in its own account and region",
)
SEAMS: tuple[Seam, ...] = (_EXECUTE, _SCOPE_MISMATCH)

_running: Counter[tuple[str, str, str]] = Counter()
_lock = threading.Lock()


def install(settings: Settings) -> None:  # noqa: ARG001 - the contract of every extension module
    """Count executions as they begin and end."""
    replace(_EXECUTE, _counted(original(_EXECUTE)))


def _counted(execute: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(execute)
    def counted(func: dict[str, Any], event: Any) -> Any:
        config = func.get("config") or func
        if lambda_svc._function_config_scope_mismatch(config):  # noqa: SLF001 - a seam
            return execute(func, event)  # it comes back here in the function's own account and region
        name, region = str(config.get("FunctionName", "")), (get_account_id(), get_region())
        with _lock:
            _running[(*region, name)] += 1
            own = _running[(*region, name)]
            whole = sum(count for key, count in _running.items() if key[:2] == region)
        _record(own, {"FunctionName": name})
        _record(whole, {})
        try:
            return execute(func, event)
        finally:
            with _lock:
                _running[(*region, name)] -= 1

    return counted


def _record(count: int, dimensions: metrics.Dimensions) -> None:
    metrics.record("AWS/Lambda", {"ConcurrentExecutions": (float(count), "Count")}, [dimensions])
