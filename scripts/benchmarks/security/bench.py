"""``scripts/bench security``: what roles may do and what checkov finds, here and by the defaults of SAM and CDK."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks.security.policies import actions_of, read_roles, unscoped, wildcard_actions_of
from scripts.benchmarks.security.subjects import NotMeasuredError, Subject, make_cdk, make_ours, make_sam
from scripts.scan import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scripts.benchmarks.security.policies import Role

_MAKERS: dict[str, Callable[[Path], Subject]] = {"tapgen": make_ours, "sam": make_sam, "cdk": make_cdk}
_TITLES = {"tapgen": "tapgen", "sam": "SAM", "cdk": "CDK"}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was counted in a set of templates.

    Attributes:
        checks: checkov's, as (passed, failed, suppressed).
        bytes: Of the templates, without white space.
        wildcard_actions: Actions that somebody may do because a pattern covers them.
        unscoped: Allow statements on every resource.
        unconditional: Those of them without any condition.
        actions: Who → how many actions they may do.
    """

    checks: tuple[int, int, int]
    bytes: int
    wildcard_actions: int
    unscoped: int
    unconditional: int
    actions: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One tool's figures."""

    name: str
    service: Figures
    bootstrap: Figures


def run(*, as_json: bool) -> int:
    """Count and print; 1 when one of our own figures is not what it must be."""
    columns: dict[str, Column | str] = {}
    with tempfile.TemporaryDirectory(prefix="tapgen-bench-") as name:
        for tool, make in _MAKERS.items():
            print(f"measuring {_TITLES[tool]}", file=sys.stderr)
            try:
                subject = make(Path(name) / tool)
            except NotMeasuredError as error:
                columns[tool] = f"not measured: {error}"
            else:
                columns[tool] = measure(subject)
    if as_json:
        print(json.dumps({tool: _document(column) for tool, column in columns.items()}, indent=2))
    else:
        print(draw(columns))
    ours = columns["tapgen"]
    missed = list(faults(ours)) if isinstance(ours, Column) else []
    for line in missed:
        print(f"MISSED: {line}", file=sys.stderr)
    return 1 if missed else 0


def measure(subject: Subject) -> Column:
    """The figures of one tool: the service with its functions' roles, and CloudFormation's role in the bootstrap."""
    service = read_roles(subject.read(subject.service), "lambda", "codedeploy")
    who = {
        "API function": [role for role in service if role.service == "lambda" and "Api" in role.logical_id],
        "archiver": [role for role in service if role.service == "lambda" and "Archiver" in role.logical_id],
        "CodeDeploy": [role for role in service if role.service == "codedeploy"],
    }
    maker = read_roles(subject.read(subject.bootstrap), "cloudformation")
    return Column(
        name=subject.name,
        service=_count(subject.service, service, who),
        bootstrap=_count(subject.bootstrap, maker, {"CloudFormation": maker}),
    )


def _count(folder: Path, roles: Iterable[Role], who: Mapping[str, list[Role]]) -> Figures:
    roles = list(roles)
    scanned = scan(folder)
    everywhere, unconditional = unscoped(roles)
    return Figures(
        checks=(scanned.passed, len(scanned.failed), scanned.suppressed),
        bytes=sum(len(json.dumps(template, separators=(",", ":"))) for template in Subject.read(folder)),
        wildcard_actions=len(wildcard_actions_of(roles)),
        unscoped=everywhere,
        unconditional=unconditional,
        actions={name: len(actions_of(found)) for name, found in who.items()},
    )


def faults(ours: Column) -> Iterable[str]:
    """What our own figures may not be."""
    for part, figures in (("the service", ours.service), ("the bootstrap", ours.bootstrap)):
        if figures.checks[1]:
            yield f"checkov finds {figures.checks[1]} faults in {part}"
        if figures.wildcard_actions:
            yield f"{figures.wildcard_actions} actions of {part} are allowed by a wildcard"
        if figures.unconditional:
            yield f"{figures.unconditional} statements of {part} are on every resource without a condition"


def draw(columns: Mapping[str, Column | str]) -> str:
    """The table in Markdown, so that it stands in the documentation as it was printed."""
    heads = [column.name if isinstance(column, Column) else _TITLES[tool] for tool, column in columns.items()]
    measured = [_cells(column) if isinstance(column, Column) else column for column in columns.values()]
    labels = list(next(cells for cells in measured if isinstance(cells, dict)))
    lines = [["", *heads], ["---", *("---:" for _ in heads)]]
    lines += [[label, *(cells[label] if isinstance(cells, dict) else cells for cells in measured)] for label in labels]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(column: Column) -> dict[str, str]:
    """Label → figure."""
    cells = {}
    for part, figures in (("service", column.service), ("bootstrap", column.bootstrap)):
        cells[f"{part}: checkov passed / failed / suppressed"] = " / ".join(map(str, figures.checks))
        for name, count in figures.actions.items():
            cells[f"{part}: actions of {name}'s role"] = f"{count:,}"
        cells[f"{part}: actions allowed by a wildcard"] = f"{figures.wildcard_actions:,}"
        cells[f"{part}: statements on every resource (without condition)"] = (
            f"{figures.unscoped} ({figures.unconditional})"
        )
        cells[f"{part}: templates, bytes"] = f"{figures.bytes:,}"
    return cells


def _document(column: Column | str) -> object:
    return asdict(column) if isinstance(column, Column) else {"not_measured": column.partition(": ")[2]}
