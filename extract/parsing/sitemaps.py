"""Sitemaps to entries: plain, news extension, index, gzip. XML entities are refused, not expanded."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from extract.parsing.dates import parse_date
from extract.parsing.entries import Entry, EntryList, Problem

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NEVER = datetime.min.replace(tzinfo=UTC)
_NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


def parse_sitemap(body: bytes, *, url: str, since: datetime | None = None) -> EntryList:
    """Read a sitemap.

    ``lastmod`` is not taken as a publication date: it changes with the page's design. Only the news extension
    tells when an article was published.

    Args:
        body: decompressed sitemap.
        url: where it was read.
        since: sitemaps of an index whose ``lastmod`` is older are left out; None for all.

    Returns:
        Entries, or the children of an index, those changed last first; from a broken sitemap, those before the break.
    """
    entries: list[Entry] = []
    children: list[tuple[datetime, str]] = []
    problems: list[Problem] = []
    error: str | None = None
    root: str | None = None
    try:
        # a sitemap must have no entities and no DTD: both are refused before anything is expanded
        events: Any = defusedxml.ElementTree.iterparse(io.BytesIO(body), events=("start", "end"), forbid_dtd=True)
        for event, element in events:
            name = _local(element)
            if event == "start":
                root = root or name
            elif name in ("url", "sitemap"):
                location = "".join((_text(element, "loc") or "").split())
                if not location:
                    problems.append(Problem(url, "entry_without_link", f"a {name} of the sitemap has no loc"))
                elif name == "url":
                    entries.append(_read_entry(element, _join(url, location)))
                else:
                    changed_at = parse_date(_text(element, "lastmod")) or _NEVER
                    children.append((changed_at, _join(url, location)))
                element.clear()
    except DefusedXmlException as problem:
        error = f"forbidden XML: {problem}"
    except (ParseError, LookupError, ValueError) as problem:
        # the latter two: an encoding that the XML parser can't read
        error = f"not well-formed: {problem}"
    if error is None and root not in ("urlset", "sitemapindex"):
        error = f"its root element is {root}, not urlset or sitemapindex"
    if error:
        found = len(entries) + len(children)
        name = "damaged_sitemap" if found else "broken_sitemap"
        problems.append(Problem(url, name, f"{error}; {found} entries were saved" if found else error))
    newest_first = sorted(children, key=lambda child: child[0], reverse=True)
    wanted = (child for moment, child in newest_first if since is None or moment == _NEVER or moment >= since)
    return EntryList(tuple(entries), tuple(problems), tuple(wanted), is_broken=error is not None)


def _read_entry(element: Element, location: str) -> Entry:
    changed_at = parse_date(_text(element, "lastmod"))
    news = element.find(f"{_NEWS}news")
    if news is None:
        return Entry(location, "sitemap", changed_at=changed_at)
    title = " ".join((news.findtext(f"{_NEWS}title") or "").split())
    published_at = parse_date(news.findtext(f"{_NEWS}publication_date"))
    return Entry(location, "sitemap", title or None, None, published_at, changed_at)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Element, name: str) -> str | None:
    return next((child.text for child in element if _local(child) == name), None)


def _join(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        return location
