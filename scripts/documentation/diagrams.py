"""Pictures of the stacks and of a deploy, in Mermaid: drawn from rendered templates and from a deploy that is watched.

A picture that a person draws is right on the day that it is drawn. These say what the code did when they were made.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.cli.main import run
from tapgen.testing import load_project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_STACK = "AWS::CloudFormation::Stack"
_SHOWN_TYPES = 7
_CHANGE = '\n\nDIAGRAM = "a change, so that there is something to ship"\n'


@dataclass
class StepCalls:
    """A step of an operation and the AWS calls that were made in it, counted."""

    step: str
    text: str
    calls: Counter[str] = field(default_factory=Counter)


def draw_stacks(project: Path, *, environment: str) -> str:
    """The nested stacks of an environment, what each holds, and how many values one takes from another."""
    templates = load_project(project).render(environment).templates
    root = templates["root"]["Resources"]
    children = {logical_id: resource for logical_id, resource in root.items() if resource["Type"] == _STACK}
    boxes = (f'  {name}["<b>{name}</b><br/>{_describe(templates[name.lower()])}"]' for name in children)
    arrows = (
        f"  {source} -->|{count} output{'s' * (count > 1)}| {target}"
        for (source, target), count in sorted(_edges(children).items())
    )
    return "\n".join(["```mermaid", "flowchart LR", *boxes, *arrows, "```"])


def _describe(template: Mapping[str, Any]) -> str:
    types = Counter(resource["Type"].removeprefix("AWS::") for resource in template["Resources"].values())
    shown = [f"{count} {name}" for name, count in types.most_common(_SHOWN_TYPES)]
    rest = len(types) - len(shown)
    return "<br/>".join([*shown, *([f"and {rest} type{'s' * (rest > 1)} more"] if rest > 0 else [])])


def _edges(children: Mapping[str, Any]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for target, resource in children.items():
        for value in resource.get("Properties", {}).get("Parameters", {}).values():
            if isinstance(value, dict) and "Fn::GetAtt" in value:
                found[value["Fn::GetAtt"][0], target] += 1
    return found


def draw_deploy(steps: Sequence[StepCalls]) -> str:
    """The steps of a deploy in their order, each with the calls that it makes."""
    lines = ["```mermaid", "flowchart TD"]
    for index, step in enumerate(steps):
        calls = "<br/>".join(sorted(step.calls)) or "no call"
        lines.append(f'  s{index}["<b>{step.step}</b><br/>{calls}"]')
    lines += [f"  s{index} --> s{index + 1}" for index in range(len(steps) - 1)]
    return "\n".join([*lines, "```"])


def watch_deploy() -> list[StepCalls]:
    """Ship a change of the starter ``api`` to an embedded AWS of its own; the steps and their calls.

    Raises:
        RuntimeError: A command failed; stderr says why.
    """
    with tempfile.TemporaryDirectory(prefix="tapgen-docs-") as folder, redirect_stdout(sys.stderr):
        project = Path(folder) / "orders"
        _run("init", str(project))
        try:
            _run("--project", str(project), "deploy", "--env", "local", "--yes", "--json")
            handler = next((project / "handlers").glob("*/app.py"))
            handler.write_text(handler.read_text(encoding="utf-8") + _CHANGE, encoding="utf-8")
            with _watched() as watch:
                _run("--project", str(project), "deploy", "--env", "local", "--yes", "--json")
        finally:
            _run("--project", str(project), "local", "stop")
    return [step for step in watch.steps if step.calls]


class _Watch(logging.Handler):
    """What botocore sends, by the step that has begun last."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.steps: list[StepCalls] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not isinstance(record.args, tuple) or not str(record.msg).startswith("Making request for") or not self.steps:
            return
        operation: Any = record.args[0]
        self.steps[-1].calls[f"{operation.service_model.service_id}: {operation.name}"] += 1


class _StepReader(io.TextIOBase):
    """Standard output of a command with ``--json``: begins a step where an event says so."""

    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self._watch = watch

    def write(self, text: str, /) -> int:
        for line in text.splitlines():
            event = json.loads(line) if line.startswith("{") else {}
            if event.get("type") == "step-started":
                self._watch.steps.append(StepCalls(event["step"], event["text"]))
        return len(text)


@contextmanager
def _watched() -> Iterator[_Watch]:
    logger, watch = logging.getLogger("botocore.endpoint"), _Watch()
    before = logger.level
    logger.addHandler(watch)
    logger.setLevel(logging.DEBUG)
    try:
        with redirect_stdout(_StepReader(watch)):
            yield watch
    finally:
        logger.removeHandler(watch)
        logger.setLevel(before)


def _run(*arguments: str) -> None:
    if code := run(list(arguments)):
        raise RuntimeError(f"tapgen {' '.join(arguments)} ended with {code}")
