"""Amounts of money as exact decimals in the scale of their currency. No float comes near them."""

from __future__ import annotations

import re

from handlers.api.currencies import SCALES, WITHDRAWN

MAX_WHOLE_DIGITS = 15
"""Digits before the point: they hold any national budget, and fit every consumer's decimal type."""

# Amounts of a withdrawn currency are stored, and their transactions are replaced.
_SCALES = SCALES | WITHDRAWN
_AMOUNT = re.compile(rf"(0|[1-9][0-9]{{0,{MAX_WHOLE_DIGITS - 1}}})(?:\.([0-9]+))?", re.ASCII)


class AmountError(ValueError):
    """The text is no amount of the currency; the message says why."""


def normalise_amount(text: str, currency: str) -> str:
    """The amount with exactly the currency's decimals: ``("12.3", "EUR")`` → ``"12.30"``.

    Raises:
        AmountError: Not a positive plain decimal, or more decimals than the currency has.
    """
    match = _AMOUNT.fullmatch(text)
    if not match:
        raise AmountError("must be a positive decimal in plain digits, e.g. 12.30")
    scale = _SCALES[currency]
    whole, fraction = match.group(1), match.group(2) or ""
    if len(fraction) > scale:
        raise AmountError(f"{currency} has {scale} decimals")
    if not (whole + fraction).strip("0"):
        raise AmountError("must be more than zero")
    return f"{whole}.{fraction:0<{scale}}" if scale else whole
