"""What feeds and sitemaps tell about articles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

ListOrigin = Literal["feed", "sitemap"]


@dataclass(frozen=True)
class Entry:
    """One article as a feed or sitemap announces it.

    Attributes:
        url: address of the page.
        origin: kind of list it stood in.
        title: headline told there, or None.
        author: byline told there, or None.
        published_at: publication time told there, UTC, or None.
        changed_at: last change told there, UTC, or None; no publication date, since it moves with the page's design.
    """

    url: str
    origin: ListOrigin
    title: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    changed_at: datetime | None = None

    def is_older_than(self, since: datetime | None) -> bool:
        """Whether the list tells that the page hasn't changed since then; one without any date isn't."""
        told = self.changed_at or self.published_at
        return since is not None and told is not None and told < since


@dataclass(frozen=True)
class Problem:
    """Something in a list that could not be used.

    Attributes:
        url: page where one is named, else the list itself.
        reason: short name, for counting.
        detail: what was wrong, in plain words.
    """

    url: str
    reason: str
    detail: str


@dataclass(frozen=True)
class EntryList:
    """A feed or sitemap, read.

    Attributes:
        entries: announced articles, in their order.
        problems: what could not be used.
        children: further sitemaps that an index names, those changed last first.
        next_page: where the feed goes on with older entries, or None.
        is_broken: whether entries may be missing, so that the list must be read again.
    """

    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    children: tuple[str, ...] = ()
    next_page: str | None = None
    is_broken: bool = False
