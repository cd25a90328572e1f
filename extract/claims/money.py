"""Amounts of money in any common notation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from extract.claims.counts import NUMBER_WORDS, parse_number
from extract.claims.model import Money
from warehouse.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "lakh": 1e5,
    "lakhs": 1e5,
    "m": 1e6,
    "mn": 1e6,
    "mln": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "crore": 1e7,
    "crores": 1e7,
    "cr": 1e7,
    "b": 1e9,
    "bn": 1e9,
    "bln": 1e9,
    "milliard": 1e9,
    "billion": 1e9,
    "billions": 1e9,
    "lakh crore": 1e12,
    "tn": 1e12,
    "trn": 1e12,
    "trillion": 1e12,
}
_SCALE = (
    r"(?:lakh\s+crores?|thousand|lakhs?|millions?|milliard|crores?|billions?|trillion|"
    r"mln|bln|trn|mio|bn|mn|tn|cr|k|m|b)(?![a-z])"
)
_WORD_NUMBER = "|".join(sorted((w for w in NUMBER_WORDS if w not in ("million", "score")), key=len, reverse=True))
_NUMBER = (
    rf"(?:\d{{1,3}}(?:[,\u00a0 ]\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|"
    rf"(?:half\s+a|a|an|several)(?=[\s-]+(?:{_SCALE}))|(?:{_WORD_NUMBER})(?:[\s-]+(?:{_WORD_NUMBER}))*)"
)
_CEILING = re.compile(
    r"(?:up\s+to|as\s+much\s+as|as\s+high\s+as|not\s+to\s+exceed|no\s+more\s+than|maximum\s+of)\W{0,3}\Z", re.I
)
_HALF = re.compile(r"half\s+a", re.I)


@dataclass(frozen=True, slots=True)
class _Currencies:
    """Compiled notations of all currencies."""

    pattern: re.Pattern[str]
    codes: Mapping[str, tuple[str, ...]]
    country: Mapping[str, str | None]


def _key(alias: str) -> str:
    """Return the form in which an alias is looked up."""
    key = re.sub(r"\s+", " ", alias.strip().lower())
    return key[:-1] if len(key) > 4 and key.endswith("s") else key


@cache
def _currencies() -> _Currencies:
    """Compile the currency seed; symbols and codes stand before or after a number, words after it."""
    table = read_seed("currencies").to_pylist()
    codes: dict[str, list[str]] = {}
    symbols: set[str] = set()
    for row in sorted(table, key=lambda r: (r["currency_code"] != "USD", r["is_ambiguous"] == "true")):
        names = [row["currency_code"], row["currency_name"], *(row["aliases"] or "").split("|")]
        for name in filter(None, (n.strip() for n in names)):
            known = codes.setdefault(_key(name), [])
            if row["currency_code"] not in known:
                known.append(row["currency_code"])
            symbols.add(name)
    ordered = sorted(symbols, key=lambda name: (-len(name), name))
    words = "|".join(_spell(name) for name in ordered if name[0].islower())
    signs = "|".join(_spell(name) for name in ordered if not name[0].islower())
    # Codes and signs as written ("ALL" is a currency, "all" is not), words in any case.
    alternatives = rf"(?-i:{signs})|{words}"
    before = rf"(?P<before>(?<![A-Za-z0-9])(?:{alternatives}))\.?\s{{0,2}}"
    after = rf"[\s-]{{1,2}}(?P<after>(?:{alternatives}))(?![A-Za-z0-9])|(?P<sign>[€£$¥₹₩₪₺₴₽])"
    amount = rf"(?P<first>{_NUMBER})(?:[\s-]{{0,2}}(?P<scale>{_SCALE}))?"
    second = (
        rf"(?:\s*(?:-|–|to|and|or)\s*(?:(?:{alternatives})\s?)?(?P<second>{_NUMBER})[\s-]{{0,2}}(?P<scale2>{_SCALE}))?"
    )
    pattern = re.compile(
        rf"(?:{before}{amount}{second})|(?:(?<![\w.,])(?P<first_b>{_NUMBER})(?:[\s-]{{0,2}}(?P<scale_b>{_SCALE}))?"
        rf"(?:\s*(?:-|–|to)\s*(?P<second_b>{_NUMBER})(?:[\s-]{{0,2}}(?P<scale2_b>{_SCALE}))?)?(?:{after}))",
        re.IGNORECASE,
    )
    country = {row["currency_code"]: row["default_country_code"] for row in table}
    return _Currencies(pattern, {k: tuple(v) for k, v in codes.items()}, country)


def _spell(name: str) -> str:
    """Pattern of one alias: plural of words, free blanks."""
    spelled = r"\s+".join(re.escape(part) for part in name.split())
    return spelled + "s?" if name[-1:].isalpha() and len(name) > 3 and not name.endswith("s") else spelled


# Every price has a sign, a scale word, a code beside digits, or a currency's name after them.
_HINT = re.compile(
    r"[$€£¥₹₩₪₺₴₽]|illion|\dm\b|\d\s?bn|crore|lakh|thousand|\bRs\b|[A-Z]{2,4}\s?\d|\d\s[A-Z]{3}\b|"
    r"\d\s(?:euro|dollar|pound|rupee|kron|crown|yen|yuan|won|rand|peso|real|franc|lira|zlot|rouble|ruble|dinar|dirham)"
)


def find_money(text: str, offset: int, countries: Mapping[str, int]) -> list[Money]:
    """Find amounts of money.

    Args:
        text: one sentence.
        offset: added to the offsets found.
        countries: how often each country code is named in the article; settles which crowns or pesos are meant.

    Returns:
        Amounts in order of appearance, in whole units of their currency.
    """
    if not _HINT.search(text):
        return []
    known = _currencies()
    amounts = []
    for match in known.pattern.finditer(text):
        suffix = "" if match["first"] else "_b"
        unit = match["before"] or match["after"] or match["sign"]
        first = match["first" + suffix]
        scale = (match["scale" + suffix] or "").lower()
        second = match["second" + suffix]
        scale2 = (match["scale2" + suffix] or "").lower()
        if first is None or not _is_plausible(match, scale):
            continue
        least = _amount(first, scale or scale2)
        most = _amount(second, scale2 or scale) if second else least
        codes = known.codes.get(_key(unit)) or known.codes.get(_key(unit.rstrip("s")))
        if least is None or most is None or codes is None:
            continue
        currency = _choose(codes, known.country, countries)
        is_ceiling = _CEILING.search(text, 0, match.start()) is not None if match.start() else False
        amounts.append(
            Money(
                least if most > least else None,
                max(least, most),
                currency,
                offset + match.start(),
                offset + match.end(),
                is_ceiling,
            )
        )
    return amounts


def _is_plausible(match: re.Match[str], scale: str) -> bool:
    """Refuse chance hits: "R3" or "Rs 5" without a scale is no price, "a dollar" is a saying."""
    unit = match["before"] or match["after"] or match["sign"]
    if scale:
        return True
    first = match["first"] or match["first_b"]
    if len(unit) == 1 and unit.isalpha():
        return False
    return first[0].isdigit() and (not unit.isalpha() or len(first.replace(",", "")) >= 3 or len(unit) > 2)


def _amount(number: str, scale: str) -> float | None:
    """Return the amount of a number with a scale word."""
    factor = _SCALES.get(re.sub(r"\s+", " ", scale).removesuffix("s") if scale not in _SCALES else scale, 1.0)
    text = number.strip().lower()
    if _HALF.fullmatch(text):
        return 0.5 * factor
    if text in ("a", "an"):
        return factor
    if text == "several":
        return None
    if text[0].isdigit():
        return round(float(re.sub(r"[,\u00a0 ]", "", text)) * factor, 2)
    value = parse_number(text)
    return None if value is None else value * factor


def _choose(codes: tuple[str, ...], country: Mapping[str, str | None], countries: Mapping[str, int]) -> str:
    """Choose among currencies of one name: the one whose country the article names most often."""
    if len(codes) == 1 or codes[0] == "USD":  # a dollar without a country is the American one
        return codes[0]

    def weight(code: str) -> tuple[int, bool, int]:
        home = country.get(code) or ""
        return countries.get(home, 0), len(home) == 3, -codes.index(code)  # four letters: a former state

    return max(codes, key=weight)
