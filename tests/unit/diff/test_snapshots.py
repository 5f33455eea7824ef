"""How a difference reads, one realistic change a kind; ``TAPGEN_UPDATE_SNAPSHOTS=1`` writes them anew."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import TYPE_CHECKING

import pytest

from tapgen.diff.compare import compare
from tapgen.diff.side import Side
from tapgen.ui.difference import difference_lines
from tapgen.ui.difference_markdown import difference_markdown
from tests.unit.diff.releases import CODE, edited, side, with_code
from tests.unit.templates.variants import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.diff.difference import Difference
    from tapgen.diff.side import Template

SNAPSHOTS = REPOSITORY / "tests" / "snapshots" / "diff"
BEFORE = side()


def _memory() -> Side:
    return side(functions__api__memory_mb=2048)


def _code() -> Side:
    return side(code=with_code("api", handlers__api__app_dot_py="def handler(): return 1\n", handlers__new_dot_py=""))


def _requirement() -> Side:
    layer = {path.replace("3.36.0", "3.37.0"): text.replace("3.36.0", "3.37.0") for path, text in CODE["layer"].items()}
    return side(code={**CODE, "layer": layer})


def _permission() -> Side:
    def edit(template: Template) -> None:
        policies = template["Resources"]["ApiRole"]["Properties"]["Policies"]
        policies[0]["PolicyDocument"]["Statement"][0]["Action"].append("logs:DeleteLogStream")

    return edited(BEFORE, "security", edit)


def _table_key() -> Side:
    def edit(template: Template) -> None:
        properties = template["Resources"]["TransactionsTable"]["Properties"]
        properties["KeySchema"][0]["AttributeName"] = "tenantId"
        properties["AttributeDefinitions"].append({"AttributeName": "tenantId", "AttributeType": "S"})

    return edited(BEFORE, "data", edit)


def _without_archive() -> Side:
    def edit(template: Template) -> None:
        for name in ("ArchiveBucket", "ArchiveBucketPolicy"):
            del template["Resources"][name]
        del template["Outputs"]["ArchiveBucketName"]

    return edited(BEFORE, "data", edit)


def _another_bucket() -> Side:
    def edit(template: Template) -> None:
        template["Resources"]["ExportBucket"] = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"}

    return edited(BEFORE, "data", edit)


def _open_bucket() -> Side:
    def edit(template: Template) -> None:
        statements = template["Resources"]["ArchiveBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        statements[:] = [
            {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": ["*"]}
        ]

    return edited(BEFORE, "data", edit)


CHANGES: dict[str, Callable[[], Side]] = {
    "memory": _memory,
    "code": _code,
    "requirement": _requirement,
    "permission": _permission,
    "table-key": _table_key,
    "threshold": lambda: side(alarms__latency_p90_baseline_ms=200),
    "retention": lambda: side(functions__api__log_retention_days=30),
    "authorization": lambda: side(api__authorization="NONE", api__jwt=None),
    "bucket-removed": _without_archive,
    "bucket-added": _another_bucket,
    "bucket-opened": _open_bucket,
    "tag": lambda: side(tags__owner="somebody-else"),
    "shift": lambda: side(shift__percentage=25, shift__interval_min=7),
    "nothing": side,
}


@pytest.mark.parametrize("kind", CHANGES)
def test_difference_reads_as_reviewed(kind: str) -> None:
    """One line for each thing that a person must decide on, and none for what only follows from another."""
    difference = compare(BEFORE, _after(kind))

    _match(f"{kind}.txt", "".join(f"{line.text}\n" for line in difference_lines(difference, width=100)))


@pytest.mark.parametrize("kind", ["memory", "permission", "table-key", "nothing"])
def test_markdown_reads_as_reviewed(kind: str) -> None:
    """What must not be overlooked stands above the fold."""
    _match(f"{kind}.md", difference_markdown(compare(BEFORE, _after(kind)), title="transactions-prod"))


def test_first_deploy_reads_as_reviewed() -> None:
    """Everything is new: resources are named, grants and files are counted."""
    difference = compare(Side(label="nothing deployed"), BEFORE)

    _match("first.txt", "".join(f"{line.text}\n" for line in difference_lines(difference, width=100)))


def test_no_snapshot_is_left_over() -> None:
    """A snapshot that nothing is compared with would be read as if it were true."""
    markdown = {f"{kind}.md" for kind in ("memory", "permission", "table-key", "nothing")}

    assert {path.name for path in SNAPSHOTS.iterdir()} == {f"{kind}.txt" for kind in (*CHANGES, "first")} | markdown


@pytest.mark.parametrize("width", [40, 80])
def test_no_width_takes_words_away(width: int) -> None:
    """A narrow tree says what a wide one says, on more lines."""
    difference = compare(BEFORE, CHANGES["table-key"]())
    narrow, wide = _words(difference, width), _words(difference, 1000)

    assert narrow == wide


def test_json_is_complete() -> None:
    """A script finds every value uncut, and the counts that the last line sums up."""
    document = json.loads(json.dumps(compare(BEFORE, CHANGES["table-key"]()).as_dict()))

    data = next(stack for stack in document["stacks"] if stack["stack"] == "data")
    (table,) = data["resources"]
    assert document["changed"] is True
    assert document["counts"]["replace"] == 2
    assert (table["replacement"], table["causes"]) == ("always", ["KeySchema"])
    assert {"path": "KeySchema[tenantId]", "requires": "always"}.items() <= table["properties"][2].items()
    assert table["properties"][2]["after"] == {"AttributeName": "tenantId", "KeyType": "HASH"}


def _after(kind: str) -> Side:
    return dataclasses.replace(CHANGES[kind](), label="after")


def _words(difference: Difference, width: int) -> list[str]:
    return " ".join(line.text for line in difference_lines(difference, width=width)).split()


def _match(name: str, text: str) -> None:
    path = SNAPSHOTS / name
    if os.environ.get("TAPGEN_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
