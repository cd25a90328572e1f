"""RSS, Atom and JSON Feed to entries; a broken feed gives what can be saved, and says that it is broken."""

from __future__ import annotations

import calendar
import html
import io
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import feedparser

from extract.parsing.entries import Entry, EntryList, Problem
from extract.parsing.json_lists import looks_like_json, parse_json_feed

_SPACE = re.compile(r"\s+")
_MARKUP = re.compile(r"<[^>]+>")
# feedparser would expand what a feed declares, a thousandfold if it so wishes; without its keyword a declaration is
# a syntax error, and feedparser's tolerant parser reads the entries
_ENTITY_MARKS = tuple("<!ENTITY".encode(charset) for charset in ("ascii", "utf-16-le", "utf-16-be"))


def parse_feed(body: bytes, *, url: str, content_type: str | None = None) -> EntryList:
    """Read a feed.

    Args:
        body: feed as bytes; its encoding is found from header, XML declaration and bytes.
        url: where it was read; relative links start from there.
        content_type: header of the response.

    Returns:
        Entries with a link, in the feed's order. A feed that isn't well-formed is marked as broken even where
        entries could be saved; the problem says why.
    """
    if looks_like_json(body):
        return parse_json_feed(body, url=url)
    declares_entities = any(mark in body for mark in _ENTITY_MARKS)
    for mark in _ENTITY_MARKS if declares_entities else ():
        body = body.replace(mark, mark[::-1])
    feed = _parse(body, url=url, content_type=content_type)
    if not feed.entries and "charset" in (content_type or ""):
        feed = _parse(body, url=url, content_type=None)  # a wrong label must not cost the whole feed
    entries = []
    problems = []
    for item in feed.entries:
        link = _SPACE.sub("", item.get("link") or "")
        title = _clean(item.get("title"))
        if link:
            moment = item.get("published_parsed") or item.get("updated_parsed")
            entries.append(Entry(_join(url, link), "feed", title, _clean(item.get("author")), _to_utc(moment)))
        else:
            problems.append(Problem(url, "entry_without_link", f"entry {title or item.get('id') or 'without title'!r}"))
    error = "it declares XML entities, which are never expanded" if declares_entities else _find_error(feed)
    if error and not entries:
        problems.append(Problem(url, "broken_feed", error))
    elif error:
        problems.append(Problem(url, "damaged_feed", f"{error}; {len(entries)} entries were saved"))
    return EntryList(tuple(entries), tuple(problems), next_page=_next_page(url, feed.feed), is_broken=bool(error))


def _parse(body: bytes, *, url: str, content_type: str | None) -> Any:
    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    return feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False)


def _next_page(url: str, channel: Any) -> str | None:
    """Return where older entries stand: the next page, or the archive before (RFC 5005, sections 3 and 4)."""
    links = {link.get("rel"): link.get("href") for link in channel.get("links", [])}
    target = links.get("next") or links.get("prev-archive")
    return _join(url, target) if target else None


def _find_error(feed: Any) -> str | None:
    """Return what keeps this from being a sound feed, None where it is sound."""
    error = feed.get("bozo_exception")
    # a wrong charset or media type in a header does no harm where the bytes were read all the same
    harmless = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
    if feed.get("bozo") and not isinstance(error, harmless):
        return f"not well-formed: {error}"
    if not feed.get("version"):
        return "neither RSS nor Atom"
    return None


def _clean(text: str | None) -> str | None:
    """Return text without markup and needless space, None where nothing is left."""
    return _SPACE.sub(" ", html.unescape(_MARKUP.sub("", text or ""))).strip() or None


def _to_utc(moment: Any) -> datetime | None:
    if moment is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(moment), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _join(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return link
