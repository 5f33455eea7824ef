"""A report of a canary that was stopped, made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tapgen.events import StackEvent
from tapgen.ledger.consents import BrokenGlass
from tapgen.ledger.record import Execution, Intent, Outcome, Plan, Record, Reference, Source, StoredFile
from tapgen.model import GuardAlarm, Served, Shift
from tapgen.report.model import Changes, FixedCosts, Report, ResourceChange, Series
from tapgen.report.shifting import Seen, tell_shifts
from tapgen.report.timeline import draw_bars
from tapgen.report.verdicts import with_verdicts

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FUNCTION = "shop-prod-eu-west-1-api"


def event(seconds: float, place: str, status: str, **others: Any) -> StackEvent:
    """An event of ``Stack.Resource``; a nested stack of the root when there is no stack."""
    stack, _, logical_id = place.rpartition(".")
    kind = others.pop("kind", "AWS::Lambda::Function" if stack else "AWS::CloudFormation::Stack")
    return StackEvent(
        stack=stack or "root",
        logical_id=logical_id,
        resource_type=kind,
        status=status,
        reason=others.get("reason", ""),
        timestamp=START + timedelta(seconds=seconds),
    )


def shift(weight: float = 0.0, *, status: str = "InProgress", red: bool = False, requests: int = 0) -> Shift:
    """The shift at a moment."""
    guard = GuardAlarm(name="shop-prod-eu-west-1-guard-api-errors", state="ALARM" if red else "OK", reason="3 >= 1")
    begun = "InProgress" if weight else "Pending"
    return Shift(
        deployment_id="d-1",
        status=status,
        function=FUNCTION,
        alias="live",
        current_version="6",
        target_version="7",
        target_weight=weight,
        steps=(("BeforeAllowTraffic", "Succeeded" if weight else "InProgress"), ("AllowTraffic", begun)),
        window_min=10.0,
        created_at=START + timedelta(seconds=20),
        served=Served(requests=requests, errors=3 if red else 0),
        alarms=(guard,),
    )


def record() -> Record:
    """Of a deploy that was rolled back."""
    outcome = {
        "function": FUNCTION,
        "current_version": "6",
        "target_version": "7",
        "outcome": "rolled-back",
        "requests": 240,
        "errors": 3,
        "minimum_requests": 20,
        "window_min": 10.0,
        "weight": 0.1,
        "code": "ALARM_ACTIVE",
        "failed_hook": "",
        "red": [{"name": "guard", "state": "ALARM", "reason": "3 >= 1", "metric": "", "condition": "", "last": 3.0}],
        "log_lines": ["KeyError: 'amount' <script>alert(1)</script>"],
    }
    file = StoredFile(name="root", key="templates/root/0.json", digest="0" * 32)
    intent = Intent(
        sequence=7,
        token="t",  # noqa: S106 - no secret
        release_id="7f3a000000000000",
        operation="deploy",
        settings={"deployment": "shop-prod", "region": "eu-west-1", "parameters": {}},
        templates=(file,),
        artifacts=(),
        template_url="https://example.com",
        change_set_name="release",
        who="arn:aws:sts::123456789012:assumed-role/deployer/ci",
        host="runner-4",
        started_at=START,
        tool="tapgen/0",
        source=Source(commit="c0ffee" * 6, dirty=True),
        previous=Reference(sequence=6, release_id="6e2b000000000000"),
        break_glass=BrokenGlass(reason="fixes what is red", alarms=("api-5xx",)),
    )
    return Record(
        intent=intent,
        plan=Plan(
            change_set_id="c", stack_id="s", kind="UPDATE", created_at=START, counts={"modify": 1}, changes=("Modify",)
        ),
        execution=Execution(
            change_set_id="c", stack_id="s", who=intent.who, host="runner-4", started_at=START + timedelta(seconds=5)
        ),
        outcome=Outcome(
            status="rolled-back",
            finished_at=START + timedelta(seconds=300),
            reason="Compute.ApiLiveAlias: one or more alarms have been activated",
            verdict={"shifts": [outcome]},
        ),
    )


def events() -> list[StackEvent]:
    """A stack that is rolled back because of its alias."""
    return [
        event(5, "shop", "UPDATE_IN_PROGRESS"),
        event(6, "Compute", "UPDATE_IN_PROGRESS"),
        event(6.5, "Compute.shop-Compute-X", "UPDATE_IN_PROGRESS", kind="AWS::CloudFormation::Stack"),
        event(7, "Compute.ApiFunction", "UPDATE_IN_PROGRESS"),
        event(15, "Compute.ApiFunction", "UPDATE_COMPLETE"),
        event(18, "Compute.ApiLiveAlias", "UPDATE_IN_PROGRESS"),
        event(240, "Compute.ApiLiveAlias", "UPDATE_FAILED", reason="one or more alarms have been activated"),
        event(250, "Compute.ApiFunction", "UPDATE_IN_PROGRESS"),
        event(258, "Compute.ApiFunction", "UPDATE_COMPLETE"),
        event(290, "Compute", "UPDATE_ROLLBACK_COMPLETE"),
        event(300, "shop", "UPDATE_ROLLBACK_COMPLETE"),
    ]


def seen() -> list[Seen]:
    """Looks at the shift: the hook runs, a tenth of the traffic, a red guard, stopped."""
    at = START.timestamp()
    return [
        Seen(at=at + 21, shift=shift()),
        Seen(at=at + 40, shift=shift(0.1)),
        Seen(at=at + 150, shift=shift(0.1, requests=180)),
        Seen(at=at + 230, shift=shift(0.1, requests=240, red=True)),
        Seen(at=at + 240, shift=replace(shift(0.0, status="Stopped", requests=240, red=True), error="alarm")),
    ]


def report() -> Report:
    """All of it."""
    (story,) = with_verdicts(tell_shifts(seen()), record())
    at = START.timestamp()

    def series(version: str, metric: str, *values: float) -> Series:
        return Series(
            version=version, metric=metric, points=tuple((at + 30 + 60 * i, value) for i, value in enumerate(values))
        )

    story = replace(
        story,
        series=(
            series("6", "requests", 900, 880, 910, 905),
            series("6", "errors", 0, 0, 0, 0),
            series("6", "p50", 9, 9, 10, 9),
            series("6", "p90", 22, 21, 25, 22),
            series("7", "requests", 0, 96, 101, 90),
            series("7", "errors", 0, 0, 1, 2),
            series("7", "p50", 9, 12, 18, 40),
            series("7", "p90", 22, 60, 90, 240),
        ),
    )
    changes = Changes(
        before="release 6 (6e2b000000000000)",
        resources=(
            ResourceChange(
                place="compute.ApiFunction",
                resource_type="AWS::Lambda::Function",
                action="modify",
                details=("MemorySize: 512 → 768",),
            ),
            ResourceChange(place="data.Cache", resource_type="AWS::DynamoDB::Table", action="perhaps replace"),
            ResourceChange(place="observability.Old", resource_type="AWS::CloudWatch::Alarm", action="remove"),
        ),
        permissions=(("wider", "shop-prod-api may now call dynamodb:DeleteItem on the table"),),
        code=(("api: 98,775 B → 98,793 B, 1 file differs", ("handlers/api/problems.py 4,046 B → 4,064 B",)),),
    )
    costs = FixedCosts(usd=-0.1, items=(("alarm", -1.0, -0.1),), region="eu-west-1", prices_as_of="2026-10-09")
    return Report(
        record=record(),
        bars=draw_bars(events()),
        shifts=(story,),
        changes=changes,
        costs=costs,
        missing=("metrics of shop-prod-eu-west-1-archiver: not allowed",),
    )
