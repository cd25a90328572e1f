"""From a source's announcements to articles: what is new is fetched and parsed, and everything else is named."""

from __future__ import annotations

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from extract.lists import read_lists
from extract.parsing.page import Article, FetchedPage, Unusable, parse_page
from extract.state import MAX_ATTEMPTS, PendingPage, Refusal, SourceState, page_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extract.fetching.fetcher import Fetcher
    from extract.fetching.outcomes import FetchOutcome
    from extract.fetching.policy import FetchPolicy
    from extract.lists import Announcements
    from extract.parsing.entries import Entry
    from extract.sources import Source


@dataclass(frozen=True)
class Baseline:
    """Where a load starts.

    Attributes:
        state: where the source's last load ended.
        known: ids of the articles in the lake.
    """

    state: SourceState
    known: frozenset[str]


@dataclass(frozen=True)
class Collection:
    """What a load brings.

    Attributes:
        articles: in the order in which they were announced.
        refusals: what did not become an article.
        state: for the source's next load.
        done: ids of the pages that were looked at.
    """

    articles: tuple[Article, ...]
    refusals: tuple[Refusal, ...]
    state: SourceState
    done: frozenset[str]


@dataclass
class Ledger:
    """Takes the pages of a load one by one and keeps account of each.

    Attributes:
        known: ids of the articles in the lake.
        articles: new articles by id.
        refusals: pages that are none.
        pending: pages for the next load.
        settled: page id -> why it needs no further look.
    """

    known: frozenset[str]
    articles: dict[str, Article] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    pending: list[PendingPage] = field(default_factory=list)
    settled: dict[str, str] = field(default_factory=dict)

    def settle(self, page: str, url: str, found: Article | Unusable) -> None:
        """Take a page that was read.

        Args:
            page: id of the page.
            url: its address as announced.
            found: what it came to.
        """
        if isinstance(found, Unusable):
            self.refuse(page, Refusal(url, "parse", found.reason, found.detail))
        elif found.article_id in self.known:
            self.refuse(page, Refusal(url, "duplicate", "already_in_lake", f"{found.url} is in the lake already"))
        elif found.article_id in self.articles:
            self.refuse(page, Refusal(url, "duplicate", "same_article", f"{found.url} came in this load already"))
        else:
            self.articles[found.article_id] = found
            if found.article_id != page:
                self.settled[page] = "alias"

    def refuse(self, page: str, refusal: Refusal) -> None:
        """Take a page that is given up for good."""
        self.refusals.append(refusal)
        self.settled[page] = refusal.reason

    def postpone(self, entry: Entry, outcome: FetchOutcome, *, attempts: int) -> None:
        """Take a page that could not be fetched: for the next load, or given up after the last attempt."""
        is_retried = outcome.is_retryable and attempts < MAX_ATTEMPTS
        refusal = Refusal(entry.url, "fetch", outcome.reason, outcome.detail or "", is_retried)
        if is_retried:
            self.refusals.append(refusal)
            self.pending.append(PendingPage.from_entry(entry, attempts=attempts))
        else:
            self.refuse(page_id(entry.url), refusal)


async def collect(source: Source, fetcher: Fetcher, policy: FetchPolicy, *, baseline: Baseline) -> Collection:
    """Read a feed or sitemap and fetch the pages that are new.

    Args:
        source: feed, sitemap or GDELT list.
        fetcher: fetches; from the web or from an archive.
        policy: caps.
        baseline: where the load starts.

    Raises:
        SourceUnreachable: the feed or sitemap itself could not be fetched.
    """
    state = baseline.state
    waiting = {page_id(page.url) for page in state.pending}

    def is_new(entry: Entry) -> bool:
        page = page_id(entry.url)
        return not (page in baseline.known or page in state.settled or page in waiting)

    announced = await read_lists(source, fetcher, policy, state=state, is_new=is_new)
    ledger = Ledger(baseline.known, refusals=list(announced.refusals))
    pages = _plan(announced, state, ledger)
    now, later = pages[: policy.max_pages], pages[policy.max_pages :]
    results = await _fetch_all(now, fetcher, parallel_hosts=policy.parallel_hosts)
    for planned, (outcome, found) in zip(now, results, strict=True):
        entry = planned.to_entry()
        if found is None:
            ledger.postpone(entry, outcome, attempts=planned.attempts + 1)
        else:
            ledger.settle(page_id(entry.url), entry.url, found)
    still_announced = {page_id(entry.url) for entry in announced.entries}
    kept = {page: why for page, why in state.settled.items() if not announced.is_complete or page in still_announced}
    return Collection(
        articles=tuple(ledger.articles.values()),
        refusals=tuple(ledger.refusals),
        state=SourceState(
            announced.validators, (*ledger.pending, *later), {**kept, **ledger.settled}, announced.unread
        ),
        done=frozenset(page_id(page.url) for page in now),
    )


def _plan(announced: Announcements, state: SourceState, ledger: Ledger) -> list[PendingPage]:
    """Return the pages to fetch: first those that wait, then those announced that are new."""
    planned = {page_id(page.url): page for page in state.pending if page_id(page.url) not in ledger.known}
    waiting = set(planned)
    for entry in announced.entries:
        page = page_id(entry.url)
        if page in ledger.known or page in state.settled or page in waiting:
            continue
        if page in planned:
            detail = f"announced twice, first as {planned[page].url}"
            ledger.refusals.append(Refusal(entry.url, "duplicate", "same_url", detail))
        else:
            planned[page] = PendingPage.from_entry(entry, attempts=0)
    return list(planned.values())


async def _fetch_all(
    pages: list[PendingPage], fetcher: Fetcher, *, parallel_hosts: int
) -> list[tuple[FetchOutcome, Article | Unusable | None]]:
    """Fetch and parse pages, each host in turn and several hosts at once; results stand in the order of the pages."""
    results: dict[int, tuple[FetchOutcome, Article | Unusable | None]] = {}
    places = asyncio.Semaphore(parallel_hosts)

    async def work(numbers: Iterable[int]) -> None:
        async with places:
            for number in numbers:
                results[number] = await _fetch_page(pages[number], fetcher, parser)

    hosts: dict[str, list[int]] = {}
    for number, page in enumerate(pages):
        hosts.setdefault(_host(page.url), []).append(number)
    # one thread: parsing holds the interpreter, so more of them would only wait for each other and hold more pages
    with ThreadPoolExecutor(1) as parser:
        async with asyncio.TaskGroup() as group:
            for numbers in hosts.values():
                group.create_task(work(numbers))
    return [results[number] for number in range(len(pages))]


async def _fetch_page(
    page: PendingPage, fetcher: Fetcher, parser: ThreadPoolExecutor
) -> tuple[FetchOutcome, Article | Unusable | None]:
    outcome = await fetcher.fetch(page.url)
    if not outcome.is_ok:
        return outcome, None
    fetched = FetchedPage(outcome.body, outcome.final_url, outcome.header("content-type"), outcome.fetched_at)
    parse = functools.partial(parse_page, fetched, entry=page.to_entry())
    found = await asyncio.get_running_loop().run_in_executor(parser, parse)
    return replace(outcome, body=b""), found


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
