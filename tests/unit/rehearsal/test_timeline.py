"""A rollout as a document and as a picture."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tapgen.rehearsal.drawing import draw
from tapgen.rehearsal.judging import Verdict, judge
from tapgen.rehearsal.observation import ShiftState, StackStatus
from tapgen.rehearsal.report import Report, write_timeline
from tapgen.rehearsal.scenarios import SCENARIOS
from tapgen.rehearsal.timeline import as_document, make_timeline
from tests.unit.rehearsal.rollouts import (
    ERRORS,
    LATENCY,
    MINUTE_S,
    SERVER_ERRORS,
    alias,
    refused_by,
    rollout,
    shift,
    shipped,
    stopped_by,
)

if TYPE_CHECKING:
    from tapgen.rehearsal.observation import Observation

_SCENARIOS = {scenario.name: scenario for scenario in SCENARIOS}
_SVG = "{http://www.w3.org/2000/svg}"


def _judge(name: str, seen: Observation) -> Verdict:
    return judge(_SCENARIOS[name], seen, slow_s=0.3)


def test_weights_are_told_once_each() -> None:
    """A share is told when it changes; the old version alone is none, the new one alone is all."""
    seen = shipped()

    assert make_timeline(_judge("candidate", seen), seen).weights == ((0.0, 0.0), (2.0, 0.1), (6.0, 1.0))


def test_requests_are_counted_in_quarter_minutes() -> None:
    """Every request is in one bin, by when its answer came; bad ones are counted apart."""
    seen = stopped_by(ERRORS, 1.5, 1.51)
    bins = make_timeline(_judge("throws", seen), seen).bins

    assert sum(item.requests for item in bins) == len(seen.calls)
    assert [(item.from_min, item.bad) for item in bins if item.bad] == [(3.0, 2)]
    assert bins[-1].from_min <= 4.97 / MINUTE_S < bins[-1].from_min + 0.25


def test_guards_live_as_long_as_their_version() -> None:
    """The API's guard has always been there; a version's appears with it, and goes with it when it is rolled back."""
    seen = stopped_by(ERRORS, 1.5)
    alarms = make_timeline(_judge("throws", seen), seen).alarms

    spans = {name: [(span.from_min, span.to_min, span.state) for span in spans] for name, spans in alarms.items()}
    assert spans == {
        ERRORS: [(1.0, 5.0, "OK"), (5.0, 8.0, "ALARM")],
        LATENCY: [],
        SERVER_ERRORS: [(0.0, 8.0, "OK")],
    }


def test_hooks_run_and_end() -> None:
    """A hook's row shows when it ran and how it ended; one that was never reached has none."""
    running, failed = shift("InProgress"), shift("Failed", "HOOK_EXECUTION_FAILURE", failed="BeforeAllowTraffic")
    waiting = (("BeforeAllowTraffic", "InProgress"), ("AllowTraffic", "Pending"), ("AfterAllowTraffic", "Pending"))
    states = (
        ShiftState(at_s=0.5, shift=replace(running, steps=waiting)),
        ShiftState(at_s=1.0, shift=failed),
    )
    seen = replace(refused_by("BeforeAllowTraffic"), shifts=states)

    hooks = make_timeline(_judge("pre-hook", seen), seen).hooks

    assert [(span.from_min, span.to_min, span.state) for span in hooks["BeforeAllowTraffic"]] == [
        (1.0, 2.0, "InProgress"),
        (2.0, 8.0, "Failed"),
    ]
    assert hooks["AfterAllowTraffic"] == ()


def test_moments_are_in_order() -> None:
    """What happened at once, with the root stack's own statuses and without its cleaning up."""
    seen = stopped_by(ERRORS, 1.5)
    ends = [("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", 3.4), ("UPDATE_ROLLBACK_COMPLETE", 3.5)]
    statuses = [
        StackStatus(at_s=at, is_root=True, stack="root", logical_id="shop", status=status, reason="")
        for status, at in ends
    ]
    seen = replace(seen, stack_statuses=(*seen.stack_statuses, *statuses))

    moments = make_timeline(_judge("throws", seen), seen).moments

    assert [(moment.at_min, moment.text) for moment in moments] == [
        (0.0, "shift begins"),
        (0.4, "stack UPDATE_IN_PROGRESS"),
        (pytest.approx(3.04), "first bad answer"),
        (5.0, "the errors guard is in ALARM"),
        (6.0, "alias is back"),
        (7.0, "stack UPDATE_ROLLBACK_COMPLETE"),
    ]


def test_document_has_both_times() -> None:
    """Seconds of this machine and AWS minutes stand beside each other, and the document is plain JSON."""
    seen = stopped_by(ERRORS, 1.5)

    document = json.loads(json.dumps(as_document(_judge("throws", seen), seen)))

    assert document["recovery"] == {
        "first_bad_s": 1.52,
        "first_bad_min": 3.04,
        "alias_back_s": 3.0,
        "alias_back_min": 6.0,
        "lasted_s": 1.48,
        "lasted_min": 2.96,
    }
    assert document["requests"]["by_status"] == {"200": 100, "502": 1}
    assert (document["passed"], document["outcome"]["stack_status"]) == (True, "UPDATE_ROLLBACK_COMPLETE")


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("candidate", shipped()),
        ("candidate", rollout(alias(), alias(), ended=None, outcome="unchanged")),
        ("throws", stopped_by(ERRORS, 1.5)),
        ("throws", stopped_by(SERVER_ERRORS)),
        ("post-hook", refused_by("AfterAllowTraffic")),
        ("candidate", replace(shipped(), calls=(), samples=shipped().samples[:1])),
    ],
)
def test_picture_is_whole(name: str, seen: Observation) -> None:
    """Well-formed, within its frame, self-contained, with every check and every moment in words."""
    verdict = _judge(name, seen)
    timeline = make_timeline(verdict, seen)

    root = ET.fromstring(draw(verdict, timeline))  # noqa: S314 - our own document

    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for element in root.iter():
        for horizontal, vertical in (("x", "y"), ("x1", "y1"), ("x2", "y2")):
            if horizontal in element.attrib:
                assert 0 <= float(element.attrib[horizontal]) <= width
                assert 0 <= float(element.attrib[vertical]) <= height
        if element.tag == f"{_SVG}rect":
            assert float(element.attrib["width"]) >= 0
            assert float(element.attrib["height"]) >= 0
    words = " ".join(element.text or "" for element in root.iter(f"{_SVG}text"))
    assert all(check.must in words for check in verdict.checks)
    assert all(moment.text in words for moment in timeline.moments)
    assert "prefers-color-scheme: dark" in (root.findtext(f"{_SVG}style") or "")
    assert "href" not in draw(verdict, timeline)


def test_picture_says_states_in_words() -> None:
    """A red guard is written as ALARM where it is red: nobody depends on the colour."""
    seen = stopped_by(ERRORS, 1.5)
    verdict = _judge("throws", seen)

    root = ET.fromstring(draw(verdict, make_timeline(verdict, seen)))  # noqa: S314 - our own document

    states = [element.text for element in root.iter(f"{_SVG}text") if element.attrib["class"] == "state"]
    assert states[:3] == ["OK", "OK", "ALARM"]


def test_markup_in_words_is_escaped() -> None:
    """CloudWatch's reasons and errors of others may hold anything."""
    seen = replace(stopped_by(SERVER_ERRORS), guards=(f"<b>&{SERVER_ERRORS}",))
    verdict = _judge("throws", seen)

    assert "<b>" not in draw(verdict, make_timeline(verdict, seen))


def test_files_are_written_together(tmp_path: Path) -> None:
    """A timeline and a drawing for each scenario, under its name, in a folder that need not exist."""
    seen = shipped()
    write_timeline(tmp_path / "new", _judge("candidate", seen), seen)

    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["candidate.json", "candidate.svg"]


def test_report_says_what_must_happen_and_what_happened() -> None:
    """A row for each check, the scenario named once, both times, and what was left out with its reason."""
    seen = stopped_by(SERVER_ERRORS, 1.5)
    report = Report(
        environment="prod",
        baseline="abc1234 (Fix a rounding)",
        minute_s=MINUTE_S,
        requests_per_min=44,
        verdicts=(_judge("candidate", shipped()), _judge("throws", seen)),
        skipped=((_SCENARIOS["stop"], "the stack was left in UPDATE_ROLLBACK_FAILED"),),
        folder=Path("build"),
    )

    rows = report.rows()

    assert [row[0] for row in rows if row[0]] == ["candidate", "throws", "stop"]
    assert [row[3] for row in rows] == ["ok"] * 4 + ["NOT", "ok", "ok", "ok", "ok", "", "-"]
    assert rows[9][2] == "first bad answer to alias back: 3.0 AWS min (1.5 s here)"
    assert rows[10][2] == "not rehearsed: the stack was left in UPDATE_ROLLBACK_FAILED"
    assert not report.passed
    assert [verdict.scenario.name for verdict in report.failed] == ["throws"]


def test_report_is_a_document(tmp_path: Path) -> None:
    """What scripts read: the verdict of each scenario with its checks and times."""
    report = Report(
        environment="prod",
        baseline="the project as it is",
        minute_s=MINUTE_S,
        requests_per_min=44,
        verdicts=(_judge("throws", stopped_by(ERRORS, 1.5)),),
        skipped=(),
        folder=tmp_path,
    )

    report.write()

    document = json.loads(report.path.read_text(encoding="utf-8"))

    (scenario,) = document["scenarios"]
    assert (document["passed"], document["minute_s"]) == (True, MINUTE_S)
    assert (scenario["first_bad_to_alias_back_s"], scenario["first_bad_to_alias_back_min"]) == (1.48, 2.96)
    assert (scenario["requests_while_split"], scenario["bad_while_split"]) == (64, 1)
