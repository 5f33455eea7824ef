"""What tests are charged with: the time of what they start, and each of them once."""

from __future__ import annotations

import os
import subprocess
import sys

from scripts.costs import Cost, by, lines, now

_WORK = "import time\nwhile time.process_time() < 0.3: pass\n"


def test_the_time_of_children_counts() -> None:
    """Of one that has ended and of one that still runs, and not as the test process's own."""
    before = now(os.getpid())
    subprocess.run([sys.executable, "-c", _WORK], check=True)
    ended = now(os.getpid()).since(before)
    running = [sys.executable, "-c", f"{_WORK}print(flush=True)\ninput()"]
    with subprocess.Popen(running, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()
        both = now(os.getpid()).since(before)
        process.stdin.close()

    assert ended.cpu_s - ended.own_s > 0.25
    assert both.cpu_s - both.own_s > 0.5


def test_costs_are_summed_by_folder_and_file() -> None:
    """Setups and calls belong to their file, and the dearest comes first."""
    costs = {
        "tests/unit/a/test_a.py::test_one (setup)": Cost(1.0, 0.5, 4.0),
        "tests/unit/a/test_a.py::test_one": Cost(2.0, 0.5, 1.0),
        "tests/local/b/test_b.py::test_two": Cost(8.0, 0.0, 2.0),
    }

    assert by(costs, 0)["tests/unit/a/test_a.py"] == Cost(3.0, 1.0, 5.0)
    assert by(costs, 2) == {"tests/unit": Cost(3.0, 1.0, 5.0), "tests/local": Cost(8.0, 0.0, 2.0)}
    assert [line.split()[-1] for line in lines(by(costs, 2))][1:] == ["tests/local", "tests/unit"]
