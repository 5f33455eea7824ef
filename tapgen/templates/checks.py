"""Named checks on finished templates: each has an id, looks at one template, and says what is wrong where.

They hold what cfn-lint cannot know: this project's promises. Rendering runs all of them on every template; the rules
are in ``policy_checks``, ``resource_checks`` and ``shift_checks``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen.templates import policy_checks, resource_checks, shift_checks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    Template = Mapping[str, Any]
    Rule = Callable[[Template], Iterator[tuple[str, str]]]


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One broken promise."""

    check: str
    stack: str
    resource: str
    text: str

    def render(self) -> str:
        """One line for people."""
        return f"{self.stack}.{self.resource}: {self.text} [{self.check}]"


CHECKS: Mapping[str, Rule] = {
    "no-wildcard-action": policy_checks.find_wildcard_actions,
    "exact-resources": policy_checks.find_open_resources,
    "tls-only": policy_checks.find_plain_http,
    "scoped-invocations": policy_checks.find_open_invocations,
    "closed-routes": policy_checks.find_open_routes,
    "private-buckets": resource_checks.find_open_buckets,
    "encryption": resource_checks.find_unencrypted,
    "log-retention": resource_checks.find_endless_logs,
    "retained-data": resource_checks.find_unretained,
    "limits": resource_checks.find_exceeded_limits,
    "alarm-dimensions": shift_checks.find_blind_alarms,
    "guarded-shifts": shift_checks.find_unguarded_groups,
    "guards-first": shift_checks.find_early_shifts,
    "judged-shifts": shift_checks.find_unjudged_shifts,
}
"""Check id → rule; a rule yields (logical id, what is wrong)."""
# Roles that serve every deployment of an environment name their resources by pattern.
_OF_BOOTSTRAP = {"exact-resources": policy_checks.find_foreign_resources}


def check(stack: str, template: Template, tags: Mapping[str, str]) -> list[Breach]:
    """Every finding in one template; ``tags`` are the cost allocation tags that taggable resources must carry."""
    findings = [
        Breach(check=name, stack=stack, resource=resource, text=text)
        for name, rule in {**CHECKS, **(_OF_BOOTSTRAP if stack == "bootstrap" else {})}.items()
        for resource, text in rule(template)
    ]
    return findings + [
        Breach(check="cost-tags", stack=stack, resource=resource, text=text)
        for resource, text in resource_checks.find_untagged(template, tags)
    ]
