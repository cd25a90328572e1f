"""A page to an article, or to the reason why it is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import htmldate
import trafilatura

from extract.parsing.dates import is_plausible, parse_date
from extract.parsing.decode import decode_html
from extract.parsing.language import detect_language
from extract.parsing.metadata import read_metadata
from extract.parsing.signature import text_hash, text_signature
from extract.parsing.surroundings import drop_surroundings, find_byline_date, keep_head
from extract.parsing.text import drop_controls, extract_text, find_author
from extract.parsing.urls import article_id, choose_canonical

if TYPE_CHECKING:
    from datetime import datetime

    from lxml.html import HtmlElement

    from extract.parsing.decode import DecodedText
    from extract.parsing.entries import Entry
    from extract.parsing.metadata import PageMetadata

DateOrigin = Literal["json_ld", "feed", "sitemap", "page", "file"]
MIN_TEXT_CHARACTERS = 120
"""Less is a caption, a paywall's line or a stub: one sentence with parties, weapon and status is about this long."""

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", ""})


@dataclass(frozen=True)
class Article:
    """An article as it goes into the lake, without what the load adds.

    Attributes:
        article_id: hash of the canonical URL.
        url: canonical URL.
        title: headline.
        author: byline as written, or None.
        published_at: UTC.
        published_at_origin: where that was read.
        language: ISO 639-1.
        text: main text, paragraphs with one empty line between them.
        text_hash: equal for equal texts.
        text_signature: MinHash values.
        fetched_at: UTC.
    """

    article_id: str
    url: str
    title: str
    author: str | None
    published_at: datetime
    published_at_origin: DateOrigin
    language: str
    text: str
    text_hash: str
    text_signature: list[int]
    fetched_at: datetime


@dataclass(frozen=True)
class Unusable:
    """Why a page is no article.

    Attributes:
        reason: short name, for counting.
        detail: what was wrong, in plain words.
    """

    reason: str
    detail: str


@dataclass(frozen=True)
class PageContent:
    """What can be read from a page alone; ``title`` and ``published_at`` may be missing, ``text`` may be empty.

    Attributes:
        title: headline.
        author: byline.
        published_at: UTC.
        published_at_origin: where that was read.
        text: main text.
        canonical: what the page declares, absolute.
        decoded: how the bytes were read.
        failure: what stopped the reading, or None.
    """

    title: str | None
    author: str | None
    published_at: datetime | None
    published_at_origin: DateOrigin | None
    text: str
    canonical: str | None
    decoded: DecodedText
    failure: str | None = None


@dataclass(frozen=True)
class FetchedPage:
    """A page as it came.

    Attributes:
        body: bytes.
        url: URL that answered.
        content_type: header of the response, or None.
        fetched_at: when it was fetched; a later publication date isn't believed.
    """

    body: bytes
    url: str
    content_type: str | None
    fetched_at: datetime


def parse_page(page: FetchedPage, *, entry: Entry | None = None) -> Article | Unusable:
    """Turn a page into an article.

    Args:
        page: page as it came.
        entry: what the feed or sitemap told.

    Returns:
        The article, or why there is none.
    """
    media_type = (page.content_type or "").partition(";")[0].strip().lower()
    if media_type not in HTML_TYPES:
        return Unusable("not_html", f"content type is {media_type}")
    content = read_page(page, entry=entry)
    return build_article(content, url=choose_canonical(page.url, content.canonical), fetched_at=page.fetched_at)


def build_article(content: PageContent, *, url: str, fetched_at: datetime) -> Article | Unusable:
    """Check what was read and complete it to an article; ``url`` is canonical."""
    if content.failure:
        return Unusable("unreadable_page", content.failure)
    lost = "\ufffd" in content.text or "\ufffd" in (content.title or "")
    if content.decoded.lost_bytes and lost:
        first = content.decoded.first_lost
        return Unusable(
            "bad_encoding",
            f"{content.decoded.lost_bytes} bytes are not {content.decoded.charset}, the first at offset {first}",
        )
    text, title, author = (drop_controls(told or "").strip() for told in (content.text, content.title, content.author))
    if len(text) < MIN_TEXT_CHARACTERS:
        return Unusable("no_text", f"{len(text)} characters of main text, {MIN_TEXT_CHARACTERS} needed")
    if not title:
        return Unusable("no_title", "neither JSON-LD, OpenGraph, feed nor heading tell a headline")
    if content.published_at is None or content.published_at_origin is None:
        return Unusable("no_date", "neither JSON-LD, feed, sitemap nor page tell a believable publication date")
    return Article(
        article_id=article_id(url),
        url=url,
        title=title,
        author=author or None,
        published_at=content.published_at,
        published_at_origin=content.published_at_origin,
        language=detect_language(text),
        text=text,
        text_hash=text_hash(text),
        text_signature=text_signature(text),
        fetched_at=fetched_at,
    )


def read_page(page: FetchedPage, *, entry: Entry | None = None, needs_author: bool = True) -> PageContent:
    """Read what a page tells, with the feed or sitemap as its second voice; never fails.

    Args:
        page: page as it came.
        entry: what the feed or sitemap told.
        needs_author: whether to search the page for a byline where no metadata name the author.
    """
    decoded = decode_html(page.body, content_type=page.content_type)
    try:
        return _read(page, decoded, entry, needs_author=needs_author)
    except Exception as error:  # a page on which a library fails must cost that page alone; build_article names it
        return PageContent(None, None, None, None, "", None, decoded, failure=f"{type(error).__name__}: {error}")


def _read(page: FetchedPage, decoded: DecodedText, entry: Entry | None, *, needs_author: bool) -> PageContent:
    tree = trafilatura.load_html(decoded.text)
    if tree is None:
        return PageContent(None, None, None, None, "", None, decoded)
    told = read_metadata(tree, url=page.url)
    title = told.json_ld_title or told.title or (entry.title if entry else None)
    moment, origin = _choose_date(tree, told, entry, url=page.url, fetched_at=page.fetched_at)
    author = told.json_ld_author or (entry.author if entry else None) or told.author
    return PageContent(
        title=title,
        # the search of the byline takes longer than all else where a page has many links, so these go first
        author=author or find_author(drop_surroundings(tree)) if needs_author else author,
        published_at=moment,
        published_at_origin=origin,
        text=_without_title(extract_text(tree), title),
        canonical=told.canonical,
        decoded=decoded,
    )


def _choose_date(
    tree: HtmlElement, told: PageMetadata, entry: Entry | None, *, url: str, fetched_at: datetime
) -> tuple[datetime | None, DateOrigin | None]:
    """Return the first believable date of JSON-LD, feed or sitemap, page; the search of the page comes last.

    htmldate's extensive search is left off: it takes the date of a related article rather than none (on the sample
    pages it was wrong in 6 of the 6 cases that it added).
    """
    candidates: list[tuple[datetime | None, DateOrigin]] = [(told.json_ld_date, "json_ld")]
    if entry:
        candidates.append((entry.published_at, entry.origin))
    candidates.append((told.date, "page"))
    for moment, origin in candidates:
        if is_plausible(moment, fetched_at=fetched_at):
            return moment, origin
    # what head and URL tell is about this page; a date in the body may belong to a related article, so the byline goes
    # before a search of what is left without the surroundings
    found = (
        _search_date(keep_head(tree), url=url, fetched_at=fetched_at)
        or find_byline_date(tree, fetched_at=fetched_at)
        or _search_date(drop_surroundings(tree), url=url, fetched_at=fetched_at)
    )
    return (found, "page") if found else (None, None)


def _search_date(tree: HtmlElement, *, url: str, fetched_at: datetime) -> datetime | None:
    told = htmldate.find_date(tree, extensive_search=False, original_date=True, url=url, max_date=fetched_at)
    found = parse_date(told)
    return found if is_plausible(found, fetched_at=fetched_at) else None


def _without_title(text: str, title: str | None) -> str:
    """Drop the headline where it stands again as the first paragraph."""
    first, _, rest = text.partition("\n\n")
    return rest if title and first.strip() == title else text
