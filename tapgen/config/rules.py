"""Rules between settings, on plain merged data; what one setting may hold is ``tapgen.config.schema``'s.

They are apart from it so that a wrong value somewhere hides no broken rule elsewhere: a rule passes over what is
missing or of another type. Each names the setting that breaks it.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from tapgen.config.environment import shift_duration_min
from tapgen.config.merge import value_at
from tapgen.config.regions import list_regions, list_source
from tapgen.parts.table.model import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tapgen.config.source import Key
    from tapgen.service.model import Model

    Broken = Iterator[tuple[Key, str]]

_REGION = re.compile(r"[a-z]{2,8}(-[a-z]+)+-[0-9]{1,2}")
_CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:(?P<region>[a-z0-9-]+):(?P<account_id>[0-9]{12}):certificate/.+")
# S3 bills Glacier Flexible Retrieval for at least 90 days (S3 pricing, "minimum storage duration").
_GLACIER_MINIMUM_DAYS = 90
# The alias update handler gives up after 120 minutes (AWS::Lambda::Alias registry schema); hooks need room, too.
_MAX_SHIFT_MIN = 100
# API Gateway quotas for HTTP APIs: maximum integration timeout.
_MAX_API_TIMEOUT_S = 30
# A hook keeps 24 s of its time to clean up and to answer (tapgen/hook_runtime/invocations.py); the rest is for checks.
_MIN_HOOK_TIMEOUT_S = 30
# What SNS Subscribe expects of an endpoint, by protocol (SNS API reference).
_ENDPOINTS = {
    "email": (re.compile(r"[^@\s]+@[^@\s]+"), "an e-mail address"),
    "email-json": (re.compile(r"[^@\s]+@[^@\s]+"), "an e-mail address"),
    "https": (re.compile(r"https://[^\s/]+\S*"), "a URL that begins with https://"),
    "sms": (re.compile(r"\+[1-9]\d{6,14}"), "a number in E.164 form, e.g. +4915112345678"),
    "sqs": (re.compile(r"arn:[\w-]+:sqs:[\w-]+:\d{12}:\S+"), "the ARN of a queue"),
    "lambda": (re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:\S+"), "the ARN of a function"),
}


def check_rules(data: Mapping[str, Any], service: Model) -> Broken:
    """Every broken rule of an environment of a service: (path of the setting, what is wrong and what to do)."""
    for rule in _RULES:
        yield from rule(data)
    yield from _api_timeouts(data, service)
    yield from _expiries(data, service)
    yield from _domain(data, service)
    if service.requested:
        yield from _production_api(data)


def _region(data: Mapping[str, Any]) -> Broken:
    """A region that does not exist is told here rather than by an endpoint that nobody answers."""
    region = data.get("region")
    if not isinstance(region, str) or not _REGION.fullmatch(region):
        # What has not even the form of a region is the schema's to tell.
        return
    if data.get("unlisted_region") is True or region in list_regions():
        return
    near = get_close_matches(region, list_regions(), n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    yield (
        ("region",),
        f"is not among the regions of {list_source()}; {meant}for a newer one set `unlisted_region: true`",
    )


def _authorization(data: Mapping[str, Any]) -> Broken:
    kind, jwt = (value_at(data, ("api", key)) for key in ("authorization", "jwt"))
    if kind == "JWT" and jwt is None:
        yield ("api", "authorization"), "JWT needs `api.jwt` with an issuer and at least one audience"
    if kind in ("NONE", "IAM") and jwt is not None:
        yield ("api", "jwt"), f"is set, but api.authorization is {kind}; set it to null, or the authorization to JWT"


def _domain(data: Mapping[str, Any], service: Model) -> Broken:
    domain = value_at(data, ("api", "domain"))
    if not isinstance(domain, dict):
        return
    at: Key = ("api", "domain")
    arn, zone = (domain.get(key) for key in ("certificate_arn", "hosted_zone_id"))
    if service.api is None:
        yield at, "is set, but no function of the service has a route; set it to null"
    if arn is None and zone is None:
        yield at, "needs certificate_arn, a certificate of yours, or hosted_zone_id, a zone to make one in"
    if arn is not None and zone is not None:
        text = "is set, and certificate_arn, too: with a zone the certificate is made, so leave one of them out"
        yield (*at, "hosted_zone_id"), text
    found = _CERTIFICATE.fullmatch(arn) if isinstance(arn, str) else None
    for key in ("region", "account_id") if found else ():
        if found and isinstance(data.get(key), str) and found[key] != data[key]:
            where = key.removesuffix("_id")
            text = f"{arn}: is of {where} {found[key]}, and the environment of {data[key]}; API Gateway takes no other"
            yield (*at, "certificate_arn"), text


def _production(data: Mapping[str, Any]) -> Broken:
    if data.get("production") is not True:
        return
    for key, refused, remedy in (
        (("stack_protection",), False, "turn it on"),
        *(
            (("tables", name, setting), False, "turn it on")
            for name in _named(data, "tables")
            for setting in ("point_in_time_recovery", "deletion_protection")
        ),
        (("shift", "type"), "all-at-once", "use canary or linear"),
    ):
        value = value_at(data, key)
        if value == refused and isinstance(value, type(refused)):
            shown = "false" if refused is False else refused
            yield key, f"{shown} is refused where production is true; {remedy}"


def _production_api(data: Mapping[str, Any]) -> Broken:
    if data.get("production") is True and value_at(data, ("api", "authorization")) == "NONE":
        yield ("api", "authorization"), "NONE is refused where production is true; use IAM or JWT"


def _api_timeouts(data: Mapping[str, Any], service: Model) -> Broken:
    for function in service.requested:
        timeout_s = _whole(data, ("functions", function.name, "timeout_s"))
        if timeout_s is not None and timeout_s > _MAX_API_TIMEOUT_S:
            text = f"{timeout_s}: an HTTP API waits at most {_MAX_API_TIMEOUT_S} s for its function"
            yield ("functions", function.name, "timeout_s"), text


def _expiries(data: Mapping[str, Any], service: Model) -> Broken:
    """DynamoDB deletes items by the number in the attribute; what the service puts there would not be a time."""
    for table in service.of(Table):
        at = ("tables", table.name, "ttl_attribute")
        name = value_at(data, at)
        keys = {key.name: key.type for key in table.keys}
        if keys.get(name, "N") != "N":
            yield at, f"{name!r}: is a key of {table.label}, and no number; the expiry needs an attribute of its own"
        elif name in table.attributes:
            yield at, f"{name!r}: the service writes something else there; the expiry needs an attribute of its own"


def _hook_timeout(data: Mapping[str, Any]) -> Broken:
    timeout_s = _whole(data, ("functions", "hooks", "timeout_s"))
    if timeout_s is not None and timeout_s < _MIN_HOOK_TIMEOUT_S:
        text = f"{timeout_s}: a hook needs at least {_MIN_HOOK_TIMEOUT_S} s for its checks, cleaning up and its answer"
        yield ("functions", "hooks", "timeout_s"), text


def _buckets(data: Mapping[str, Any]) -> Broken:
    for name in _named(data, "buckets"):
        at = ("buckets", name)
        glacier_days, kept_days = (_whole(data, (*at, key)) for key in ("glacier_after_days", "expire_after_days"))
        if glacier_days is None or kept_days is None:
            continue
        least = glacier_days + _GLACIER_MINIMUM_DAYS
        if kept_days < least:
            why = f"Glacier bills {_GLACIER_MINIMUM_DAYS} days from glacier_after_days on"
            yield (*at, "expire_after_days"), f"{kept_days}: must be at least {least}: {why}"


def _shift(data: Mapping[str, Any]) -> Broken:
    kind = value_at(data, ("shift", "type"))
    percentage, interval_min = (_whole(data, ("shift", key)) for key in ("percentage", "interval_min"))
    if not isinstance(kind, str) or percentage is None or interval_min is None or percentage < 1:
        return
    minutes = shift_duration_min(kind, percentage=percentage, interval_min=interval_min)
    if minutes > _MAX_SHIFT_MIN:
        text = f"{interval_min}: the shift takes {minutes} min; CloudFormation waits 120 min for it, stay at or below "
        yield ("shift", "interval_min"), f"{text}{_MAX_SHIFT_MIN}"


def _burn_rates(data: Mapping[str, Any]) -> Broken:
    objectives = (value_at(data, ("slo", "availability_percent")), value_at(data, ("slo", "latency", "percent")))
    percents = [value for value in objectives if isinstance(value, int | float)]
    listed = value_at(data, ("slo", "burn_rates"))
    windows: set[int] = set()
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        long_min, short_min = (_whole(item, (key,)) for key in ("long_min", "short_min"))
        if long_min in windows:
            text = f"{long_min}: another pair has the same window, by which alarms are named; keep the faster one"
            yield ("slo", "burn_rates", index, "long_min"), text
        windows |= {long_min} if long_min is not None else set()
        if long_min is not None and short_min is not None and short_min >= long_min:
            yield ("slo", "burn_rates", index, "short_min"), f"{short_min}: must be shorter than long_min, {long_min}"
        factor = value_at(item, ("factor",))
        if isinstance(factor, int | float) and percents and factor * (100 - min(percents)) > 100:
            most = 100 / (100 - min(percents))
            text = f"{factor:g}: with an objective of {min(percents):g} % nothing burns faster than {most:g}"
            yield ("slo", "burn_rates", index, "factor"), f"{text}, the alarm could never go off"


def _endpoints(data: Mapping[str, Any]) -> Broken:
    for severity in ("warning", "critical"):
        listed = value_at(data, ("notifications", severity))
        for index, item in enumerate(listed if isinstance(listed, list) else ()):
            protocol, endpoint = (value_at(item, (key,)) for key in ("protocol", "endpoint"))
            pattern, wanted = _ENDPOINTS.get(protocol, (None, "")) if isinstance(protocol, str) else (None, "")
            if pattern and isinstance(endpoint, str) and not pattern.fullmatch(endpoint):
                yield ("notifications", severity, index, "endpoint"), f"{endpoint!r}: {protocol} needs {wanted}"


def _named(data: Mapping[str, Any], section: str) -> tuple[str, ...]:
    found = data.get(section)
    return tuple(found) if isinstance(found, dict) else ()


def _whole(data: Mapping[str, Any], key: Key) -> int | None:
    value = value_at(data, key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


_RULES: tuple[Callable[[Mapping[str, Any]], Broken], ...] = (
    _region,
    _authorization,
    _production,
    _hook_timeout,
    _buckets,
    _shift,
    _burn_rates,
    _endpoints,
)
