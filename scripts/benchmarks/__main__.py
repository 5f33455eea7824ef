"""``python -m scripts.benchmarks deploy|handler|load|render|security|shift``, each with the options that it has."""

from __future__ import annotations

import argparse
import sys

from scripts.benchmarks import deploy, handler, load, render, shift
from scripts.benchmarks.security import bench as security

# Name → (what runs it, how often when nobody says): a traffic shift takes a while.
_BY_ROUNDS = {
    "deploy": (deploy.run, 9),
    "handler": (handler.run, 9),
    "render": (render.run, 9),
    "shift": (shift.run, 5),
}


def main() -> int:
    """Run one benchmark; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    benchmarks = parser.add_subparsers(dest="benchmark", required=True)
    for name, (_, usual) in _BY_ROUNDS.items():
        rounds = benchmarks.add_parser(name)
        rounds.add_argument("--rounds", type=int, default=usual, help="how often each subject runs; the median counts")
    loaded = benchmarks.add_parser("load")
    loaded.add_argument("--duration-s", type=float, default=20, help="how long callers call; the long run is 600")
    loaded.add_argument("--callers", type=int, default=4, help="how many call at once")
    secured = benchmarks.add_parser("security")
    secured.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()
    if arguments.benchmark == "load":
        return load.run(duration_s=arguments.duration_s, callers=arguments.callers)
    if arguments.benchmark == "security":
        return security.run(as_json=arguments.json)
    return _BY_ROUNDS[arguments.benchmark][0](rounds=arguments.rounds)


if __name__ == "__main__":
    sys.exit(main())
