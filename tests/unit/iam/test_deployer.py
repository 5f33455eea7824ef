"""The deployer may look at what the service has, and at nothing that it has not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tapgen.iam.deployer import deployer_policy
from tapgen.naming import Names
from tapgen.parts.queue.model import Queue
from tapgen.templates.blueprint import deployer_document
from tapgen.templates.bootstrap import make_blueprint
from tests.unit.templates.variants import environment

if TYPE_CHECKING:
    from tapgen.config.environment import Environment

_OF_KINDS = {"VerifyTables", "VerifyQueues", "CallApi"}


def _statements(document: Any) -> dict[str, Any]:
    return {statement["Sid"]: statement for statement in document["Statement"]}


def _deployer(environment: Environment) -> dict[str, Any]:
    return _statements(deployer_document(environment, make_blueprint(environment)))


def test_a_service_with_everything_has_every_statement() -> None:
    """Tables, queues of failures, an API, and buckets of its own."""
    found = _deployer(environment("local"))

    assert found.keys() >= _OF_KINDS
    buckets = [resource["Fn::Sub"].rpartition(":")[2] for resource in found["VerifyBuckets"]["Resource"]]
    assert buckets == ["transactions-local-us-east-1-*", "transactions-local-*-us-east-1-*"]


def test_what_a_service_has_not_nobody_may_look_at() -> None:
    """A function alone: no table, queue or API; of buckets there is the one with the artifacts."""
    names = Names(environment("local"))
    found = _statements(json.loads(deployer_policy(names, {"AWS::Lambda::Function"}).to_json()))

    assert not found.keys() & _OF_KINDS
    (bucket,) = found["VerifyBuckets"]["Resource"]
    assert bucket["Fn::Sub"].endswith(f":{names.artifact_bucket}")


def test_queues_are_looked_at_where_they_hold_failures() -> None:
    """How much waits in another one, no check asks."""
    resolved = environment("local")
    parts = tuple(
        replace(part, holds_failures=False) if isinstance(part, Queue) else part for part in resolved.service.parts
    )
    changed = replace(resolved, service=replace(resolved.service, parts=parts))
    found = _statements(deployer_document(changed, make_blueprint(resolved)))

    assert "VerifyQueues" not in found
    assert "VerifyTables" in found
