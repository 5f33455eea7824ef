"""Entry point of ``tapgen`` and ``python -m tapgen``."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    # A command makes little garbage and much that stays: collecting while it imports is 5 % of its time.
    gc.set_threshold(50_000, 20, 20)
    from tapgen.cli.main import run

    code = run(sys.argv[1:])
    # Leaving, the interpreter looks for garbage in all that was imported: a tenth of a short command, for nothing.
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
