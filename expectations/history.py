"""What earlier loads were like: how many rows a source brings, and how long it has been silent."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from warehouse import clock
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.manifests import read_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warehouse.contracts import Table
    from warehouse.lake import LoadEntry
    from warehouse.settings import DataDirectory

FORMER_LOADS = 28
"""Loads of the same source that a load is compared with: four weeks of daily ones, each weekday four times."""
SILENT_DAYS = 30
"""Own judgement: a month without a new article from a source that used to bring some is more than holidays."""
SILENT_GAPS = 10
"""Own judgement: ten times its usual pause, so that a source which writes once a quarter isn't called vanished."""


@dataclass(frozen=True)
class History:
    """Earlier loads of a table, and those of one source.

    Attributes:
        is_first: whether the table has no promoted load yet.
        is_first_of_source: whether the source has none.
        former_rows: rows of the source's newest loads that had any, newest first, at most `FORMER_LOADS`.
        newest_load_at: when the table's newest load was promoted, or None.
        newest_of_source_at: when the source's newest load with rows was promoted, or None.
        usual_gap: median time between the source's loads with rows, or None for fewer than three.
    """

    is_first: bool
    is_first_of_source: bool
    former_rows: tuple[int, ...]
    newest_load_at: datetime | None
    newest_of_source_at: datetime | None
    usual_gap: timedelta | None

    def describe_silence(self) -> str | None:
        """Say that the source has vanished, or None: it is new, or brought something not long ago."""
        if self.newest_of_source_at is None or self.usual_gap is None:
            return None
        silent = clock.now() - self.newest_of_source_at
        if silent < max(timedelta(days=SILENT_DAYS), SILENT_GAPS * self.usual_gap):
            return None
        usual = self.usual_gap.total_seconds() / 86400
        return (
            f"no new article since {self.newest_of_source_at:%Y-%m-%d}, {silent.days} days ago; "
            f"the usual pause is {usual:.1f} days: the source may have moved or closed"
        )


def read_history(data: DataDirectory, table: Table, source_id: str | None) -> History:
    """Read what earlier loads were like from the table's manifest.

    Args:
        data: data directory.
        table: contract.
        source_id: source of an articles load; None takes all loads of the table for one source.
    """
    loads = read_manifest(data, table).loads
    own = [entry for entry in loads if entry.rows and entry.attributes.get("source_id") == source_id]
    times = sorted(_promoted_at(entry) for entry in own)
    return History(
        is_first=not loads,
        is_first_of_source=not own,
        former_rows=tuple(entry.rows for entry in sorted(own, key=_promoted_at, reverse=True)[:FORMER_LOADS]),
        newest_load_at=max((_promoted_at(entry) for entry in loads), default=None),
        newest_of_source_at=times[-1] if times else None,
        usual_gap=_usual_gap(times),
    )


def read_yields(data: DataDirectory, *, inputs: Sequence[str]) -> tuple[int, tuple[float, ...]]:
    """Return how many articles these article loads have, and how many claims per article former claims loads had.

    Args:
        data: data directory.
        inputs: article loads.

    Returns:
        Articles, and claims per article of the newest claims loads, newest first.
    """
    articles = {entry.load_id: entry.rows for entry in read_manifest(data, ARTICLES).loads}
    yields = []
    for entry in sorted(read_manifest(data, TRANSFER_CLAIMS).loads, key=_promoted_at, reverse=True):
        read = sum(articles.get(one, 0) for one in entry.attributes.get("inputs", ()))
        if read and entry.rows:
            yields.append(entry.rows / read)
    return sum(articles.get(one, 0) for one in inputs), tuple(yields[:FORMER_LOADS])


def _promoted_at(entry: LoadEntry) -> datetime:
    return datetime.fromisoformat(entry.promoted_at)


def _usual_gap(times: Sequence[datetime]) -> timedelta | None:
    gaps = [(after - before).total_seconds() for before, after in itertools.pairwise(times)]
    return timedelta(seconds=statistics.median(gaps)) if len(gaps) > 1 else None
