"""The card at the end of a deploy on a terminal, and names without their deployment's prefix."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from tapgen.events import Result
from tapgen.ui.card import end_card
from tapgen.ui.short_names import shortener
from tapgen.ui.terminal import choose_listener

DONE = Result(
    status="done",
    operation="deploy",
    deployment="shop-prod",
    exit_code=0,
    release_id="02e81b19e5bee5be",
    sequence=3,
    outputs={
        "ApiUrl": "https://abc123.execute-api.eu-west-1.amazonaws.com",
        "ApiVersionArn": "arn:aws:lambda:eu-west-1:111122223333:function:shop-prod-eu-west-1-api:12",
        "ArchiverVersionArn": "arn:aws:lambda:eu-west-1:111122223333:function:shop-prod-eu-west-1-archiver:7",
        "TableName": "shop-prod-eu-west-1-orders",
    },
)


def card(result: Result, *, width: int = 80) -> list[str]:
    return end_card(result, options="--env prod", took_s=185.0, width=width)


def test_a_deploy_ends_with_what_its_reader_needs() -> None:
    """Where it is, which release and versions, how long, and the commands that come next."""
    assert card(DONE) == [
        "",
        "  call      https://abc123.execute-api.eu-west-1.amazonaws.com",
        "  release   02e81b19e5bee5be  #3",
        "  versions  api 12, archiver 7",
        "  took      3 min 05 s",
        "  report    tapgen report --env prod",
        "  check     tapgen verify --env prod",
        "  go back   tapgen rollback --env prod",
        "  outputs   tapgen outputs --env prod  prints all 4",
    ]


def test_a_url_of_this_machine_comes_first() -> None:
    """On the embedded AWS the other one leads nowhere."""
    local = replace(DONE, outputs={**DONE.outputs, "LocalApiUrl": "http://127.0.0.1:4566/apis/abc123"})
    assert card(local)[1] == "  call      http://127.0.0.1:4566/apis/abc123"


def test_nothing_to_do_offers_no_report() -> None:
    """What is live is shown; there is no new release to look at or to go back from."""
    labels = [line.split()[0] for line in card(replace(DONE, status="unchanged", sequence=0)) if line]
    assert labels == ["call", "release", "versions", "took", "outputs"]


def test_a_service_without_an_api_has_none() -> None:
    """Only what there is."""
    assert card(replace(DONE, outputs={"QueueUrl": "https://q.invalid"}))[1].startswith("  release")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_lines_fit_the_terminal(width: int) -> None:
    """Whatever the width; a URL, which is to be copied, stays whole."""
    many = {f"Part{number}VersionArn": f"arn:aws:lambda:x:1:function:f:{number}" for number in range(12)}
    for line in card(replace(DONE, outputs={**DONE.outputs, **many}), width=width):
        assert len(line) <= width or "https://" in line


class TerminalStream(io.StringIO):
    """A stream that a person reads."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stdout", "shown"), [(TerminalStream(), "verify"), (io.StringIO(), "TableName")])
def test_a_terminal_gets_the_card_and_a_pipe_all_outputs(stdout: io.StringIO, shown: str) -> None:
    """A script reads what it always read, whatever the standard error is."""
    with choose_listener({}, stdout=stdout, stderr=io.StringIO(), as_json=False, options="--env prod") as listener:
        listener(DONE)
    assert [text for text in ("verify", "TableName") if text in stdout.getvalue()] == [shown]


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("shop-prod-eu-west-1-api", "api"),
        ("shop-prod-eu-west-1-api:live → version 3", "api:live → version 3"),
        ("CodeDeployHook_shop-prod-eu-west-1-before Failed", "CodeDeployHook_before Failed"),
        ("my-shop-prod-eu-west-1-api", "my-shop-prod-eu-west-1-api"),
        ("shop-prod-eu-west-1", "shop-prod-eu-west-1"),
        ("Compute.ApiFunction", "Compute.ApiFunction"),
    ],
)
def test_names_lose_the_prefix_of_their_deployment(text: str, short: str) -> None:
    """At their beginning alone; the rest of the line stays."""
    assert shortener("shop-prod-eu-west-1-service")(text) == short


def test_names_of_an_unknown_deployment_stay() -> None:
    """A stack that is not named as tapgen names them says nothing of other names."""
    assert shortener("shop")("shop-api") == "shop-api"
