"""The proof against a role in memory: what is caught, what survives, and where the witnesses differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tapgen.iam.calls import CallSite
from tapgen.iam.grants import grants_of, matches
from tapgen.iam.stated import Stated
from tapgen.local.authorizations import Authorization, AuthorizationLog
from tapgen.proof.prove import Prover, Subject
from tapgen.proof.scenarios import Scenario, StepFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROLE = "shop-api"
TABLE = "arn:table"


@dataclass
class Iam(AuthorizationLog):
    """IAM in memory: one role's policies, and every decision on them."""

    endpoint_url: str = ""
    policies: dict[str, Any] = field(default_factory=dict)
    decisions: list[Authorization] = field(default_factory=list)

    def mark(self) -> int:
        return len(self.decisions)

    def since(self, mark: int) -> list[Authorization]:
        return self.decisions[mark:]

    def read(self, role: str) -> dict[str, Any]:
        assert role == ROLE
        return dict(self.policies)

    def write(self, role: str, policy: str, document: Mapping[str, Any] | None) -> None:
        assert role == ROLE
        self.policies.pop(policy) if document is None else self.policies.update({policy: document})

    def call(self, action: str, resource: str = TABLE) -> bool:
        granted = [grant for document in self.policies.values() for grant in grants_of(document)]
        allowed = any(grant.action == action and matches(grant.resource, resource) for grant in granted)
        self.decisions.append(Authorization(principal=ROLE, action=action, resource=resource, allowed=allowed))
        return allowed


def _iam(*actions: str) -> Iam:
    statement = {"Sid": "Use", "Effect": "Allow", "Action": list(actions), "Resource": [TABLE]}
    return Iam(policies={"operations": {"Statement": [statement]}})


def _prover(iam: Iam, *actions: str, ignored: str = "") -> Prover:
    """A service that calls these actions, and minds every refusal but one."""

    def run() -> Iterator[str]:
        for action in actions:
            step = f"call {action}"
            if not iam.call(action) and action != ignored:
                raise StepFailedError(step, "status 500")
            yield step

    return Prover(scenarios=(Scenario(name="the API", roles=frozenset({ROLE}), steps=run),), log=iam, policies=iam)


def _subject(*actions: str, **others: Any) -> Subject:
    sites = tuple(CallSite(action=action, file="handlers/api/storage.py", line=7) for action in actions)
    return Subject(role=ROLE, folder="handlers/api", sites=sites, **others)


def test_exact_permissions_hold() -> None:
    """Every mutant is caught by the step that needed it, and the policy is as before."""
    iam = _iam("db:Get", "db:Put")
    before = dict(iam.policies)
    proof = _prover(iam, "db:Get", "db:Put").prove([_subject("db:Get", "db:Put")])

    assert proof.holds
    assert (len(proof.caught), proof.total) == (3, 3)
    assert [item.step for item in proof.caught] == ["call db:Get", "call db:Put", "call db:Get"]
    assert iam.policies == before


def test_an_unused_action_is_named() -> None:
    """What nobody uses survives its removal."""
    proof = _prover(_iam("db:Get", "db:Scan"), "db:Get").prove([_subject("db:Get")])

    assert not proof.holds
    assert proof.faults() == ["shop-api: action db:Scan of Use is not needed: no scenario uses it"]


def test_grant_that_the_code_can_use_and_no_journey_does_is_unproven() -> None:
    """It is named and not counted: neither is it too much, nor was it seen at work."""
    proof = _prover(_iam("db:Get", "db:Put"), "db:Get").prove([_subject("db:Get", "db:Put")])

    assert proof.holds
    assert [str(mutant) for mutant in proof.unproven] == ["shop-api: action db:Put of Use"]
    assert (len(proof.caught), proof.total) == (2, 2)


def test_code_that_cannot_be_read_is_no_witness() -> None:
    """What was used needs no call that explains it, and what was not is unproven."""
    proof = _prover(_iam("db:Get", "db:Put"), "db:Get").prove([_subject(unread="app.py:7 makes a client itself")])

    assert proof.holds
    assert [str(mutant) for mutant in proof.unproven] == ["shop-api: action db:Put of Use"]


def test_a_missing_action_is_named_with_its_operation() -> None:
    """What is refused fails the proof at once, and no mutant runs."""
    proof = _prover(_iam("db:Get"), "db:Get", "db:Put").prove([_subject("db:Get", "db:Put")])

    assert not proof.holds
    assert proof.total == 0
    assert proof.faults() == ["call db:Put: status 500; shop-api lacks db:Put on arn:table"]


def test_a_refusal_that_nobody_minds_is_no_proof() -> None:
    """An action whose refusal changes nothing is not needed."""
    proof = _prover(_iam("db:Get", "db:Count"), "db:Get", "db:Count", ignored="db:Count").prove(
        [_subject("db:Get", "db:Count")]
    )

    assert proof.faults() == ["shop-api: action db:Count of Use is not needed: without it, the API went well"]


def test_witnesses_that_differ_fail_with_file_and_line() -> None:
    """Code that no scenario reaches, and use that no code explains, are both named."""
    proof = _prover(_iam("db:Get"), "db:Get").prove([_subject("db:Put")])

    assert not proof.holds
    assert proof.faults() == [
        "handlers/api/storage.py:7: db:Put is called here, and no scenario makes shop-api use it",
        "handlers/api: shop-api used db:Get (call db:Get), which no call in the code explains",
    ]


def test_what_is_stated_is_not_run() -> None:
    """A permission that only AWS's own services use stands apart, with its source."""
    stated = Stated(actions=frozenset({"logs:Put"}), resource=TABLE, reason="Lambda logs", source="guide")
    proof = _prover(_iam("db:Get", "logs:Put"), "db:Get").prove([_subject("db:Get", stated=(stated,))])

    assert proof.holds
    assert [(str(mutant.part), item.source) for mutant, item in proof.stated] == [("action logs:Put of Use", "guide")]
    assert proof.total == 2


def test_what_may_wait_in_vain_is_tried_last() -> None:
    """A mutant meets the scenario that cannot be kept waiting, whatever the order they stand in."""
    iam, run = _iam("db:Get"), []

    def use(name: str) -> Iterator[str]:
        run.append(name)
        if not iam.call("db:Get"):
            raise StepFailedError(name, "status 500")
        yield name

    def scenario(name: str, *, waits: bool) -> Scenario:
        return Scenario(name=name, roles=frozenset({ROLE}), steps=lambda: use(name), waits=waits)

    scenarios = (scenario("wait for a moment", waits=True), scenario("look", waits=False))
    proof = Prover(scenarios=scenarios, log=iam, policies=iam).prove([_subject("db:Get")])

    assert proof.holds
    assert {item.step for item in proof.caught} == {"look"}
    assert run == ["wait for a moment", "look", "look", "look"]
