"""Whether a service may call another one for a resource: by the policy of what is called.

A Lambda permission, a queue policy or a topic policy names the service as principal, and mostly the resource that it
may act for (``aws:SourceArn``). MiniStack asks these policies for some deliveries and for none to functions.
Source: EventBridge user guide, "Using resource-based policies for Amazon EventBridge"; Lambda developer guide,
"Granting Lambda function access to AWS services".
"""

from __future__ import annotations

from dataclasses import dataclass

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region

from tapgen.local.extension.seams import Seam

SEAMS = (
    Seam(
        module="ministack.core.iam_evaluator",
        attribute="evaluate_resource_policy",
        parameters=("doc", "ctx"),
        gap="called only: decides by the policy of a resource",
    ),
    Seam(
        module="ministack.core.iam_evaluator",
        attribute="_resource_policy",
        parameters=("service", "resource_arn"),
        gap="read only: the policy of a queue, a topic or a function",
    ),
)


@dataclass(frozen=True)
class Caller:
    """A service that calls another one for a resource.

    Attributes:
        service: Its principal, for example ``events.amazonaws.com``.
        source_arn: The resource that it acts for: a rule, a topic, a bucket.
    """

    service: str
    source_arn: str

    def may(self, action: str, resource_arn: str) -> bool:
        """Whether the policy of the resource allows the call."""
        found = iam_evaluator._resource_policy(action.partition(":")[0], resource_arn)  # noqa: SLF001 - a seam
        if found is None or not found[0]:
            return False
        context = iam_evaluator.EvalContext(
            principal_arn="*",  # an account that is named does not stand for the service
            principal_type="Service",
            principal_account="",
            action=action,
            resource_arn=resource_arn,
            region=get_region(),
            secure_transport=True,
            service_context={"aws:sourcearn": self.source_arn, "aws:sourceaccount": get_account_id()},
        )
        decision = iam_evaluator.evaluate_resource_policy(found[0], context, service=self.service).decision
        return bool(decision == "Allow")
