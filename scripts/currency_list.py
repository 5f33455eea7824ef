"""``scripts/currencies refresh|check``: the API's list of currencies, from ISO 4217 as its maintenance agency has it.

The package ``iso4217`` carries list one of SIX Group, the standard's maintenance agency, as it was published. Every
active code with a minor unit is in the API's list; metals, bond market units and the codes for tests have none.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from handlers.api import currencies

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULE = Path(__file__).parents[1] / "handlers" / "api" / "currencies.py"
MAX_AGE_DAYS = 183
"""The agency publishes amendments a few times a year, most of them months before they count."""

_CODES_A_LINE = 28
_FEWEST_CODES = 100
_MODULE = '''\
"""ISO 4217: the currencies that amounts are in. Written by ``scripts/currencies refresh``, not by hand."""

from __future__ import annotations

PUBLISHED = "{listed.published}"
"""When the maintenance agency published this list."""
CHECKED = "{listed.checked}"
"""When it was last compared with the newest one."""


def _read(table: str) -> dict[str, int]:
    rows = (line.split() for line in table.splitlines())
    return {{code: int(scale) for scale, *codes in rows for code in codes}}


SCALES = _read("""\\
{active}
""")
"""Active code → number of decimals ("minor unit")."""

WITHDRAWN = _read("""\\
{withdrawn}
""")
"""Code that was active once → number of decimals: stored transactions may have it."""
'''


@dataclass(frozen=True, kw_only=True)
class CurrencyList:
    """What the API knows of currencies.

    Attributes:
        published: When the agency published the list.
        checked: When somebody last took the newest one.
        scales: Active code → decimals.
        withdrawn: Code that the API took once → decimals.
    """

    published: str
    checked: str
    scales: Mapping[str, int]
    withdrawn: Mapping[str, int]

    def succeed(self, table: str, *, checked: str) -> CurrencyList:
        """The list after this one: a code that is gone is withdrawn, since stored amounts are in it.

        Args:
            table: The agency's XML document.
            checked: Today, ``YYYY-MM-DD``.
        """
        published, scales = read_table(table)
        known = {**self.withdrawn, **self.scales}
        withdrawn = {code: scale for code, scale in known.items() if code not in scales}
        return CurrencyList(published=published, checked=checked, scales=scales, withdrawn=withdrawn)


def read_table(table: str) -> tuple[str, dict[str, int]]:
    """The date of publication and the active codes with their decimals.

    Raises:
        ValueError: The document is no list one.
    """
    # The document comes from a package whose hash is locked.
    root = ET.fromstring(table)  # noqa: S314
    published = root.get("Pblshd", "")
    rows = [(row.findtext("Ccy"), row.findtext("CcyMnrUnts", "")) for row in root.iter("CcyNtry")]
    scales = {code: int(units) for code, units in sorted(rows, key=str) if code and units.isdigit()}
    date.fromisoformat(published)
    if len(scales) < _FEWEST_CODES:
        raise ValueError(f"not ISO 4217's list one: it has {len(scales)} codes")
    return published, scales


def write_module(listed: CurrencyList) -> str:
    """The handlers' module."""
    active, withdrawn = (_write_table(scales) for scales in (listed.scales, listed.withdrawn))
    return _MODULE.format(listed=listed, active=active, withdrawn=withdrawn)


def find_fault(text: str, listed: CurrencyList, *, table: str, today: date) -> str:
    """Why the committed module cannot stay; empty when it can.

    Args:
        text: The module.
        listed: What it holds.
        table: The locked list one.
        today: The day of the check.
    """
    if text != write_module(listed.succeed(table, checked=listed.checked)):
        return "handlers/api/currencies.py is not what the locked ISO 4217 says"
    age_days = (today - date.fromisoformat(listed.checked)).days
    if age_days > MAX_AGE_DAYS:
        return f"handlers/api/currencies.py was last compared with ISO 4217 {age_days} days ago, on {listed.checked}"
    return ""


def read_list() -> CurrencyList:
    """The committed one."""
    return CurrencyList(
        published=currencies.PUBLISHED,
        checked=currencies.CHECKED,
        scales=currencies.SCALES,
        withdrawn=currencies.WITHDRAWN,
    )


def read_locked_table() -> str:
    """List one in the package that is installed."""
    return resources.files("iso4217").joinpath("table.xml").read_text(encoding="utf-8")


def main() -> int:
    """Do one of the two; 1 when the list is old or not the standard's."""
    parser = argparse.ArgumentParser(prog="scripts/currencies", description=__doc__)
    parser.add_argument("action", choices=["refresh", "check"], help="write the list anew, or refuse an old one")
    action, today, table = parser.parse_args().action, datetime.now(UTC).date(), read_locked_table()
    if action == "refresh":
        following = read_list().succeed(table, checked=today.isoformat())
        MODULE.write_text(write_module(following), encoding="utf-8")
        print(f"ISO 4217 of {following.published}: {len(following.scales)} currencies", file=sys.stderr)
        return 0
    fault = find_fault(MODULE.read_text(encoding="utf-8"), read_list(), table=table, today=today)
    if fault:
        print(f"{fault}; next: scripts/currencies refresh, then scripts/openapi write", file=sys.stderr)
    return int(bool(fault))


def _write_table(scales: Mapping[str, int]) -> str:
    """Lines that begin with a number of decimals, and have the codes after it."""
    lines = []
    for scale in sorted(set(scales.values())):
        codes = sorted(code for code, decimals in scales.items() if decimals == scale)
        chunks = [codes[at : at + _CODES_A_LINE] for at in range(0, len(codes), _CODES_A_LINE)]
        lines += [" ".join([str(scale), *chunk]) for chunk in chunks]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
