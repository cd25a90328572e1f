"""Time as this project writes it: UTC, and identifiers that sort by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_COMPACT = "%Y%m%dT%H%M%SZ"


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


def compact(moment: datetime) -> str:
    """Write a moment so that it can stand in a file name and sorts by time.

    >>> compact(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '20260102T030405Z'
    """
    return moment.astimezone(UTC).strftime(_COMPACT)


def after(newest: str) -> datetime:
    """Return now, or the second after a moment as `compact` writes it where the clock isn't past that.

    What is named by time sorts as it came, then, also where the clock went back.

    >>> after("29990102T030405Z")
    datetime.datetime(2999, 1, 2, 3, 4, 6, tzinfo=datetime.timezone.utc)
    """
    taken = datetime.strptime(newest, _COMPACT).replace(tzinfo=UTC)
    return max(now(), taken + timedelta(seconds=1))
