"""What MiniStack lacks, added from outside: one module per gap in a folder per AWS service, none of its files changed.

``seams``, ``settings``, ``time_scale``, ``background`` and ``denials`` are for all; ``server/`` is the process around
MiniStack.

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
    "server.warm_up",
    "server.persistence",
    "server.transport",
    "denials",
    "iam.authorizations",
    "iam.authorized_resources",
    "iam.passed_roles",
    "cloudformation.condition_values",
    "cloudformation.acting",
    "cloudformation.stack_operations",
    "cloudformation.nested_stacks",
    "cloudformation.rollbacks",
    "cloudformation.rollback_statuses",
    "cloudformation.attribute_changes",
    "cloudformation.replacements",
    "cloudformation.template_urls",
    "cloudformation.change_sets",
    "cloudformation.imports",
    "cloudformation.early_validation",
    "cloudformation.properties",
    "cloudformation.stack_policies",
    "sqs.one_at_a_time",
    "sqs.redrive",
    "sqs.dead_letters",
    "cloudformation.service_rules",
    "cloudformation.drift_readers",
    "cloudformation.event_drift",
    "cloudformation.drift_reversal",
    "cloudformation.storage_types",
    "cloudformation.compute_types",
    "cloudformation.identity_types",
    "cloudformation.version_types",
    "cloudformation.query_definitions",
    "logs.insights_queries",
    "http_api.api_urls",
    "http_api.iam_routes",
    "http_api.jwt_authorizers",
    "logs.access_logs",
    "lambda_service.execution_environments",
    "lambda_service.runtimes",
    "lambda_service.warm_environments",
    "lambda_service.reserved_concurrency",
    "logs.function_logs",
    "http_api.options_requests",
    "http_api.function_permissions",
    "http_api.endpoints",
    "http_api.openapi_bodies",
    "http_api.hosted_zones",
    "secrets.secret_types",
    "secrets.parameter_reading",
    "codedeploy",
    "service_quotas",
    "autoscaling.service",
    "autoscaling.scaling_types",
    "cloudwatch.metrics",
    "cloudwatch.route_metrics",
    "cloudwatch.concurrency_metrics",
    "cloudwatch.metric_store",
    "cloudwatch.metric_queries",
    "cloudwatch.table_metrics",
    "cloudwatch.event_rules",
    "cloudwatch.percentile_ranks",
    "lambda_service.weighted_aliases",
    "lambda_service.provisioned_concurrency",
    "lambda_service.stream_records",
    "lambda_service.stream_sources",
    "event_sources.filters",
    "event_sources.mappings",
    "event_sources.queue_sources",
    "event_sources.stream_roles",
    "asynchronous.invocations",
    "s3.notifications",
    "s3.managed_keys",
    "s3.expected_owners",
    "sns.topic_types",
    "sns.subscriptions",
    "events.rule_types",
    "events.rule_targets",
    "events.by_hand",
    "scheduler.schedule_types",
    "scheduler.clock",
    "dynamodb.table_changes",
    "dynamodb.time_to_live",
    "cloudwatch.alarm_actions",
    "cloudwatch.alarms",
    "cloudformation.alarm_types",
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
