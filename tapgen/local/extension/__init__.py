"""What MiniStack lacks, added from outside: one module per gap, none of MiniStack's files changed.

Each module has ``SEAMS``, the names it leans on, and ``install(settings)``. All seams are checked before the first one
is replaced, so a MiniStack that does not fit is refused whole. Imported only in the child process.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tapgen.local.extension import seams

if TYPE_CHECKING:
    from tapgen.local.extension.settings import Settings

MODULES: tuple[str, ...] = (
    "warm_up",
    "persistence",
    "transport",
    "authorizations",
    "authorized_resources",
    "passed_roles",
    "stack_operations",
    "nested_stacks",
    "rollbacks",
    "rollback_statuses",
    "attribute_changes",
    "replacements",
    "change_sets",
    "imports",
    "early_validation",
    "stack_policies",
    "sqs.one_at_a_time",
    "sqs.redrive",
    "sqs.dead_letters",
    "index_updates",
    "drift_readers",
    "drift_reversal",
    "storage_types",
    "compute_types",
    "identity_types",
    "query_definitions",
    "insights_queries",
    "api_urls",
    "iam_routes",
    "jwt_authorizers",
    "access_logs",
    "execution_environments",
    "reserved_concurrency",
    "function_logs",
    "options_requests",
    "codedeploy",
    "service_quotas",
    "metrics",
    "route_metrics",
    "concurrency_metrics",
    "metric_store",
    "metric_queries",
    "table_metrics",
    "event_rules",
    "percentile_ranks",
    "weighted_aliases",
    "stream_records",
    "stream_sources",
    "lambda_service.filters",
    "lambda_service.mappings",
    "lambda_service.queue_sources",
    "lambda_service.stream_roles",
    "expirations",
    "alarm_actions",
    "alarms",
    "alarm_types",
)
"""The modules of the extension in the order in which they are installed; a later one wraps an earlier one."""


def install(settings: Settings) -> None:
    """Check every seam of every module, then install the modules in order.

    Raises:
        SeamError: MiniStack is not the one that the extension was written for.
    """
    modules = [importlib.import_module(f"{__name__}.{name}") for name in MODULES]
    seams.check(seam for module in modules for seam in module.SEAMS)
    for module in modules:
        module.install(settings)
