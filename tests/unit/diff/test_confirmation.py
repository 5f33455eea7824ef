"""CloudFormation's change set beside the templates: confirmed, corrected, or found to announce what will not happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.diff.compare import compare
from tapgen.diff.confirmation import confirm
from tapgen.model import Change, ChangeDetail
from tests.unit.diff.releases import edited, side

if TYPE_CHECKING:
    from typing import Any

    from tapgen.diff.difference import Difference, ResourceDifference
    from tapgen.diff.side import Side, Template

BEFORE = side()
_NESTED = "AWS::CloudFormation::Stack"
_SOURCE = "AWS::Lambda::EventSourceMapping"


def _change_set(**stacks: Change) -> tuple[Change, ...]:
    """Every nested stack as modified, as CloudFormation lists them, with these changes."""
    names = ("Compute", "Data", "Observability", "Security")
    return tuple(
        Change(
            action="Modify",
            logical_id=name,
            resource_type=_NESTED,
            replacement="False",
            details=(_detail(source="Automatic", evaluation="Dynamic"),),
            children=(stacks[name],) if name in stacks else (),
        )
        for name in names
    )


def _detail(**facts: str) -> ChangeDetail:
    known = {
        "attribute": "Properties",
        "name": "",
        "requires_recreation": "Never",
        "evaluation": "Static",
        "source": "DirectModification",
        "cause": "",
    }
    return ChangeDetail(**known | facts)


def _unknown_stream() -> Change:
    """What CloudFormation says of the archiver's event source while the table's stream is an unknown parameter."""
    return Change(
        action="Modify",
        logical_id="ArchiverSource",
        resource_type=_SOURCE,
        replacement="True",
        details=(
            _detail(
                name="EventSourceArn",
                requires_recreation="Always",
                source="ParameterReference",
                cause="TransactionsTableStreamArn",
            ),
        ),
    )


def _resource(difference: Difference, name: str) -> ResourceDifference | None:
    return next((each for _, each in difference.resources() if each.logical_id == name), None)


def _data(edit: Any) -> Side:
    return edited(BEFORE, "data", edit)


def _unprotect(template: Template) -> None:
    template["Resources"]["TransactionsTable"]["Properties"]["DeletionProtectionEnabled"] = False


def _rename(template: Template) -> None:
    template["Resources"]["TransactionsTable"]["Properties"]["TableName"] = "renamed"


def test_a_parameter_that_is_not_known_yet_is_no_alarm() -> None:
    """The table is changed in place, so its stream stays: the replacement of what reads it will not happen."""
    after = _data(_unprotect)
    difference = confirm(compare(BEFORE, after), _change_set(Compute=_unknown_stream()), after)

    (alarm,) = difference.false_alarms
    assert (alarm.logical_id, alarm.path, alarm.announced) == ("ArchiverSource", "EventSourceArn", "always")
    assert alarm.source == "data.TransactionsTable"
    assert _resource(difference, "ArchiverSource") is None
    assert difference.counts()["replace"] == 0


def test_the_same_announcement_is_real_when_the_table_is_replaced() -> None:
    """Then the stream is another one, and templates and change set agree."""
    after = _data(_rename)
    difference = confirm(compare(BEFORE, after), _change_set(Compute=_unknown_stream()), after)

    source = _resource(difference, "ArchiverSource")
    assert difference.false_alarms == ()
    assert source is not None
    assert (source.replacement, source.confirmed) == ("always", "same")


def test_a_dynamic_reference_to_a_resource_that_stays_is_no_alarm() -> None:
    """In one stack, too: an attribute of a resource that is updated in place."""
    after = _data(_unprotect)
    policy = Change(
        action="Modify",
        logical_id="DeadLetterQueuePolicy",
        resource_type="AWS::SQS::QueuePolicy",
        replacement="False",
        details=(
            _detail(
                name="PolicyDocument", evaluation="Dynamic", source="ResourceAttribute", cause="DeadLetterQueue.Arn"
            ),
        ),
    )
    difference = confirm(compare(BEFORE, after), _change_set(Data=policy), after)

    assert [each.source for each in difference.false_alarms] == ["data.DeadLetterQueue"]


def test_cloudformation_corrects_what_the_table_of_properties_says() -> None:
    """Where the two disagree about a replacement, CloudFormation is right, and the difference says so."""
    after = _data(_unprotect)
    table = Change(
        action="Modify",
        logical_id="TransactionsTable",
        resource_type="AWS::DynamoDB::Table",
        replacement="True",
        details=(_detail(name="DeletionProtectionEnabled", requires_recreation="Always"),),
    )
    difference = confirm(compare(BEFORE, after), _change_set(Data=table), after)

    found = _resource(difference, "TransactionsTable")
    assert found is not None
    assert (found.replacement, found.causes, found.confirmed) == ("always", ("DeletionProtectionEnabled",), "differs")


def test_a_change_that_the_templates_do_not_show_is_shown() -> None:
    """A parameter that somebody changed by hand, say: the templates are equal, and CloudFormation would act."""
    group = Change(
        action="Modify",
        logical_id="ApiLogGroup",
        resource_type="AWS::Logs::LogGroup",
        replacement="False",
        details=(_detail(name="RetentionInDays"),),
    )
    difference = confirm(compare(BEFORE, BEFORE), _change_set(Compute=group), BEFORE)

    found = _resource(difference, "ApiLogGroup")
    assert found is not None
    assert (found.action, found.confirmed) == ("modify", "alone")
    assert difference.changed


def test_a_new_version_is_confirmed_and_not_doubled() -> None:
    """CloudFormation adds one version and removes another: to the difference that is one that is renewed."""
    after = side(functions__api__memory_mb=2048)
    plain = compare(BEFORE, after)
    (version,) = (each for _, each in plain.resources() if each.resource_type == "AWS::Lambda::Version")
    for action, name in (("Add", version.logical_id), ("Remove", version.before_id)):
        change = Change(action=action, logical_id=name, resource_type="AWS::Lambda::Version")  # type: ignore[arg-type]  # both are actions
        difference = confirm(plain, _change_set(Compute=change), after)

        assert difference.counts() == plain.counts()


def test_tags_that_cloudformation_hands_down_are_no_surprise() -> None:
    """Types that the templates do not tag get the stack's tags: that follows from the stack's own difference."""
    after = side(tags__owner="somebody-else")
    query = Change(
        action="Modify",
        logical_id="CodeDeployApplication",
        resource_type="AWS::CodeDeploy::Application",
        replacement="False",
        details=(_detail(attribute="Tags"),),
    )
    plain = compare(BEFORE, after)

    assert confirm(plain, _change_set(Compute=query), after).counts() == plain.counts()
