"""Numbers in digits and words, and the counts that stand before a weapon."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_WORDS = "|".join([*_UNITS, *_TENS, *_SCALES, "dozen", "score"])
_SPLIT = re.compile(r"[a-z]+|\d[\d,]*")

NUMBER_WORDS = frozenset([*_UNITS, *_TENS, *_SCALES, "dozen"])

_NUMBER = (
    rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d++(?![\d.,/]*[a-zA-Z%°]|[.,]\d)|"
    rf"(?:a\s+)?(?:half\s+a\s+)?\b(?:{_WORDS})\b(?:[\s-]+(?:and\s+)?(?:{_WORDS})\b)*)"
)
_ABOUT = (
    r"about|around|some|approximately|roughly|nearly|almost|over|more\s+than|at\s+least|up\s+to|as\s+many\s+as|"
    r"close\s+to|an\s+estimated|estimated|an\s+additional\s+estimated|fewer\s+than|less\s+than|just\s+over|"
    r"just\s+under|well\s+over|upwards\s+of|no\s+fewer\s+than|not\s+less\s+than|a\s+maximum\s+of|"
    r"a\s+total\s+of\s+about|circa|no\s+more\s+than|under|possibly|maybe|perhaps|reportedly"
)
COUNT = re.compile(
    rf"(?:\b(?P<about>{_ABOUT})\s+)?"
    rf"(?<![\w.,$€£-])(?P<first>{_NUMBER})"
    rf"(?:\s*(?P<range>-|–|to|or)\s*(?P<second>{_NUMBER}))?"
    r"(?:\s*\(\s*(?P<repeat>\d[\d,]*)\s*\))?",
    re.IGNORECASE,
)
# A number before one of these measures something; it does not count weapons.
UNIT_AFTER = re.compile(
    r"\s*-?\s*(?:mm|cm|m|km|kms|metres?|meters?|centimetres?|millimetres?|kilometres?|kilometers?|miles?|nautical|nm|"
    r"feet|foot|ft|inch(?:es)?|in\b|tons?|tonnes?|t\b|kt|kg|kgs|kilograms?|grams?|pounds?\b(?!\s+sterling)|lbs?|knots?|kn|"
    r"kph|mph|km/h|hp|horsepower|kw|mw|per\s*cent|percent|%|°|degrees?|years?|months?|weeks?|days?|hours?|minutes?|"
    r"seconds|nights?|times|fold|people|persons|men|women|soldiers|troops|pilots|crew|sailors|marines|airmen|"
    r"personnel|countries|nations|states|members|companies|firms|suppliers|jobs|employees|workers|calib(?:re|er)s?|"
    r"[x×]\s?\d|square|cubic|litres?|gallons?|barrels?|rounds|o.clock|billion|million|trillion|crore|lakh|bn|"
    r"rupees|dollars|euros|st\b|nd\b|rd\b|th\b)(?!\w|[- ]?\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Count:
    """A number in a sentence.

    Attributes:
        start: offset of the first character in the string searched, the words of approximation included.
        number_start: offset of the number itself, after words like "about".
        end: offset after the last character.
        least: the number, or the lesser of a range.
        most: the number, or the greater of a range.
        is_approximate: told as about, some, more than, at least, up to, or as a range.
    """

    start: int
    end: int
    least: int
    most: int
    is_approximate: bool
    number_start: int = 0


def parse_number(words: str) -> int | None:
    """Read a whole number from digits or English words.

    >>> parse_number("3,290"), parse_number("three thousand two hundred ninety"), parse_number("two dozen")
    (3290, 3290, 24)
    >>> parse_number("half a dozen"), parse_number("seventy-nine"), parse_number("a hundred")
    (6, 79, 100)
    """
    total = 0
    current = 0
    seen = False
    half = False
    for token in _SPLIT.findall(words.lower()):
        if token[0].isdigit():
            digits = token.replace(",", "")
            if len(digits) > 12:  # no count of weapons has so many digits
                return None
            current += int(digits)
            seen = True
        elif token == "half":
            half = True
        elif token in _UNITS or token in _TENS:
            current += _UNITS.get(token, 0) or _TENS.get(token, 0)
            seen = True
        elif token in ("dozen", "score"):
            size = 12 if token == "dozen" else 20
            current = max(current, 1) * size
            current = current // 2 if half else current
            seen = True
        elif token == "hundred":
            current = max(current, 1) * 100
            seen = True
        elif token in _SCALES:
            total += max(current, 1) * _SCALES[token]
            current = 0
            seen = True
    return total + current if seen else None


def find_counts(text: str) -> list[Count]:
    """Find the numbers in a text that may count things; measures ("155 mm", "10-year") are left out.

    >>> [(c.least, c.most, c.is_approximate) for c in find_counts("about 30 to 40 tanks and six boats of 62 metres")]
    [(30, 40, True), (6, 6, False)]
    """
    counts = []
    for match in COUNT.finditer(text):
        if UNIT_AFTER.match(text, match.end()):
            continue
        least = parse_number(match["first"])
        if least is None or least == 0:
            continue
        most = parse_number(match["second"]) if match["second"] else least
        if most is None or most < least:
            most = least
        approximate = bool(match["about"]) or most != least
        counts.append(Count(match.start(), match.end(), least, most, approximate, match.start("first")))
    return counts
