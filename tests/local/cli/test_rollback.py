"""Rollbacks of the service itself, as a user runs them: versions, shifts, and a stop half-way."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.local.cli.conftest import Project

_FUNCTION = "transactions-local-us-east-1-api"


def _edit(project: Project, text: str) -> None:
    problems = project.folder / "handlers" / "api" / "problems.py"
    problems.write_text(problems.read_text(encoding="utf-8") + f"# {text}\n", encoding="utf-8")


def _events(project: Project, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in project.run(*arguments, "--json").splitlines()]


def _alias(project: Project) -> tuple[str, str]:
    """The version that serves, and the digest of its code."""
    client = project.client("lambda")
    version = client.get_alias(FunctionName=_FUNCTION, Name="live")["FunctionVersion"]
    return version, client.get_function(FunctionName=_FUNCTION, Qualifier=version)["Configuration"]["CodeSha256"]


def test_rollback_publishes_the_code_that_served_before(canary: Project) -> None:
    """All at once by default although the release is a canary; the same code serves again, under a version of its own.

    A release that goes back has its old Version's logical id: Lambda must publish it anew, since its last version
    holds other code, and never answer that there is one already.
    """
    first = canary.run_json("deploy", "--env", "local", "--yes")
    _, code = _alias(canary)
    _edit(canary, "second edition")
    canary.run_json("deploy", "--env", "local", "--yes")
    assert _alias(canary)[1] != code

    events = _events(canary, "rollback", "--env", "local", "--yes")

    assert (events[-1]["status"], events[-1]["release_id"]) == ("done", first["release_id"])
    assert _alias(canary) == ("3", code)
    weights = {event["shift"]["target_weight"] for event in events if event["type"] == "shift-progressed"}
    assert weights <= {0.0, 1.0}
    assert "alias       api:live → version 3  as the stack says" in canary.run("status", "--env", "local")


def test_gradual_rollback_shifts_as_the_release_says(canary: Project) -> None:
    """--gradual goes to the second edition through its ten per cent."""
    events = _events(canary, "rollback", "--env", "local", "--to", "#2", "--gradual", "--yes")

    weights = [event["shift"]["target_weight"] for event in events if event["type"] == "shift-progressed"]
    assert 0.1 in weights
    assert weights[-1] == 1.0
    assert _alias(canary)[0] == "4"


def test_rollback_half_way_stops_the_shift(canary: Project) -> None:
    """While a shift runs, rollback stops it: traffic is back, the stack rolled back, and the record says who did it."""
    before = _alias(canary)
    _shift_for(canary, 90)
    _edit(canary, "third edition")
    canary.run_json("deploy", "--env", "local", "--yes", "--detach")
    _await_shift(canary)
    assert "shift       d-" in canary.run("status", "--env", "local")
    refused = canary.start("rollback", "--env", "local", "--to", "#1", "--yes")
    assert (refused.returncode, "--to #1 cannot be taken live now" in refused.stderr) == (2, True)

    result = canary.run_json("rollback", "--env", "local", "--yes")

    assert result["status"] == "done"
    assert _alias(canary) == before
    newest, stopped = json.loads(canary.run("releases", "--env", "local", "--json"))["releases"][:2]
    assert (newest["operation"], newest["live"], newest["status"]) == ("rollback", True, "succeeded")
    assert (stopped["status"], stopped["release_id"] != newest["release_id"]) == ("rolled-back", True)
    assert f"stops       {stopped['release_id']}" in canary.run(
        "releases", "show", str(newest["sequence"]), "--env", "local"
    )


def test_deploy_that_was_killed_while_traffic_shifts_is_joined(canary: Project) -> None:
    """Kill -9 half-way: status shows a dead lock, the same deploy joins the shift, and the record has its figures.

    Deployed again, nothing is left to do.
    """
    _shift_for(canary, 20)
    _edit(canary, "fourth edition")
    process = canary.spawn("deploy", "--env", "local", "--yes")
    _await_shift(canary)
    process.kill()
    process.wait()
    page = canary.run("status", "--env", "local")
    assert f"process {process.pid} on this machine is gone" in page
    assert "UPDATE_IN_PROGRESS" in page

    result = canary.run_json("deploy", "--env", "local", "--yes")

    assert result["status"] == "done"
    newest = json.loads(canary.run("releases", "--env", "local", "--json"))["releases"][0]
    assert (newest["release_id"], newest["status"], newest["live"]) == (result["release_id"], "succeeded", True)
    assert newest["verdict"]["shifts"][0]["weight"] == 1.0
    assert canary.run_json("deploy", "--env", "local", "--yes")["status"] == "unchanged"
    assert "lock        free" in canary.run("status", "--env", "local")


def test_alias_that_was_moved_by_hand_goes_back_to_its_stack(canary: Project) -> None:
    """Status names the drift, recover sends all traffic to the version that the stack has, and deploys work again."""
    version, _ = _alias(canary)
    canary.client("lambda").update_alias(
        FunctionName=_FUNCTION, Name="live", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}}
    )
    page = canary.run("status", "--env", "local")
    assert "DRIFT: version 1 shares with 50% version 2" in page
    assert "next: tapgen recover --env local" in page

    assert canary.run_json("recover", "--env", "local", "--yes")["status"] == "done"

    assert _alias(canary)[0] == version
    assert "DRIFT" not in canary.run("status", "--env", "local")


def test_list_marks_what_is_live_and_a_wrong_id_is_explained(canary: Project) -> None:
    """One arrow, at the live release; show takes an id's beginning and refuses what it does not know."""
    lines = canary.run("releases", "--env", "local").splitlines()
    (live,) = [line for line in lines if line.startswith("→")]
    assert live.split()[1] == "7"
    shown = json.loads(canary.run("releases", "show", live.split()[2][:8], "--env", "local", "--json"))
    assert shown["record"]["intent"]["schema_version"] == "1.0"

    unknown = canary.start("releases", "show", "beef", "--env", "local")
    assert (unknown.returncode, "there is no release 'beef'" in unknown.stderr) == (2, True)


def test_unlocking_an_unlocked_deployment(canary: Project) -> None:
    """There is nothing to break, and that is no error."""
    assert canary.run_json("unlock", "--env", "local")["status"] == "unchanged"


def _shift_for(project: Project, minutes: int) -> None:
    """Scaled minutes at ten per cent: commands of a loaded machine must find the shift under way."""
    file = project.folder / "config" / "environments.yaml"
    before, local, after = file.read_text(encoding="utf-8").partition("  local:\n")
    file.write_text(before + local + re.sub(r"interval_min: \d+", f"interval_min: {minutes}", after, count=1), "utf-8")


def _await_shift(project: Project) -> None:
    """Wait until traffic is split, which the embedded AWS keeps up for seconds."""
    client = project.client("lambda")
    deadline = time.monotonic() + 60
    while (
        not client.get_alias(FunctionName=_FUNCTION, Name="live")
        .get("RoutingConfig", {})
        .get("AdditionalVersionWeights")
    ):
        assert time.monotonic() < deadline, "no shift began"
        time.sleep(0.05)
