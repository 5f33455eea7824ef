"""What S3 refuses of a bucket's lifecycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.local.extension.cloudformation.service_rules.rule import Rule, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tapgen.local.extension.cloudformation.service_rules.rule import Asked

_BUCKET = "AWS::S3::Bucket"
_INFREQUENT = {"STANDARD_IA", "ONEZONE_IA"}
_FEWEST_DAYS = 30


def _lifecycle_rules(asked: Asked) -> list[Mapping[str, Any]]:
    return list((asked.properties.get("LifecycleConfiguration") or {}).get("Rules") or ())


def _moves(rule: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from rule.get("Transitions") or ()
    if rule.get("Transition"):
        yield rule["Transition"]


def _early(asked: Asked) -> str:
    for rule in _lifecycle_rules(asked):
        for move in _moves(rule):
            days = move.get("TransitionInDays")
            if days is not None and move["StorageClass"] in _INFREQUENT and number(days) < _FEWEST_DAYS:
                return (
                    f"'Days' in Transition action must be greater than or equal to {_FEWEST_DAYS} for storageClass "
                    f"'{move['StorageClass']}'"
                )
    return ""


def _order(asked: Asked) -> str:
    for rule in _lifecycle_rules(asked):
        gone = rule.get("ExpirationInDays")
        latest = max((number(move.get("TransitionInDays")) for move in _moves(rule)), default=-1)
        if gone is not None and number(gone) <= latest:
            return "'Days' in the Expiration action for filter must be greater than 'Days' in the Transition action"
    return ""


RULES = (
    Rule(
        name="s3-infrequent-access-after-30-days",
        resource_type=_BUCKET,
        source='S3 user guide, "Transitioning objects using Amazon S3 Lifecycle", constraints',
        find=_early,
    ),
    Rule(
        name="s3-expiration-after-transition",
        resource_type=_BUCKET,
        source='S3 user guide, "Lifecycle configuration elements"; the text is shortened',
        find=_order,
    ),
)
