"""Assertions over a rendered environment. Each looks at everything and raises one AssertionError with every finding.

The rules are those that rendering holds itself to (``tapgen.rules``): here they stand for a project's own
promises, also after ``service.customize`` and ``service.resource`` had their say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.elements.templates import Templates
from tapgen.naming import LIVE_ALIAS, Names
from tapgen.parts.function.role import needed_verbs
from tapgen.parts.names import physical_name
from tapgen.parts.queue.model import Queue
from tapgen.rules.registry import find_rule
from tapgen.testing.policies import allowed_actions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Literal

    from tapgen.testing.rendered import RenderedEnvironment, Resource

# What every function does for itself, whatever it is for: its log, its traces, its key.
_OWN_ACTIONS = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
_OWN_SERVICE = "kms:"
_PREFLIGHT = "OPTIONS /{proxy+}"
_ALIAS = "AWS::Lambda::Alias"
_INVOKING = {"AWS::Lambda::EventSourceMapping": "FunctionName", "AWS::ApiGatewayV2::Integration": "IntegrationUri"}


def assert_least_privilege(rendered: RenderedEnvironment) -> None:
    """No role may more than its service says.

    No action or resource is a wildcard beyond what AWS has no narrower word for, only exact sources may invoke, and a
    function's role has nothing that no verb granted.
    """
    rules = ("no-wildcard-action", "exact-resources", "scoped-invocations")
    _refuse(rendered, "assert_least_privilege", [*_apply(rendered, *rules), *_ungranted(rendered)])


def assert_allows_only(rendered: RenderedEnvironment, function: str, actions: Collection[str]) -> None:
    """A function's role allows exactly these actions: a new permission is a change of a test.

    Args:
        rendered: The environment.
        function: Its name in ``config/service.py``.
        actions: ``dynamodb:GetItem`` …; not what every function does for itself: its log, its traces, its key.

    Raises:
        LookupError: There is no such function.
    """
    found = {action for action in allowed_actions(rendered, function) if not _is_own(action)}
    findings = [f"function {function} may {action}, which is not listed" for action in sorted(found - set(actions))]
    findings += [f"function {function} may not {action}, which is listed" for action in sorted(set(actions) - found)]
    _refuse(rendered, "assert_allows_only", findings)


def assert_encrypted(rendered: RenderedEnvironment, *, key: Literal["any", "customer-managed"] = "any") -> None:
    """Everything that holds data is encrypted at rest.

    Args:
        rendered: The environment.
        key: ``customer-managed`` wants a KMS key of the deployment's own everywhere; ``any`` takes AWS's, too.
    """
    findings = list(_apply(rendered, "encryption"))
    if key == "customer-managed" and not rendered.environment.customer_managed:
        findings.append(f"encryption is {rendered.environment.encryption!r} in config/environments.yaml")
    _refuse(rendered, "assert_encrypted", findings)


def assert_retained(rendered: RenderedEnvironment) -> None:
    """Data, its keys and what a rollback goes back to outlive their stacks and a replacement."""
    _refuse(rendered, "assert_retained", _apply(rendered, "retained-data"))


def assert_private(rendered: RenderedEnvironment) -> None:
    """No bucket can become public, and nothing is read or written over plain HTTP."""
    _refuse(rendered, "assert_private", _apply(rendered, "private-buckets", "tls-only"))


def assert_guarded(rendered: RenderedEnvironment) -> None:
    """Every function is shifted behind guards, and every request and event goes to its live alias."""
    rules = ("guarded-shifts", "guards-first", "judged-shifts", "scoped-invocations")
    findings = [*_apply(rendered, *rules), *_unaliased(rendered), *_past_the_alias(rendered)]
    _refuse(rendered, "assert_guarded", findings)


def assert_authorized(rendered: RenderedEnvironment, *, public: Collection[str] = ("GET /health",)) -> None:
    """Every route but the public ones asks who calls.

    Args:
        rendered: The environment; ``local`` asks nobody unless it is configured to.
        public: Keys of routes that are open to everybody on purpose.
    """
    routes = {str(route.properties["RouteKey"]): route for route in rendered.resources("AWS::ApiGatewayV2::Route")}
    findings = [
        f"{route}: {key} is open to everybody"
        for key, route in routes.items()
        if route.properties.get("AuthorizationType", "NONE") == "NONE" and key not in {*public, _PREFLIGHT}
    ]
    findings += [f"there is no route {key!r}, which is listed as public" for key in public if key not in routes]
    _refuse(rendered, "assert_authorized", findings)


def assert_logs_expire(rendered: RenderedEnvironment, *, at_least_days: int = 1) -> None:
    """Every log group keeps its events for a time, and no less than is wanted.

    Args:
        rendered: The environment.
        at_least_days: What an auditor wants to find.
    """
    findings = list(_apply(rendered, "log-retention"))
    findings += [
        f"{group}: keeps its events for {group.properties['RetentionInDays']} days; {at_least_days} are wanted"
        for group in rendered.resources("AWS::Logs::LogGroup")
        if group.properties.get("RetentionInDays", at_least_days) < at_least_days
    ]
    _refuse(rendered, "assert_logs_expire", findings)


def assert_tagged(rendered: RenderedEnvironment, *keys: str) -> None:
    """Everything that AWS bills or lists by tag carries the cost allocation tags, and these keys."""
    tags = rendered.environment.cost_tags
    findings = [
        f"{key!r} is no tag of the environment; its tags are {', '.join(tags)}" for key in keys if key not in tags
    ]
    findings += _apply(rendered, "cost-tags")
    _refuse(rendered, "assert_tagged", findings)


def assert_alarmed(rendered: RenderedEnvironment) -> None:
    """Errors of every function, and messages in every queue that holds failures, set off an alarm."""
    names = Names(rendered.environment)
    watched = set(_watched(rendered.resources("AWS::CloudWatch::Alarm")))
    findings = [
        f"function {part.name}: no alarm watches its errors"
        for part in rendered.service.functions
        if ("Errors", names.function(part.name)) not in watched
    ]
    findings += [
        f"queue {part.name}: it holds failures, and no alarm watches it"
        for part in rendered.service.of(Queue)
        if part.holds_failures and ("ApproximateNumberOfMessagesVisible", physical_name(names, part)) not in watched
    ]
    _refuse(rendered, "assert_alarmed", findings)


def _refuse(rendered: RenderedEnvironment, assertion: str, findings: Iterable[str]) -> None:
    listed = list(dict.fromkeys(findings))
    if listed:
        count = f"{len(listed)} finding{'s' if len(listed) > 1 else ''}"
        raise AssertionError(
            "\n".join([f"{assertion}: {count} in {rendered.environment.name}", *(f"  {text}" for text in listed)])
        )


def _apply(rendered: RenderedEnvironment, *rules: str) -> Iterator[str]:
    """What breaks these rules, by their ids, whatever the configuration suppresses."""
    templates = Templates(rendered.environment, rendered.templates)
    for rule in rules:
        yield from (f"{place}: {text}" for place, text in find_rule(rule).find(templates))


# Of a function in a VPC: Lambda attaches it with the function's role.
_NETWORK = "ec2:"


def _is_own(action: str) -> bool:
    return action in _OWN_ACTIONS or action.startswith(_OWN_SERVICE)


def _ungranted(rendered: RenderedEnvironment) -> Iterator[str]:
    """Actions of a function's role that neither a verb nor an event source of it brings."""
    for part in rendered.service.functions:
        if part.role_arn:
            # Its owner answers for it.
            continue
        granted = {action for verb in needed_verbs(part) for action in verb.actions}
        for action, resources in allowed_actions(rendered, part.name).items():
            if action not in granted and not _is_own(action) and not (part.vpc and action.startswith(_NETWORK)):
                yield f"function {part.name} may {action} on {', '.join(resources)}, which no verb grants"


def _unaliased(rendered: RenderedEnvironment) -> Iterator[str]:
    for part in rendered.service.functions:
        if not rendered.resources(_ALIAS, kind=part.kind, part=part.name):
            yield f"function {part.name} has no live alias: its versions get all requests at once"


def _past_the_alias(rendered: RenderedEnvironment) -> Iterator[str]:
    """Requests and events that go past a function's alias; what comes by a parameter is trusted to be one."""
    for resource in rendered.all_resources:
        if resource.type not in _INVOKING:
            continue
        target = resource.properties.get(_INVOKING[resource.type])
        if isinstance(target, dict) and str(target.get("Fn::Sub", "")).endswith(f":{LIVE_ALIAS}"):
            continue
        referred = target.get("Ref") or target.get("Fn::GetAtt", [""])[0] if isinstance(target, dict) else None
        made = rendered.templates[resource.stack]["Resources"].get(referred)
        if referred is None or (made and made["Type"] != _ALIAS):
            yield f"{resource}: invokes {referred or target} past its live alias"


def _watched(alarms: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    """(metric, value of a dimension) of every alarm that calls somebody; a shift's guards call nobody."""
    for alarm in alarms:
        if not alarm.stack.startswith("observability"):
            continue
        properties = alarm.properties
        queries = properties.get("Metrics") or [{"MetricStat": {"Metric": properties}}]
        for metric in (query["MetricStat"]["Metric"] for query in queries if "MetricStat" in query):
            for dimension in metric.get("Dimensions", ()):
                yield str(metric["MetricName"]), str(dimension["Value"])
