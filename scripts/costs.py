"""What tests cost: processor time of the test process and of everything that it starts, and how long they wait.

Usage: python -m scripts.costs PYTEST-ARGUMENTS…; one process, so not with ``--numprocesses``. Linux alone.

Wall time says nothing on a machine that others use. Each test phase is charged with what all processes below this one
used meanwhile; those whose parent has ended are below this one, too, as it asks to be their parent.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PR_SET_CHILD_SUBREAPER = 36
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_WORST = 40
# /proc/PID/stat, after the name in parentheses: state, parent, …; own and reaped children's user and system time.
_PARENT, _TIMES = 1, slice(11, 15)


class Cost(NamedTuple):
    """Seconds of processor time of all processes, of the test process alone, and of wall time."""

    cpu_s: float
    own_s: float
    wall_s: float

    def plus(self, other: Cost) -> Cost:
        """The cost of both."""
        return Cost(*(one + another for one, another in zip(self, other, strict=True)))

    def since(self, other: Cost) -> Cost:
        """From one moment to another."""
        return Cost(*(one - another for one, another in zip(self, other, strict=True)))

    @property
    def waited_s(self) -> float:
        """Wall time in which no processor worked for it, on a machine that nobody else uses."""
        return max(0.0, self.wall_s - self.cpu_s)


@dataclass(frozen=True)
class _Process:
    parent: int
    ticks: tuple[int, ...]


def now(root: int) -> Cost:
    """What this process, and all below ``root``, have used so far."""
    found = dict(_processes())
    children = defaultdict(list)
    for pid, process in found.items():
        children[process.parent].append(pid)
    ticks, pending = 0, [root]
    while pending:
        pid = pending.pop()
        ticks += sum(found[pid].ticks) if pid in found else 0
        pending += children[pid]
    own = os.times()
    return Cost(ticks / _TICKS_PER_S, own.user + own.system, time.monotonic())


def _processes() -> Iterable[tuple[int, _Process]]:
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended since
            continue
        yield int(file.parent.name), _Process(int(fields[_PARENT]), tuple(map(int, fields[_TIMES])))


class Ledger:
    """A plugin that charges each phase of each test with what was used since the phase before it.

    Args:
        root: The process below which all that counts runs.

    Attributes:
        costs: Cost by test id; fixtures are charged to the test that was the first to ask for them.
    """

    def __init__(self, root: int) -> None:
        self.costs: dict[str, Cost] = defaultdict(lambda: Cost(0.0, 0.0, 0.0))
        self._root = root
        self._last = now(root)

    def pytest_collection_finish(self) -> None:
        """Imports and parametrization."""
        self._charge("(collection)")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The end of a setup, a call or a teardown."""
        self._charge(f"{report.nodeid} (setup)" if report.when == "setup" else report.nodeid)

    def _charge(self, what: str) -> None:
        moment = now(self._root)
        self.costs[what] = self.costs[what].plus(moment.since(self._last))
        self._last = moment


def by(costs: Mapping[str, Cost], parts: int) -> dict[str, Cost]:
    """Costs by folder or file: by so many parts of its path, or by the whole path for 0."""
    found: dict[str, Cost] = defaultdict(lambda: Cost(0.0, 0.0, 0.0))
    for name, cost in costs.items():
        path = name.partition("::")[0]
        key = "/".join(path.split("/")[: parts or None])
        found[key] = found[key].plus(cost)
    return found


def lines(costs: Mapping[str, Cost]) -> Iterable[str]:
    """A table, the dearest first."""
    yield f"{'cpu s':>8} {'own s':>8} {'wait s':>8}"
    for name, cost in sorted(costs.items(), key=lambda item: -item[1].cpu_s)[:_WORST]:
        yield f"{cost.cpu_s:8.1f} {cost.own_s:8.1f} {cost.waited_s:8.1f}  {name}"


def main(arguments: list[str]) -> int:
    """Run the tests in a process below this one; answers pytest's exit code."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    tests = os.fork()
    if tests == 0:
        return _measure(arguments, Ledger(os.getppid()))
    # Whoever has ended counts as long as somebody waits for it; to the tests it must be gone.
    while True:
        pid, status = os.wait()
        if pid == tests:
            return os.waitstatus_to_exitcode(status)


def _measure(arguments: list[str], ledger: Ledger) -> int:
    """Run the tests and print what they cost."""
    code = pytest.main(arguments, plugins=[ledger])
    for title, costs in (("folders", by(ledger.costs, 3)), ("files", by(ledger.costs, 0)), ("tests", ledger.costs)):
        print(f"\n{title}")
        print("\n".join(lines(costs)))
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
