"""The largest exporters of major arms: who of two states is likelier to supply.

Order and tiers follow the exporters' shares over the last decades in SIPRI's public fact sheets on arms transfers.
"""

from __future__ import annotations

_TIERS = (
    ("USA", "RUS", "SUHH", "FRA"),
    ("CHN", "DEU", "ITA", "GBR", "KOR", "ISR", "ESP"),
    ("TUR", "NLD", "SWE", "CHE", "UKR", "NOR", "CSHH", "YUCS", "DDDE"),
    ("ZAF", "BLR", "POL", "CZE", "AUS", "CAN", "BRA", "ARE", "SRB", "IRN", "BEL", "FIN", "SGP", "AUT", "BGR"),
)
_TIER_OF = {code: number for number, tier in enumerate(_TIERS) for code in tier}
_PLACES = {code: place for place, code in enumerate(code for tier in _TIERS for code in tier)}


def tier_of(code: str) -> int:
    """Tier of an exporter: 0 the greatest, 4 for all that aren't listed."""
    return _TIER_OF.get(code, len(_TIERS))


def place_of(code: str) -> int:
    """Place among the exporters, the greatest first; all that aren't listed share the last one."""
    return _PLACES.get(code, len(_PLACES))
