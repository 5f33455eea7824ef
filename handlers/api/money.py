"""Amounts of money as exact decimals in the scale of their currency. No float comes near them."""

from __future__ import annotations

import re

# ISO 4217: active codes by number of decimals ("minor unit"); funds and metals without one are left out.
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO_DECIMALS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG"
)
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"

SCALES: dict[str, int] = {
    code: scale
    for scale, codes in ((0, _NO_DECIMALS), (2, _TWO_DECIMALS), (3, _THREE_DECIMALS), (4, _FOUR_DECIMALS))
    for code in codes.split()
}
"""Currency → number of decimals."""

MAX_WHOLE_DIGITS = 15
"""Digits before the point: they hold any national budget, and fit every consumer's decimal type."""

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
    scale = SCALES[currency]
    whole, fraction = match.group(1), match.group(2) or ""
    if len(fraction) > scale:
        raise AmountError(f"{currency} has {scale} decimals")
    if not (whole + fraction).strip("0"):
        raise AmountError("must be more than zero")
    return f"{whole}.{fraction:0<{scale}}" if scale else whole
