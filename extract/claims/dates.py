"""Years told by a date, a range, or words that refer to the date of publication."""

from __future__ import annotations

import re

from extract.claims.counts import parse_number
from extract.claims.model import YearMention

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march",),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_SEASONS = {"spring": 4, "summer": 7, "autumn": 10, "winter": 1}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = r"Mon|Tues|Wednes|Thurs|Fri|Satur|Sun"
_COUNT = r"a|an|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|\d{1,2}"
_YEAR = r"(?:194[5-9]|19[5-9]\d|20[0-4]\d)"
_ABSOLUTE = (
    rf"(?P<range>\b(?P<r1>{_YEAR})\s?(?:-|–|/|to|through)\s?(?P<r2>{_YEAR}|\d\d)\b(?![-\d]))"
    rf"|(?P<year>(?<![\w.,$€£/-])(?:end-|mid-|early-|late-)?(?P<y>{_YEAR})\b(?![,.]\d|-?(?:mm|km|kg|hp|lb|ton)\b|s\b|-(?:built|vintage)))"
)
_RELATIVE = (
    rf"|(?P<lastyear>\b(?P<ly>last|this|next|the\s+same|the\s+following|the\s+previous|the\s+current|the\s+coming)\s+year\b)"
    rf"|(?P<earlier>\b(?:earlier|later)\s+(?:this|in\s+the)\s+(?P<eu>year|month|week)\b)"
    rf"|(?P<ago>\b(?P<an>{_COUNT})\s+(?P<au>years?|decades?|months?|weeks?|days?)\s+(?P<ad>ago|earlier|later|before|after|from\s+now|previously)\b)"
    rf"|(?P<inn>\b(?:with)?in\s+(?:about\s+)?(?P<inc>{_COUNT})\s+(?P<inu>years?)['’]?(?:\s+time)?\b)"
    rf"|(?P<lastmonth>\b(?P<lm>last|this|next|the\s+coming)\s+(?P<lmu>month|week|weekend|quarter|spring|summer|autumn|winter|fall|{_MONTH})\b)"
    rf"|(?P<day>\b(?:yesterday|today|(?:last\s+)?(?:{_DAY})day)\b)"
    rf"|(?P<month>\b(?:(?:early|late|mid|the\s+end\s+of)[\s-]+)?(?:(?:in|since|by|until|from|of|during|on)\s+)(?:the\s+)?"
    rf"(?:(?:early|late|mid|end)[\s-]+)?(?:\d{{1,2}}\s+)?(?P<m>{_MONTH}|spring|summer|autumn)\b(?:\s+\d{{1,2}}\b(?![,.]?\d))?(?!,?\s+(?:of\s+)?{_YEAR})(?P<mly>\s+(?:of\s+)?(?:last|next|this)\s+year)?)"
    rf"|(?P<day_month>\b(?:\d{{1,2}}\s+(?P<dm>{_MONTH})|(?P<md>{_MONTH})\s+\d{{1,2}})\b(?!,?\s+{_YEAR}))"
)
_FULL = re.compile(_ABSOLUTE + _RELATIVE, re.IGNORECASE)
_DIGITS = re.compile(_ABSOLUTE, re.IGNORECASE)
# Without one of these there are years in digits at most, and the shorter pattern does.
_WORDS = re.compile(
    r"year|month|week|day\b|ago\b|earlier|later|decade|quarter|spring|summer|autumn|winter|"
    r"Jan|Feb|March|Apr|May\b|Jun|Jul|Aug|Sep|Oct|Nov|Dec|today"
)
_HINT = re.compile(
    r"\d{4}|year|month|week|day|ago|earlier|later|(?:in|since|by|of|on|last|next|this|\d)\s+[A-Z]|spring|summer|autumn|decade",
    re.I,
)
_NOT_A_YEAR_BEFORE = re.compile(
    r"(?:Mirage|Project|Type|Boeing|Goal|Vision|Horizon|Agenda|Resolution|Class|[A-Z]{2,}[- ]?)\s*\Z"
)
_COUNTED_AFTER = re.compile(
    r"\s+(?:troops|soldiers|tanks|rifles|missiles|vehicles|rounds|men|people|rockets|shells|aircraft|drones|jets)\b",
    re.I,
)
_DATED_BEFORE = re.compile(
    r"(?:\b(?:in|since|by|of|until|from|to|and|between|before|after|during|for|early|mid|late|end|the|around|about|through|than)|[a-z]{3,9}\.?|\(|[-–])\s*\Z",
    re.I,
)
_FUTURE = re.compile(
    r"\b(?:will|due|expected|planned|plans|by|until|next|should|is\s+to|are\s+to|would|from|scheduled|hopes?)\b", re.I
)


def find_years(text: str, offset: int, *, year: int | None, month: int | None) -> list[YearMention]:
    """Find the years told in a sentence.

    Args:
        text: one sentence.
        offset: added to the offsets found.
        year: year of publication; without it relative words give nothing.
        month: month of publication.

    Returns:
        Years in order of appearance. Weekdays and months without a year count as estimates.

    >>> [(y.first, y.last, y.is_estimate) for y in find_years("in 2013-14 and last year", 0, year=2020, month=6)]
    [(2013, 2014, False), (2019, 2019, True)]
    """
    if not _HINT.search(text):
        return []
    found: list[YearMention] = []
    last_absolute: int | None = None
    names: tuple[str, ...]
    if _WORDS.search(text):
        matches, names = _FULL.finditer(text), _PLAIN
    else:
        matches, names = _DIGITS.finditer(text), _PLAIN[:2]
    for match in matches:
        kind = next(name for name in names if match[name])
        span = (offset + match.start(), offset + match.end())
        if kind == "range":
            first = int(match["r1"])
            last = int(match["r2"]) if len(match["r2"]) == 4 else first // 100 * 100 + int(match["r2"])
            if first < last <= first + 30:
                found.append(YearMention(first, last, False, *span))
                last_absolute = last
            continue
        if kind == "year":
            if _is_year(text, match):
                last_absolute = int(match["y"])
                found.append(YearMention(last_absolute, last_absolute, False, *span))
            continue
        value = _relative(text, match, kind, year, month, last_absolute)
        if value is not None:
            found.append(YearMention(value, value, True, *span))
    return found


_PLAIN = ("range", "year", "lastyear", "earlier", "ago", "inn", "lastmonth", "day", "month", "day_month")


def _is_year(text: str, match: re.Match[str]) -> bool:
    """Tell a year from a count or part of a name: "2000 tanks", "Mirage 2000"."""
    before = text[max(0, match.start() - 16) : match.start()]
    if _NOT_A_YEAR_BEFORE.search(before):
        return False
    return not (_COUNTED_AFTER.match(text, match.end()) and not _DATED_BEFORE.search(before))


def _relative(  # noqa: PLR0911, PLR0913, PLR0917 - one return per way to tell a year
    text: str, match: re.Match[str], kind: str, year: int | None, month: int | None, absolute: int | None
) -> int | None:
    """Year that relative words give, or None."""
    if kind == "lastyear":
        word = match["ly"].lower().split()
        if word[-1] in ("same", "following", "previous"):
            shift = {"same": 0, "following": 1, "previous": -1}[word[-1]]
            return None if absolute is None else absolute + shift
        return None if year is None else year + {"last": -1, "next": 1, "coming": 1}.get(word[-1], 0)
    if kind == "ago":
        return _counted(match, year, month, absolute)
    if year is None:
        return None
    if kind == "inn":
        count = parse_number(match["inc"]) or 1
        return year + count if "time" in match.group() else None
    if kind == "lastmonth":
        return _near_month(match["lm"].lower(), match["lmu"].lower(), year, month)
    if kind in ("day", "earlier"):
        return year
    name = (match["m"] or match["dm"] or match["md"] or "").lower()
    if kind == "month" and match["mly"]:
        return year + {"last": -1, "next": 1}.get(match["mly"].split()[-2].lower(), 0)
    number = _MONTHS.get(name) or _SEASONS.get(name)
    if number is None or month is None:
        return year
    if name == "may" and not match.group().rstrip().endswith("May") and not match.group()[-1].isdigit():
        return None
    future = _FUTURE.search(text, max(0, match.start() - 40), match.end()) is not None
    if future:
        return year if number >= month else year + 1
    return year if number <= month else year - 1


def _counted(match: re.Match[str], year: int | None, month: int | None, absolute: int | None) -> int | None:
    """Year of "two years ago" or "a year later"."""
    count = 1 if match["an"].lower() in ("a", "an") else parse_number(match["an"])
    unit = match["au"].lower()
    if count is None:
        return None
    direction = match["ad"].lower()
    base = year if direction in ("ago", "from now") else absolute
    if base is None:
        return None
    sign = -1 if direction in ("ago", "earlier", "before", "previously") else 1
    if unit.startswith("month"):
        return base + sign if month is None else base + (month - 1 + sign * count) // 12
    if unit.startswith(("week", "day")):
        return base
    return base + sign * count * (10 if unit.startswith("decade") else 1)


def _near_month(word: str, unit: str, year: int, month: int | None) -> int:
    """Year of "last month", "next week", "last December"."""
    word = word.rsplit(maxsplit=1)[-1]
    if unit in _MONTHS and month is not None:
        number = _MONTHS[unit]
        if word == "last":
            return year if number < month else year - 1
        if word in ("next", "coming"):
            return year if number > month else year + 1
        return year
    if unit == "month" and month is not None:
        return year - 1 if word == "last" and month == 1 else year + 1 if word == "next" and month == 12 else year
    if unit in _SEASONS and month is not None:
        number = _SEASONS[unit]
        return (
            year - 1 if word == "last" and number >= month else year + 1 if word == "next" and number <= month else year
        )
    return year


def name_time(year: YearMention, published: int | None) -> str:
    """A year against the year of publication; the names sort in the order of time."""
    if published is None:
        return "0 unknown"
    later = year.first - published
    if later > 0:
        return "5 later"
    return "4 now" if later == 0 else "3 last" if later == -1 else "2 before" if later > -5 else "1 long ago"
