"""What a source's next load must know: validators, pages to try again, pages settled for good.

The state is carried by a load and becomes current when the load does, so a refused or killed load loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from extract.parsing.entries import Entry
from extract.parsing.urls import article_id, canonical_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extract.parsing.entries import ListOrigin

MAX_ATTEMPTS = 6
"""Loads that try a page before it is given up; with the hourly schedule that bridges most of a working day's outage."""


@dataclass(frozen=True)
class Refusal:
    """Something that did not become an article.

    Attributes:
        url: page or list.
        stage: ``feed``, ``fetch``, ``parse`` or ``duplicate``.
        reason: short name, for counting.
        detail: what was wrong, in plain words.
        is_retried: whether the next load tries it again.
    """

    url: str
    stage: str
    reason: str
    detail: str
    is_retried: bool = False


@dataclass(frozen=True)
class PendingPage:
    """A page that a later load must try.

    Attributes:
        url: address as announced.
        origin: kind of list that announced it.
        title: headline told there.
        author: byline told there.
        published_at: ISO 8601, told there.
        attempts: loads that tried it.
    """

    url: str
    origin: ListOrigin
    title: str | None = None
    author: str | None = None
    published_at: str | None = None
    attempts: int = 0

    @classmethod
    def from_entry(cls, entry: Entry, *, attempts: int) -> PendingPage:
        """Remember an entry."""
        moment = entry.published_at.isoformat() if entry.published_at else None
        return cls(entry.url, entry.origin, entry.title, entry.author, moment, attempts)

    def to_entry(self) -> Entry:
        """Return what the list told."""
        moment = datetime.fromisoformat(self.published_at) if self.published_at else None
        return Entry(self.url, self.origin, self.title, self.author, moment)


@dataclass(frozen=True)
class SourceState:
    """State of one source.

    Attributes:
        validators: list URL -> ``etag`` and ``last_modified`` of the copy that was read.
        pending: pages to try again.
        settled: page id -> why it needs no further look, though no article has this id.
        unread: further pages of a feed that the next load goes on with.
    """

    validators: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    pending: tuple[PendingPage, ...] = ()
    settled: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the form that the manifest keeps."""
        return {
            "validators": {url: dict(told) for url, told in self.validators.items()},
            "pending": [vars(page) for page in self.pending],
            "settled": dict(self.settled),
            **({"unread": list(self.unread)} if self.unread else {}),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any] | None) -> SourceState:
        """Read what `to_json` wrote; a source without state begins with an empty one."""
        if not document:
            return cls()
        pending = tuple(PendingPage(**page) for page in document["pending"])
        return cls(document["validators"], pending, document["settled"], tuple(document.get("unread", ())))

    def merge(self, other: SourceState, *, done: set[str]) -> SourceState:
        """Bring what a replayed older load found into this newer state.

        Args:
            other: state that the replay ended with.
            done: ids of the pages that the replay looked at.
        """
        kept = [page for page in self.pending if page_id(page.url) not in done]
        known = {page.url for page in kept}
        added = [page for page in other.pending if page.url not in known and page_id(page.url) not in self.settled]
        unread = tuple(dict.fromkeys((*self.unread, *other.unread)))
        return replace(self, pending=(*kept, *added), settled={**other.settled, **self.settled}, unread=unread)


@lru_cache(maxsize=2**17)  # asked several times in a load; the longest feeds have some ten thousand entries
def page_id(url: str) -> str:
    """Return the id that an article has if its page declares no other canonical URL."""
    return article_id(canonical_url(url))
