"""What a release would open to everybody that is not open yet: buckets, topics, queues, functions, routes. Pure.

Compared with what is deployed, so that what was opened on purpose once is not refused with each release. What a
template may open at all is the rules' to say, when it is rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tapgen.gates.allowances import Threat
from tapgen.gates.templates import is_true, look_up, resources_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.gates.templates import Resource, Stacks

    Opening = tuple[str, str]
    """(property, what is open)."""
    Rule = Callable[[Resource], Iterator[Opening]]

_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_ROUTE, _AUTHORIZATION = "AWS::ApiGatewayV2::Route", "AuthorizationType"
_PUBLIC_ACLS = {"PublicRead", "PublicReadWrite", "AuthenticatedRead"}
# Conditions that let nobody through but a known account, organisation or resource (IAM user guide, "global condition
# context keys"). Others narrow how somebody asks, not who.
_WHO = {
    *("aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount"),
    *("aws:sourcearn", "aws:sourceorgid", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "kms:calleraccount"),
}


def find_exposures(before: Stacks, after: Stacks) -> tuple[Threat, ...]:
    """What would be open to everybody and is not, each resource and property once.

    Args:
        before: What is deployed.
        after: What is about to be.
    """
    old = {path: set(_openings(resource)) for path, resource in resources_of(before)}
    guarded = any(look_up(route, _AUTHORIZATION) not in {None, "NONE"} for _, route in resources_of(after, _ROUTE))
    return tuple(
        Threat(path=path, resource_type=resource["Type"], kind="expose", property_path=name, cause=text)
        for path, resource in resources_of(after)
        # One more route of an API that asks nobody who they are opens nothing.
        if path in old or guarded or resource["Type"] != _ROUTE
        for name, text in _openings(resource)
        if (name, text) not in old.get(path, ())
    )


def _openings(resource: Resource) -> Iterator[Opening]:
    rule = _RULES.get(resource["Type"])
    if rule:
        yield from rule(resource)


def _bucket(resource: Resource) -> Iterator[Opening]:
    for block in _BLOCKS:
        if not is_true(look_up(resource, f"PublicAccessBlockConfiguration.{block}")):
            yield f"PublicAccessBlockConfiguration.{block}", "public access would not be blocked"
    if look_up(resource, "AccessControl") in _PUBLIC_ACLS:
        yield "AccessControl", f"the ACL {look_up(resource, 'AccessControl')} lets everybody read"
    if look_up(resource, "WebsiteConfiguration"):
        yield "WebsiteConfiguration", "the bucket would be served as a website"
    yield from _open_origins(resource, "CorsConfiguration.CorsRules", "AllowedOrigins")


def _policy(name: str) -> Rule:
    def rule(resource: Resource) -> Iterator[Opening]:
        for statement in _listed(look_up(resource, f"{name}.Statement")):
            if statement.get("Effect") == "Allow" and _is_everybody(statement) and not _names_who(statement):
                actions = _listed(statement.get("Action", "all but some actions"))
                yield f"{name} {statement.get('Sid', '')}".rstrip(), f"everybody may {', '.join(map(str, actions))}"

    return rule


def _is_everybody(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    values = principal.values() if isinstance(principal, Mapping) else [principal]
    return any("*" in _listed(value) for value in values)


def _names_who(statement: Mapping[str, Any]) -> bool:
    """Whether a condition lets nobody through but known callers."""
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, value in keys.items():
            equal = "Equals" in operator or "Like" in operator
            if key.lower() in _WHO and equal and "Not" not in operator and "*" not in _listed(value):
                return True
    return False


def _permission(resource: Resource) -> Iterator[Opening]:
    narrowed = any(look_up(resource, name) for name in ("PrincipalOrgID", "SourceAccount", "SourceArn"))
    if look_up(resource, "Principal") == "*" and not narrowed:
        yield "Principal", f"everybody may {look_up(resource, 'Action')}"


def _function_url(resource: Resource) -> Iterator[Opening]:
    if look_up(resource, "AuthType") == "NONE":
        yield "AuthType", "everybody may call the function's URL"


def _route(resource: Resource) -> Iterator[Opening]:
    key = str(look_up(resource, "RouteKey"))
    # A browser asks without credentials whether it may ask (Fetch standard, "CORS-preflight request").
    if (look_up(resource, _AUTHORIZATION) or "NONE") == "NONE" and not key.startswith("OPTIONS "):
        yield _AUTHORIZATION, f"everybody may call {key}"


def _api(resource: Resource) -> Iterator[Opening]:
    origins = look_up(resource, "CorsConfiguration.AllowOrigins") or ()
    if "*" in origins:
        yield "CorsConfiguration.AllowOrigins", "pages of every site may read the answers"


def _open_origins(resource: Resource, path: str, key: str) -> Iterator[Opening]:
    for rule in _listed(look_up(resource, path)):
        if "*" in rule.get(key, ()):
            yield path, f"pages of every site may {', '.join(rule.get('AllowedMethods', ()))}"


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


_RULES: Mapping[str, Rule] = {
    "AWS::ApiGatewayV2::Api": _api,
    _ROUTE: _route,
    "AWS::KMS::Key": _policy("KeyPolicy"),
    "AWS::Lambda::Permission": _permission,
    "AWS::Lambda::Url": _function_url,
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _policy("PolicyDocument"),
    "AWS::SNS::TopicPolicy": _policy("PolicyDocument"),
    "AWS::SQS::QueuePolicy": _policy("PolicyDocument"),
}
