"""Dates as written on the web, to UTC."""

from __future__ import annotations

import email.utils
import re
from datetime import UTC, datetime, timedelta

EARLIEST = datetime(1945, 1, 1, tzinfo=UTC)  # the domain's records begin after the Second World War
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_FORMS = (
    re.compile(r"\b(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})(?!\d)"),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH},? (?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})\b", re.IGNORECASE),
)
_PARTIAL = re.compile(r"\d{4}(-\d{2})?")


def parse_date(text: str | None) -> datetime | None:
    """Read an ISO 8601 or RFC 2822 date; a date without zone is taken as UTC, one without a day is none.

    >>> parse_date("2021-09-07T10:30:00+02:00")
    datetime.datetime(2021, 9, 7, 8, 30, tzinfo=datetime.timezone.utc)
    >>> parse_date("Tue, 07 Sep 2021 10:30:00 GMT")
    datetime.datetime(2021, 9, 7, 10, 30, tzinfo=datetime.timezone.utc)
    >>> parse_date("2021-09") is None
    True
    """
    text = (text or "").strip()
    if not text or _PARTIAL.fullmatch(text):
        return None
    moment = _read_iso(text) or _read_mail(text)
    if moment is None:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def find_written_date(text: str, *, fetched_at: datetime) -> datetime | None:
    """Return the first day written out in a line: ISO, or with the month's name in English; None where there is none.

    Days in figures only (7/9/2021) are left alone: nothing tells the day from the month.

    >>> find_written_date("By Staff | Tuesday, 7 September 2021", fetched_at=datetime(2026, 1, 1, tzinfo=UTC))
    datetime.datetime(2021, 9, 7, 0, 0, tzinfo=datetime.timezone.utc)
    """
    found = []
    for form in _FORMS:
        for match in form.finditer(text):
            told = match.groupdict()
            month = int(told["number"]) if "number" in told else _MONTHS.index(told["month"].lower()) + 1
            try:
                moment = datetime(int(told["year"]), month, int(told["day"]), tzinfo=UTC)
            except ValueError:
                continue
            if is_plausible(moment, fetched_at=fetched_at):
                found.append((match.start(), moment))
    return min(found)[1] if found else None


def is_plausible(moment: datetime | None, *, fetched_at: datetime) -> bool:
    """Tell whether an article fetched then may have been published at this moment.

    A day of grace is given: publishers ahead of UTC write tomorrow's date.
    """
    return moment is not None and EARLIEST <= moment <= fetched_at + timedelta(days=1)


def _read_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _read_mail(text: str) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
