"""What a release needs of bootstrap, and what the bootstrap that is there lacks of it. Pure.

Bootstrap's stack answers the digest of its policies. Equal digests need no further look; where they differ, its
template tells which actions on which resources are missing. What it has beyond a release's needs is no fault.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.iam.grants import listed, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Documents = Sequence[Mapping[str, Any]]

POLICIES_OUTPUT = "PoliciesDigest"
"""Output of the bootstrap stack: the digest of all policies that it holds."""
BOUNDARY, EXECUTION, DEPLOYER = "boundary", "execution role", "deployer role"
# Logical ids of the bootstrap template, by whose policy they are.
BOUNDARY_ID, EXECUTION_ID, DEPLOYER_ID = "Boundary", "ExecutionPolicy", "DeployerRole"


@dataclass(frozen=True, kw_only=True)
class Needs:
    """The policies that bootstrap has to have made: whose they are → documents."""

    policies: Mapping[str, Documents]

    @property
    def digest(self) -> str:
        """The identity of all of them."""
        text = json.dumps(self.policies, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def without(self, *owners: str) -> Needs:
        """The needs that are left when somebody else answers for these."""
        return Needs(policies={owner: found for owner, found in self.policies.items() if owner not in owners})


@dataclass(frozen=True, kw_only=True, order=True)
class _Right:
    effect: str
    action: str
    resource: str
    condition: str


def find_lacking(needs: Needs, template: Mapping[str, Any]) -> list[str]:
    """What the policies in a bootstrap template lack, one line for each owner and resource.

    ``the boundary lacks sqs:SendMessage on arn:…``. A Deny that is missing counts, and so does one that is there and
    should not be.
    """
    found = policies_of(template)
    lines: list[str] = []
    for owner, documents in needs.policies.items():
        wanted, had = set(_rights(documents)), set(_rights(found.get(owner, ())))
        allowed = _by_action(right for right in had if right.effect == "Allow")
        lacking = [
            right
            for right in wanted - had
            if right.effect == "Deny" or not any(_covers(other, right) for other in allowed.get(right.action, ()))
        ]
        extra = [right for right in had - wanted if right.effect == "Deny"]
        lines += _lines(f"the {owner} lacks", lacking)
        lines += _lines(f"the {owner} has beyond that", extra)
    return lines


def policies_of(template: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Whose → documents, of a bootstrap template."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for logical_id, resource in template.get("Resources", {}).items():
        properties = resource.get("Properties", {})
        if logical_id == BOUNDARY_ID:
            found.setdefault(BOUNDARY, []).append(properties["PolicyDocument"])
        elif logical_id.startswith(EXECUTION_ID):
            found.setdefault(EXECUTION, []).append(properties["PolicyDocument"])
        elif logical_id == DEPLOYER_ID:
            found[DEPLOYER] = [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
    return found


def _rights(documents: Iterable[Mapping[str, Any]]) -> Iterator[_Right]:
    for document in documents:
        for statement in listed(document["Statement"]):
            condition = statement.get("Condition")
            for action in listed(statement["Action"]):
                for resource in listed(statement["Resource"]):
                    yield _Right(
                        effect=statement["Effect"],
                        action=action,
                        resource=_text(resource),
                        condition=json.dumps(condition, sort_keys=True) if condition else "",
                    )


def _by_action(rights: Iterable[_Right]) -> dict[str, list[_Right]]:
    found: dict[str, list[_Right]] = {}
    for right in rights:
        found.setdefault(right.action, []).append(right)
    return found


def _covers(had: _Right, wanted: _Right) -> bool:
    """Whether somebody who may the one may the other, too."""
    return had.condition in ("", wanted.condition) and matches(had.resource, wanted.resource)


def _lines(begin: str, rights: Iterable[_Right]) -> Iterator[str]:
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for right in sorted(rights):
        grouped.setdefault((right.effect, right.resource, right.condition), []).append(right.action)
    for (effect, resource, condition), actions in sorted(grouped.items()):
        denied = "a Deny of " if effect == "Deny" else ""
        yield f"{begin} {denied}{', '.join(actions)} on {resource}" + (f" where {condition}" if condition else "")


def _text(resource: Any) -> str:
    if isinstance(resource, str):
        return resource
    return str(resource["Fn::Sub"]) if "Fn::Sub" in resource else json.dumps(resource, sort_keys=True)
