"""``python -m scripts.benchmarks render|deploy|shift [--rounds N]``."""

from __future__ import annotations

import argparse
import sys

from scripts.benchmarks import deploy, render, shift

# Name → (what runs it, how often when nobody says): a traffic shift takes a while.
_BENCHMARKS = {"render": (render.run, 9), "deploy": (deploy.run, 9), "shift": (shift.run, 5)}


def main() -> int:
    """Run one benchmark; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("benchmark", choices=list(_BENCHMARKS))
    parser.add_argument("--rounds", type=int, help="how often each subject runs; the median counts")
    arguments = parser.parse_args()
    benchmark, rounds = _BENCHMARKS[arguments.benchmark]
    return benchmark(rounds=arguments.rounds or rounds)


if __name__ == "__main__":
    sys.exit(main())
