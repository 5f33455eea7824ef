"""What separates two releases, beyond how it reads."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.diff.compare import compare
from tapgen.diff.values import find_differences
from tapgen.diff.words import warnings_of
from tests.unit.diff.releases import CODE, edited, side

if TYPE_CHECKING:
    from tapgen.diff.difference import Difference, ResourceDifference
    from tapgen.diff.side import Template

BEFORE = side()


def _by_id(difference: Difference) -> dict[str, ResourceDifference]:
    return {resource.logical_id: resource for _, resource in difference.resources()}


def test_a_release_does_not_differ_from_itself() -> None:
    """Also with zips that nobody can read any more: they have the same digest."""
    unreadable = dataclasses.replace(side(), read_artifact=lambda _: None)

    difference = compare(unreadable, side())

    assert not difference.changed
    assert set(difference.counts().values()) == {0}


def test_a_new_version_is_no_resource_more_and_no_resource_less() -> None:
    """Version and guards carry a hash in their ids: they are renewed, and nothing is added or removed."""
    difference = compare(BEFORE, side(functions__api__memory_mb=2048))
    found = _by_id(difference)

    counts = difference.counts()
    assert (counts["add"], counts["remove"], counts["renew"]) == (0, 0, 3)
    (version,) = (each for each in found.values() if each.resource_type == "AWS::Lambda::Version")
    assert version.before_id.startswith("ApiVersion")
    assert version.before_id != version.logical_id
    assert found["ApiLiveAlias"].action == "follow"
    assert [each.path for each in found["ApiLiveAlias"].depends_on] == ["FunctionVersion"]


@pytest.mark.parametrize(
    ("changes", "functions", "reasons"),
    [
        ({"functions__api__memory_mb": 2048}, {"ApiFunction"}, ("MemorySize",)),
        ({"functions__archiver__timeout_s": 30}, {"ArchiverFunction"}, ("Timeout",)),
        ({"functions__api__reserved_concurrency": 100}, set(), ()),
        ({"tags__owner": "somebody-else"}, set(), ()),
        ({"functions__api__log_retention_days": 30}, set(), ()),
    ],
)
def test_what_is_versioned_publishes_and_nothing_else(
    changes: dict[str, object], functions: set[str], reasons: tuple[str, ...]
) -> None:
    """Whoever reads it knows which function's traffic will shift, and because of which setting."""
    difference = compare(BEFORE, side(**changes))  # type: ignore[arg-type]  # settings have any type

    assert {each.function for each in difference.publications} == functions
    assert all(each.reasons == reasons for each in difference.publications)
    assert all(each.shift == "CodeDeployDefault.LambdaCanary10Percent10Minutes" for each in difference.publications)


def test_code_and_layer_publish_too() -> None:
    """A zip that differs is a reason, whichever settings stay; a new layer is one for both functions."""
    code = compare(BEFORE, side(code={**CODE, "archiver": {"handlers/archiver/app.py": "pass"}}))
    layer = compare(BEFORE, side(code={**CODE, "layer": {"python/x.py": ""}}))

    assert [(each.function, each.reasons) for each in code.publications] == [("ArchiverFunction", ("code",))]
    assert [(each.function, each.reasons) for each in layer.publications] == [
        ("ApiFunction", ("layer",)),
        ("ArchiverFunction", ("layer",)),
    ]


def test_a_replacement_reaches_whatever_reads_the_replaced_resource() -> None:
    """Through an output and a parameter of another stack, and on from there where that cannot be changed in place."""

    def rename(template: Template) -> None:
        template["Resources"]["TransactionsTable"]["Properties"]["TableName"] = "renamed"

    found = _by_id(compare(BEFORE, edited(BEFORE, "data", rename)))

    table, source = found["TransactionsTable"], found["ArchiverSource"]
    assert (table.replacement, table.causes, table.keeps_name) == ("always", ("TableName",), "")
    assert (source.action, source.replacement, source.causes) == ("follow", "always", ("EventSourceArn",))
    assert source.depends_on[0].source == "data.TransactionsTable"
    assert "ApiFunction" not in found


def test_a_change_in_place_reaches_nobody() -> None:
    """The table keeps its name, its ARN and its stream: what reads them is not touched."""

    def protect(template: Template) -> None:
        template["Resources"]["TransactionsTable"]["Properties"]["DeletionProtectionEnabled"] = False

    assert set(_by_id(compare(BEFORE, edited(BEFORE, "data", protect)))) == {"TransactionsTable"}


def test_a_replacement_that_keeps_the_name_will_be_refused() -> None:
    """CloudFormation makes the new one first, and two of a name cannot be."""

    def rekey(template: Template) -> None:
        template["Resources"]["TransactionsTable"]["Properties"]["KeySchema"].pop()

    table = _by_id(compare(BEFORE, edited(BEFORE, "data", rekey)))["TransactionsTable"]

    assert table.keeps_name == "transactions-prod-eu-west-1-transactions"
    assert table.retained


def test_another_type_under_the_same_id_is_a_cause() -> None:
    """CloudFormation refuses to change a type; the difference names it before that happens."""

    def retype(template: Template) -> None:
        template["Resources"]["ApiLogGroup"]["Type"] = "AWS::S3::Bucket"

    group = _by_id(compare(BEFORE, edited(BEFORE, "compute", retype)))["ApiLogGroup"]

    assert (group.action, group.causes) == ("modify", ("Type",))
    assert any("CloudFormation refuses" in text for text in warnings_of(group))


def test_protection_that_goes_is_a_difference_of_the_resource() -> None:
    """Beside the properties: what becomes of it when it is deleted."""

    def release(template: Template) -> None:
        template["Resources"]["TransactionsTable"]["DeletionPolicy"] = "Delete"

    table = _by_id(compare(BEFORE, edited(BEFORE, "data", release)))["TransactionsTable"]

    assert [(each.path, each.before, each.after) for each in table.properties] == [
        ("DeletionPolicy", "Retain", "Delete")
    ]


def test_grants_that_came_and_went_are_named_with_their_place() -> None:
    """A role's own, and those of a resource's policy; taking a refusal away lets somebody do more."""

    def swap(template: Template) -> None:
        statement = template["Resources"]["ApiRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]
        statement["Action"] = ["logs:DeleteLogStream"]

    (added, removed) = compare(BEFORE, edited(BEFORE, "security", swap)).permissions

    assert (added.change, added.widens, added.actions) == ("added", True, ("logs:DeleteLogStream",))
    assert (removed.change, removed.widens) == ("removed", False)
    assert removed.actions == ("logs:CreateLogStream", "logs:PutLogEvents")


def test_a_zip_that_is_gone_is_not_called_empty() -> None:
    """Nothing is known of its files, and that is what the difference says."""
    before = dataclasses.replace(BEFORE, read_artifact=lambda _: None)
    (artifact,) = compare(before, side(code={**CODE, "api": {"a.py": ""}})).artifacts

    assert not artifact.known
    assert (artifact.before_bytes, artifact.files) == (None, ())


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, ["a.b", "a.c"]),
        ([{"Key": "x", "Value": 1}], [{"Key": "y", "Value": 2}, {"Key": "x", "Value": 1}], ["T[y]"]),
        (["a", "b"], ["b", "c"], ["T[]", "T[]"]),
        (["a", "b"], ["b", "a"], ["T"]),
        ({"Ref": "A"}, {"Ref": "B"}, ["T"]),
        ([{"a": 1}, {"b": 1}], [{"a": 1}, {"b": 2}], ["T[1].b"]),
        ({"Fn::If": ["C", "a", "b"]}, {"Fn::If": ["C", "a", "c"]}, ["T[unless C]"]),
        ({"Fn::If": ["C", "a", "b"]}, {"Fn::If": ["D", "a", "b"]}, ["T"]),
        ('{"widgets": [1]}', '{"widgets": [1, 2]}', ["T.widgets[]"]),
        ({"Fn::Sub": '{"region": "${AWS::Region}"}'}, {"Fn::Sub": '{"region": "x"}'}, ["T.region"]),
        ({"Fn::Sub": ['{"a": "${x}"}', {"x": 1}]}, {"Fn::Sub": ['{"a": "${x}"}', {"x": 2}]}, ["T"]),
        ({"Fn::Sub": ['{"a": 1}', {"x": 1}]}, {"Fn::Sub": ['{"a": 2}', {"x": 1}]}, ["a"]),
        ("1", 1, ["T"]),
    ],
)
def test_paths_say_where_two_values_differ(before: Any, after: Any, paths: list[str]) -> None:
    """By name where elements have one, in texts that are documents, and in the branch that a condition chooses."""
    found = [each.path for each in find_differences({"T": before}, {"T": after})]

    assert [path.removeprefix("T.") if path.startswith("T.a") else path for path in found] == paths
