"""``python -m scripts.benchmarks deploy|handler|render [--rounds N]``."""

from __future__ import annotations

import argparse
import sys

from scripts.benchmarks import deploy, handler, render


def main() -> int:
    """Run one benchmark; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("benchmark", choices=["deploy", "handler", "render"])
    parser.add_argument("--rounds", type=int, default=9, help="how often each subject runs; the median counts")
    arguments = parser.parse_args()
    benchmark = {"deploy": deploy.run, "handler": handler.run, "render": render.run}[arguments.benchmark]
    return benchmark(rounds=arguments.rounds)


if __name__ == "__main__":
    sys.exit(main())
