"""The page of a proof: each mutant with the operation that noticed it, what is only stated, and the score."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from tapgen.ui.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def proof_page(proof: Mapping[str, Any]) -> Iterator[str]:
    """The page's lines; what is wrong is not among them, since the error says it.

    Args:
        proof: As ``--json`` prints it.
    """
    for role, items in groupby(proof["mutants"], key=lambda item: item["role"]):
        yield role
        rows = [(f"  {item['removed']}", item["caught_by"], item["got"]) for item in items]
        yield table(("  without", "fails", "with"), rows)
        yield ""
    if proof["stated"]:
        yield "Stated, not proven: AWS services use these with the role, where no request shows it"
        stated = {(item["role"], item["reason"], item["source"]): None for item in proof["stated"]}
        yield table((), [(f"  {role}", reason, source) for role, reason, source in stated])
        yield ""
    if proof["unproven"]:
        yield "Unproven, and not counted: the code can use these, and no journey does (`tapgen guide journeys`)"
        yield table((), [(f"  {item['role']}", item["removed"]) for item in proof["unproven"]])
        yield ""
    percent = 100 * proof["caught"] // proof["total"] if proof["total"] else 0
    yield f"caught {proof['caught']} of {proof['total']} mutants: {percent} %"
