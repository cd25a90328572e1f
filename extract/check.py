"""Tries sources without ingesting anything: can the list be read, does a page become an article, do terms answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from extract.article_files import list_article_files
from extract.bulk.places import find_archives
from extract.errors import InputError, SourceUnreachable
from extract.fetching.exchange import WebExchange
from extract.fetching.fetcher import Fetcher
from extract.folders import list_files
from extract.lists import read_lists
from extract.parsing.page import Article, FetchedPage, parse_page
from extract.sources import host_of
from extract.state import SourceState

if TYPE_CHECKING:
    from datetime import datetime

    from extract.fetching.policy import FetchPolicy
    from extract.parsing.entries import Entry
    from extract.sources import Source

_NOT_TRIED = "not tried"


@dataclass(frozen=True)
class SourceCheck:
    """What trying a source came to.

    Attributes:
        source: source.
        is_usable: whether a load could bring articles.
        outcome: ``ok``, or why it can't be read.
        entries: announced articles, or files found; None where nothing could be read.
        newest: newest date that the list tells, UTC, or None.
        page: ``ok`` where an announced page became an article, else the reason; empty where none was tried.
        terms: ``ok`` where the address of the terms answers, else the reason; empty where no address is told.
    """

    source: Source
    is_usable: bool
    outcome: str
    entries: int | None = None
    newest: datetime | None = None
    page: str = ""
    terms: str = ""


async def check_sources(sources: tuple[Source, ...], policy: FetchPolicy) -> tuple[SourceCheck, ...]:
    """Try sources, many hosts at once and each politely: the list, one page and the terms are asked for.

    Args:
        sources: sources to try, switched on or not.
        policy: fetcher's settings.

    Returns:
        One check per source, in their order; a source can't make this raise.
    """
    async with WebExchange(policy) as web:
        for source in sources:
            web.set_delay(host_of(source) or "", source.min_delay_seconds or 0)
        fetcher = Fetcher(web, policy, archive=None)
        return tuple(await asyncio.gather(*(_check(source, fetcher, policy) for source in sources)))


async def _check(source: Source, fetcher: Fetcher, policy: FetchPolicy) -> SourceCheck:
    if source.kind in ("feed", "sitemap", "gdelt"):
        return await _check_list(source, fetcher, policy)
    return _check_place(source)


async def _check_list(source: Source, fetcher: Fetcher, policy: FetchPolicy) -> SourceCheck:
    has_address = source.terms.startswith(("http://", "https://"))
    terms = (await fetcher.fetch(source.terms)).reason if has_address else ""
    try:
        found = await read_lists(source, fetcher, policy, state=SourceState(), is_new=lambda _: False)
    except SourceUnreachable as error:
        return SourceCheck(source, is_usable=False, outcome=error.reason, terms=terms)
    outcome = next((refusal.reason for refusal in found.refusals), "ok")
    if not found.entries:
        return SourceCheck(source, is_usable=outcome == "ok", outcome=outcome, entries=0, terms=terms)
    told = [moment for entry in found.entries if (moment := entry.published_at or entry.changed_at)]
    page = await _check_page(found.entries[0], fetcher)
    newest = max(told, default=None)
    return SourceCheck(source, page == "ok", outcome, len(found.entries), newest, page, terms)


async def _check_page(entry: Entry, fetcher: Fetcher) -> str:
    outcome = await fetcher.fetch(entry.url)
    if not outcome.is_ok:
        return outcome.reason
    page = FetchedPage(outcome.body, outcome.final_url, outcome.header("content-type"), outcome.fetched_at)
    found = await asyncio.to_thread(parse_page, page, entry=entry)
    return "ok" if isinstance(found, Article) else found.reason


def _check_place(source: Source) -> SourceCheck:
    """Look at what lies on this machine; an archive on the web is read only as a whole."""
    if host_of(source):
        return SourceCheck(source, is_usable=True, outcome=_NOT_TRIED)
    place = Path(source.location)
    try:
        if source.kind == "folder":
            files = len(list(list_files(place)))
        elif source.kind == "articles":
            files = len(list_article_files(place))
        else:
            files = len(find_archives([source.location], source))
    except (InputError, OSError) as error:
        return SourceCheck(source, is_usable=False, outcome=str(error))
    return SourceCheck(source, is_usable=files > 0, outcome="ok" if files else "no file of this kind", entries=files)
