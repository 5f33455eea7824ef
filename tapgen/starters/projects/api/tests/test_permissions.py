"""What the function may do, action by action: a new permission is a change of this file."""

from __future__ import annotations

from tapgen.testing import Project, assert_allows_only


def test_api_may_read_and_write_orders(tapgen_project: Project) -> None:
    """The API takes, finds, lists and deletes orders."""
    actions = {"dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"}

    assert_allows_only(tapgen_project.render("local"), "api", actions)


def test_table_has_its_index(tapgen_project: Project) -> None:
    """Orders are found by status without a scan."""
    table = tapgen_project.render("local").resource("AWS::DynamoDB::Table", part="orders")

    assert [index["IndexName"] for index in table.properties["GlobalSecondaryIndexes"]] == ["by-status"]
