"""``scripts/mutants``: mutate every property of every rendered resource, and list what nobody notices."""

from __future__ import annotations

import argparse
import sys

from scripts.mutation.reasons import REASONS
from scripts.mutation.subjects import PROJECTS, load_subject
from scripts.mutation.survey import survey
from tapgen.rules.registry import list_rules


def main() -> int:
    """Judge the mutants of the services; 1 when one is neither noticed nor reasoned, or a rule cannot bear one."""
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("--service", action="append", choices=list(PROJECTS), help="one of them; all when left out")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="judge each N-th mutant alone")
    asked = parser.parse_args()
    found = []
    for name in asked.service or PROJECTS:
        found.append(survey(load_subject(name), step=asked.every))
        print(found[-1].render())
        for mutant in found[-1].open:
            print(f"  open: {mutant}")
        for text in sorted(found[-1].crashed):
            print(f"  a rule fails: {text}")
    used = {rule for each in found for rule in each.rules}
    silent = [rule.id for rule in list_rules() if rule.id not in used]
    print(f"rules that were never the first to notice one: {', '.join(silent) or 'none'}", file=sys.stderr)
    needed = {reason for each in found for reason in each.reasons}
    idle = [f"{reason.types} {reason.where}" for reason in REASONS if reason not in needed]
    print(f"rows of the table that speak of none: {', '.join(idle) or 'none'}", file=sys.stderr)
    return int(any(each.open or each.crashed for each in found))


if __name__ == "__main__":
    sys.exit(main())
