"""Time as this project writes it: UTC, and identifiers that sort by time."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


def compact(moment: datetime) -> str:
    """Write a moment so that it can stand in a file name and sorts by time.

    >>> compact(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '20260102T030405Z'
    """
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
