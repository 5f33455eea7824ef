"""``python -m scripts.benchmarks deploy|handler|load|render``, each with the options that it has."""

from __future__ import annotations

import argparse
import sys

from scripts.benchmarks import deploy, handler, load, render

_BY_ROUNDS = {"deploy": deploy.run, "handler": handler.run, "render": render.run}


def main() -> int:
    """Run one benchmark; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    benchmarks = parser.add_subparsers(dest="benchmark", required=True)
    for name in _BY_ROUNDS:
        rounds = benchmarks.add_parser(name)
        rounds.add_argument("--rounds", type=int, default=9, help="how often each subject runs; the median counts")
    loaded = benchmarks.add_parser("load")
    loaded.add_argument("--duration-s", type=float, default=20, help="how long callers call; the long run is 600")
    loaded.add_argument("--callers", type=int, default=4, help="how many call at once")
    arguments = parser.parse_args()
    if arguments.benchmark == "load":
        return load.run(duration_s=arguments.duration_s, callers=arguments.callers)
    return _BY_ROUNDS[arguments.benchmark](rounds=arguments.rounds)


if __name__ == "__main__":
    sys.exit(main())
