"""Why some mutants need no rule: a table. What stands here is looked at when it changes, like a suppression.

The class of a reason says what is true of the mutant:

    text        people read it, AWS does nothing with it
    name        a name that nothing else refers to: another one does the same
    default     AWS takes the same value where it is left out
    choice      another value that is as right as this one
    twice       the same stands there once more
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.mutation.mutants import Mutant

Class = Literal["text", "name", "default", "choice", "twice"]


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One row: mutants of some types, at some place, of some changes."""

    kind: Class
    types: str
    """Pattern of the resource type: ``AWS::CloudWatch::*``."""
    where: str
    """Pattern of the path: ``Properties.*Description*``."""
    changes: frozenset[str] = frozenset()
    """All of them when empty."""
    why: str

    def covers(self, mutant: Mutant) -> bool:
        """Whether the row speaks of the mutant."""
        return (
            fnmatchcase(mutant.type, self.types)
            and fnmatchcase(mutant.where, self.where)
            and (not self.changes or mutant.change in self.changes)
        )


_REMOVED, _CHANGED = frozenset({"remove"}), frozenset({"change"})

REASONS = (
    Reason(kind="text", types="AWS::*", where="Properties.*Description*", why="descriptions are for people"),
    Reason(kind="text", types="AWS::*", where="Properties.*.Statement.*.Sid", why="a Sid names a statement for people"),
    Reason(kind="text", types="AWS::SNS::Topic", where="Properties.DisplayName", why="the sender's name in mails"),
    Reason(
        kind="text",
        types="AWS::CloudWatch::Alarm",
        where="Properties.Metrics.*.Label",
        why="the name of a line in the console",
    ),
    Reason(
        kind="text",
        types="AWS::CloudWatch::Dashboard",
        where="Properties.*",
        why="the dashboard is looked at: tests of its own hold every widget to metrics that exist",
    ),
    Reason(
        kind="text",
        types="AWS::Logs::QueryDefinition",
        where="Properties.QueryString",
        changes=_CHANGED,
        why="the text of a query; tests of its own run every one",
    ),
    *(
        Reason(
            kind="name",
            types=types,
            where=f"Properties.{name}",
            changes=_CHANGED,
            why="another name of this deployment; where something refers to it by name, a rule says so",
        )
        for types, name in (
            ("AWS::ApiGatewayV2::*", "Name"),
            ("AWS::ApplicationAutoScaling::ScalingPolicy", "PolicyName"),
            ("AWS::CloudWatch::*Alarm", "AlarmName"),
            ("AWS::Events::Rule", "Name"),
            ("AWS::Logs::QueryDefinition", "Name"),
        )
    ),
    Reason(
        kind="name",
        types="AWS::S3::Bucket",
        where="Properties.LifecycleConfiguration.Rules.*.Id",
        why="S3 makes an id up where a rule has none",
    ),
    Reason(
        kind="name",
        types="AWS::IAM::*",
        where="Properties.*PolicyName",
        changes=_CHANGED,
        why="an inline policy is known by its role",
    ),
    Reason(
        kind="name",
        types="AWS::Events::Rule",
        where="Properties.Targets.*.Id",
        changes=_CHANGED,
        why="an id within the rule",
    ),
    Reason(
        kind="name",
        types="AWS::CloudWatch::Alarm",
        where="Properties.Metrics.*.Id",
        changes=_CHANGED,
        why="the id of an expression that no other expression names",
    ),
    Reason(
        kind="default",
        types="AWS::CloudWatch::Alarm",
        where="Properties.Metrics.*.ReturnData",
        changes=_REMOVED,
        why="true where it is left out (CloudWatch API reference, MetricDataQuery)",
    ),
    Reason(
        kind="default",
        types="AWS::CloudWatch::CompositeAlarm",
        where="Properties.ActionsEnabled",
        changes=_REMOVED,
        why="true where it is left out (CloudWatch API reference, PutCompositeAlarm)",
    ),
    Reason(
        kind="default",
        types="AWS::CodeDeploy::DeploymentGroup",
        where="Properties.AlarmConfiguration.IgnorePollAlarmFailure",
        changes=_REMOVED,
        why="false where it is left out (CodeDeploy API reference, AlarmConfiguration)",
    ),
    Reason(
        kind="default",
        types="AWS::*",
        where="DeletionPolicy",
        changes=_REMOVED,
        why="CloudFormation deletes where nothing is said; what must stay has a rule",
    ),
    Reason(
        kind="default",
        types="AWS::*",
        where="UpdateReplacePolicy",
        changes=_REMOVED,
        why="the same of a replacement",
    ),
    Reason(
        kind="choice",
        types="AWS::Lambda::Function",
        where="Properties.Runtime",
        changes=_CHANGED,
        why="the hooks run on every Python that Lambda has; a rule holds the service's functions to theirs",
    ),
    Reason(
        kind="choice",
        types="AWS::S3::Bucket",
        where="Properties.LifecycleConfiguration.Rules.*.AbortIncompleteMultipartUpload.DaysAfterInitiation",
        changes=_CHANGED,
        why="a day more; a rule holds it to 30",
    ),
)


TWICE = Reason(
    kind="twice",
    types="AWS::IAM::Role",
    where="Properties.Policies.*.PolicyDocument.Statement.*",
    why="another statement of the role grants the same, so that nothing is lost: two queues of one key",
)


def find_reason(mutant: Mutant, before: Mapping[str, Any]) -> Reason | None:
    """The row that speaks of a mutant; None where none does.

    Args:
        mutant: The change.
        before: The resource as it was.
    """
    if TWICE.covers(mutant) and _stands_twice(mutant, before):
        return TWICE
    return next((reason for reason in REASONS if reason.covers(mutant)), None)


def _stands_twice(mutant: Mutant, before: Mapping[str, Any]) -> bool:
    _, _, policy, _, _, place = mutant.path[:6]
    statements = before["Properties"]["Policies"][policy]["PolicyDocument"]["Statement"]
    grants = [{key: value for key, value in item.items() if key != "Sid"} for item in statements]
    return isinstance(place, int) and grants.count(grants[place]) > 1
