"""The two releases that a report compares, out of the artifact bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tapgen import object_keys
from tapgen.aws import objects
from tapgen.deploy.state.recorded_templates import make_side, read_templates
from tapgen.diff.side import Side
from tapgen.ledger.record import Intent, Reference
from tapgen.ledger.record import decode as decode_record

if TYPE_CHECKING:
    from tapgen.engine.context import Context
    from tapgen.engine.deployment import Deployment
    from tapgen.model import RenderedTemplate


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release's templates, for differences and for costs."""

    side: Side
    templates: tuple[RenderedTemplate, ...]


NOTHING = Release(side=Side(label=""), templates=())
"""Before a first deploy."""


def read_release(
    context: Context,
    deployment: Deployment,
    intent: Intent,
    *,
    templates: tuple[RenderedTemplate, ...] | None = None,
) -> Release:
    """A recorded release; its templates are read unless they are at hand, its zips when they are asked for.

    Raises:
        RefusedError: Templates are gone from the bucket.
    """
    if templates is None:
        templates = read_templates(context, deployment, intent)
    label = f"release {intent.sequence} ({intent.release_id})"
    return Release(side=make_side(context, deployment, intent, templates, label=label), templates=templates)


def read_intent(context: Context, deployment: Deployment, reference: Reference | None) -> Intent | None:
    """The intent of another release; None when it has no record."""
    if reference is None or not reference.sequence:
        return None
    key = object_keys.release_key(deployment.name, reference.sequence, "intent")
    stored = objects.read_object(context.aws.client("s3"), deployment.bucket, key)
    return decode_record({"intent": stored.body}, place=key).intent if stored else None
