"""ISO 4217: the currencies that amounts are in. Written by ``scripts/currencies refresh``, not by hand."""

from __future__ import annotations

PUBLISHED = "2026-01-01"
"""When the maintenance agency published this list."""
CHECKED = "2026-11-29"
"""When it was last compared with the newest one."""


def _read(table: str) -> dict[str, int]:
    rows = (line.split() for line in table.splitlines())
    return {code: int(scale) for scale, *codes in rows for code in codes}


SCALES = _read("""\
0 BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
2 AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
2 COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
2 INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
2 MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
2 STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
3 BHD IQD JOD KWD LYD OMR TND
4 CLF UYW
""")
"""Active code → number of decimals ("minor unit")."""

WITHDRAWN = _read("""\
2 ANG BGN
""")
"""Code that was active once → number of decimals: stored transactions may have it."""
