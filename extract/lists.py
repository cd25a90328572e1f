"""Reads the lists of a source: a feed with its further pages, a sitemap with those it names, or GDELT's articles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extract.errors import SourceUnreachable
from extract.fetching.decoding import DecodingError, gunzip_if_needed
from extract.fetching.outcomes import NOT_MODIFIED
from extract.parsing.entries import EntryList, Problem
from extract.parsing.feeds import parse_feed
from extract.parsing.json_lists import parse_gdelt_list
from extract.parsing.sitemaps import parse_sitemap
from extract.state import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from extract.fetching.fetcher import Fetcher
    from extract.fetching.outcomes import FetchOutcome
    from extract.fetching.policy import FetchPolicy
    from extract.parsing.entries import Entry
    from extract.sources import Source
    from extract.state import SourceState


@dataclass(frozen=True)
class Announcements:
    """What a source announces.

    Attributes:
        entries: articles, in the order of the lists.
        refusals: lists and entries that could not be used.
        validators: list URL -> validators to send next time.
        unread: further pages of a feed that the next load goes on with.
        is_complete: whether every list was read anew and whole, so that an entry that isn't here is announced no more.
    """

    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]
    validators: dict[str, dict[str, str]]
    unread: tuple[str, ...]
    is_complete: bool


@dataclass(frozen=True)
class _Reading:
    """A list as it was fetched, and what it says."""

    outcome: FetchOutcome
    content: EntryList

    @property
    def is_failed(self) -> bool:
        return not self.outcome.is_ok and self.outcome.reason != NOT_MODIFIED


@dataclass(frozen=True)
class _Lists:
    """All lists of a source that a load reads; the first is the one that the registry names."""

    readings: tuple[_Reading, ...]
    refusals: tuple[Refusal, ...] = ()
    unread: tuple[str, ...] = ()
    is_all: bool = True


async def read_lists(
    source: Source, fetcher: Fetcher, policy: FetchPolicy, *, state: SourceState, is_new: Callable[[Entry], bool]
) -> Announcements:
    """Read what a source announces.

    An index of sitemaps is always read in full, since it may stay the same while its children change; the
    children are asked for with their validators. A feed's further pages are read as long as they bring something new.

    Args:
        source: feed, sitemap or GDELT list.
        fetcher: asks for the lists.
        policy: caps on the size of a list and on the number of them.
        state: what earlier loads were told and left.
        is_new: whether an entry isn't known yet.

    Raises:
        SourceUnreachable: the list that the registry names could not be fetched.
    """
    reader = _Reader(source, fetcher, policy, state.validators)
    first = await reader.read(source.location)
    if first.is_failed:
        raise SourceUnreachable(source.id, first.outcome.reason, f"{source.location}: {first.outcome.detail}")
    if source.kind == "sitemap":
        lists = await _read_children(reader, first)
    else:
        lists = await _read_pages(reader, first, unread=state.unread, is_new=is_new)
    return _gather(lists, state.validators)


@dataclass(frozen=True)
class _Reader:
    """Fetches a list of the source and reads it."""

    source: Source
    fetcher: Fetcher
    policy: FetchPolicy
    validators: Mapping[str, Mapping[str, str]]

    async def read(self, url: str, *, is_conditional: bool = True) -> _Reading:
        """Read one list; what hasn't changed since the source's ``since`` is left out."""
        known = dict(self.validators.get(url, {})) if is_conditional else {}
        outcome = await self.fetcher.fetch(url, max_bytes=self.policy.max_feed_bytes, validators=known)
        content = self._parse(outcome)
        wanted = tuple(entry for entry in content.entries if not entry.is_older_than(self.source.since))
        # the pages behind one on which all is too old are older still
        following = content.next_page if wanted else None
        return _Reading(outcome, replace(content, entries=wanted, next_page=following))

    def _parse(self, outcome: FetchOutcome) -> EntryList:
        if not outcome.is_ok:
            return EntryList()
        try:
            body = gunzip_if_needed(outcome.body, max_bytes=self.policy.max_feed_bytes)
        except DecodingError as error:
            return EntryList(problems=(Problem(outcome.url, error.reason, str(error)),), is_broken=True)
        if self.source.kind == "sitemap":
            return parse_sitemap(body, url=outcome.final_url, since=self.source.since)
        if self.source.kind == "gdelt":
            return parse_gdelt_list(body, url=outcome.final_url)
        return parse_feed(body, url=outcome.final_url, content_type=outcome.header("content-type"))


async def _read_children(reader: _Reader, index: _Reading) -> _Lists:
    """Read the sitemaps of an index, those changed last first."""
    children = list(dict.fromkeys(index.content.children))
    chosen = children[: reader.policy.max_sitemaps]
    left_out = len(children) - len(chosen)
    readings = [await reader.read(url) for url in chosen]
    refusals: list[Refusal] = []
    if left_out:
        detail = f"{left_out} of the {len(children)} sitemaps of the index are left out; those changed last are read"
        refusals.append(Refusal(reader.source.location, "feed", "too_many_sitemaps", detail))
    for reading in readings:
        for child in reading.content.children:
            detail = f"{reading.outcome.url} is an index within an index; only one level is read"
            refusals.append(Refusal(child, "feed", "nested_index", detail))
    return _Lists((index, *readings), tuple(refusals), is_all=not left_out)


async def _read_pages(
    reader: _Reader, first: _Reading, *, unread: tuple[str, ...], is_new: Callable[[Entry], bool]
) -> _Lists:
    """Read the further pages of a feed, from the newest on, and those that an earlier load left.

    A page without anything new ends the way from the first page; one that fails, or lies beyond the cap, is left to
    the next load, which would not come to it otherwise.
    """
    readings = [first]
    left: list[str] = []
    is_all = True
    seen = {reader.source.location, first.outcome.final_url}
    waiting = [*([first.content.next_page] if first.content.next_page else []), *unread]
    if first.content.next_page and not any(map(is_new, first.content.entries)):
        waiting, is_all = list(unread), False
    while waiting:
        url = waiting.pop(0)
        if url in seen:
            continue
        seen.add(url)
        if len(readings) >= reader.policy.max_feed_pages:
            left.append(url)
            continue
        # what stands on a further page moves on with every new article, so its validators tell nothing
        reading = await reader.read(url, is_conditional=False)
        readings.append(reading)
        if reading.is_failed and reading.outcome.is_retryable:
            left.append(url)
        elif reading.content.next_page and any(map(is_new, reading.content.entries)):
            waiting.insert(0, reading.content.next_page)
        elif reading.content.next_page:
            is_all = False
    return _Lists(tuple(readings), unread=tuple(left), is_all=is_all and not left)


def _gather(lists: _Lists, validators: Mapping[str, Mapping[str, str]]) -> Announcements:
    told: dict[str, dict[str, str]] = {}
    refusals = list(lists.refusals)
    for number, reading in enumerate(lists.readings):
        outcome, content = reading.outcome, reading.content
        refusals += [_refuse(problem, is_broken=content.is_broken) for problem in content.problems]
        if outcome.reason == NOT_MODIFIED:
            told[outcome.url] = dict(validators.get(outcome.url, {}))
        elif outcome.is_ok and not content.is_broken and not content.children:
            told[outcome.url] = _read_validators(outcome)
        elif number and reading.is_failed:
            refusals.append(Refusal(outcome.url, "feed", outcome.reason, outcome.detail or "", is_retried=True))
    is_whole = all(one.outcome.is_ok and not one.content.is_broken for one in lists.readings)
    return Announcements(
        entries=tuple(_join_entries(reading.content.entries for reading in lists.readings)),
        refusals=tuple(refusals),
        validators={url: found for url, found in told.items() if found},
        unread=lists.unread,
        is_complete=lists.is_all and is_whole,
    )


def _join_entries(lists: Iterable[tuple[Entry, ...]]) -> Iterator[Entry]:
    """Yield the entries of all lists; one that moved to the next page while the feed was read is told once."""
    known: set[str] = set()
    for entries in lists:
        yield from (entry for entry in entries if entry.url not in known)
        known.update(entry.url for entry in entries)


def _refuse(problem: Problem, *, is_broken: bool) -> Refusal:
    # a broken list keeps no validators, so the next load reads it again
    return Refusal(problem.url, "feed", problem.reason, problem.detail, is_retried=is_broken)


def _read_validators(outcome: FetchOutcome) -> dict[str, str]:
    told = {"etag": outcome.header("etag"), "last_modified": outcome.header("last-modified")}
    return {name: value for name, value in told.items() if value}
