"""Cells of a register to values. A cell that can't be read says so by name; blank is None, never zero."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_YEAR = re.compile(r"\d{4}")
_SPAN = re.compile(r"(\d{4})\s*[-–]\s*(\d{2}|\d{4})")
_FIRST_YEAR, _LAST_YEAR = 1945, 2100
_CONDITIONS = {
    "new": "new",
    "second hand": "second_hand",
    "second hand but modernized": "modernised",
    "second hand but modernised": "modernised",
}
"""SIPRI's Status is the condition of the weapon, not the stage of the deal."""


class CellError(ValueError):
    """A cell can't be read; the message names the column and what stands there."""


def parse_number(text: str, column: str) -> float | None:
    """Return a number; blank is None (none identified), which is not zero.

    >>> parse_number("1,200", "Number ordered"), parse_number("0", "TIV"), parse_number(" ", "TIV")
    (1200.0, 0.0, None)
    """
    cell = _bare(text)
    if not cell:
        return None
    if not _NUMBER.fullmatch(cell):
        raise CellError(f"{column} is {text.strip()!r}, not a number")
    return float(cell.replace(",", ""))


def parse_year(text: str, column: str) -> int | None:
    """Return a year; blank is None.

    >>> parse_year("2017?", "Year of order")
    2017
    """
    cell = _bare(text)
    if not cell:
        return None
    if not _YEAR.fullmatch(cell) or not _FIRST_YEAR <= int(cell) <= _LAST_YEAR:
        raise CellError(f"{column} is {text.strip()!r}, not a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return int(cell)


def parse_years(text: str, column: str) -> tuple[int, ...]:
    """Return the years of a list with ranges, sorted, each once; none where the cell is blank.

    >>> parse_years("2018; 2020-2022", "Year(s) of delivery"), parse_years("1999-01", "Year(s) of delivery")
    ((2018, 2020, 2021, 2022), (1999, 2000, 2001))
    """
    years: set[int] = set()
    for part in re.split(r"[;,]", text):
        cell = _bare(part)
        span = _SPAN.fullmatch(cell)
        if span:
            first = parse_year(span[1], column) or 0
            last = int(span[2]) if len(span[2]) == 4 else _complete(first, int(span[2]))
            parse_year(str(last), column)
            if last < first:
                raise CellError(f"{column} is {text.strip()!r}: the range ends before it begins")
            years |= set(range(first, last + 1))
        elif cell:
            years.add(parse_year(cell, column) or 0)
    return tuple(sorted(years))


def parse_flag(text: str, column: str) -> bool:
    """Return a flag: ``Yes``, ``No``, or ``?`` for an estimate and blank for none.

    >>> parse_flag("Yes", "Order date is estimate"), parse_flag("?", ""), parse_flag(" ", "")
    (True, True, False)
    """
    cell = text.strip().casefold()
    if cell in ("yes", "?", "true"):
        return True
    if cell in ("no", "", "false"):
        return False
    raise CellError(f"{column} is {text.strip()!r}, not Yes, No or ?")


def parse_condition(text: str, column: str) -> str | None:
    """Return the condition by the project's names; blank is None.

    >>> parse_condition("Second hand but modernized", "status")
    'modernised'
    """
    cell = " ".join(text.replace("-", " ").split()).casefold()
    if not cell:
        return None
    try:
        return _CONDITIONS[cell]
    except KeyError as error:
        raise CellError(
            f"{column} is {text.strip()!r}, none of New, Second hand, Second hand but modernized"
        ) from error


def parse_text(text: str) -> str | None:
    """Return a text without surplus blanks; blank is None."""
    return " ".join(text.split()) or None


def _bare(text: str) -> str:
    """Return a cell without the signs by which a register marks an estimate.

    >>> _bare(" (12)? ")
    '12'
    """
    return text.strip().strip("?() ").strip()


def _complete(first: int, last: int) -> int:
    """Complete the two digits that end a range: 1999-01 ends in 2001."""
    century = first - first % 100
    return century + last if century + last >= first else century + 100 + last
