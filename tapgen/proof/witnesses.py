"""Where the witnesses of a function's need differ: what its code calls, and what IAM was asked for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.iam.calls import CallSite
    from tapgen.proof.need import Use


def compare(role: str, folder: str, sites: Iterable[CallSite], uses: Iterable[Use]) -> Iterator[str]:
    """What one witness saw and the other did not, with file and line where there is one.

    Args:
        role: The function's role.
        folder: Where its code is: ``handlers/<folder>``.
        sites: What its code can call.
        uses: What every role was used for.
    """
    used = {use.action: use for use in uses if use.role == role and not use.by_service}
    called = {site.action for site in sites}
    for site in sites:
        if site.action not in used:
            yield f"{site.place}: {site.action} is called here, and no scenario makes {role} use it"
    for action in sorted(used.keys() - called):
        yield f"{folder}: {role} used {action} ({used[action].step}), which no call in the code explains"
