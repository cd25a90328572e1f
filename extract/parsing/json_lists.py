"""Lists in JSON: JSON Feed, and the article lists of GDELT DOC 2.0."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urljoin, urlsplit

from extract.parsing.dates import parse_date
from extract.parsing.entries import Entry, EntryList, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

_GDELT_DEFAULT_RECORDS = 75  # what GDELT gives where the query doesn't say maxrecords
_QUOTED = 120  # characters of an answer that isn't a list; GDELT explains there what is wrong with the query


def looks_like_json(body: bytes) -> bool:
    """Tell a JSON document from XML by its first character."""
    return body[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def parse_json_feed(body: bytes, *, url: str) -> EntryList:
    """Read a feed in JSON Feed 1.0 or 1.1 (https://www.jsonfeed.org/version/1.1/).

    Args:
        body: feed as bytes.
        url: where it was read; relative links start from there.

    Returns:
        Entries with a link, in the feed's order, and the page that ``next_url`` names.
    """
    document, error = _read(body)
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        return _broken(url, "broken_feed", error or "it has no list of items, so it is no JSON Feed")
    entries, problems = _read_items(items, url=url)
    following = _text(document.get("next_url"))
    return EntryList(tuple(entries), tuple(problems), next_page=_join(url, following) if following else None)


def parse_gdelt_list(body: bytes, *, url: str) -> EntryList:
    """Read an article list of GDELT DOC 2.0 (``mode=ArtList&format=json``).

    ``seendate`` is when GDELT met the page, which is no publication date; the page tells that itself.

    Args:
        body: answer as bytes.
        url: query; its ``maxrecords`` tells whether the list is full and articles may be missing.
    """
    document, error = _read(body)
    if isinstance(document, dict) and not document:
        return EntryList()  # how GDELT says that nothing was found
    articles = document.get("articles") if isinstance(document, dict) else None
    if not isinstance(articles, list):
        quoted = " ".join(body[:1000].decode("utf-8", "replace").split())[:_QUOTED]
        return _broken(url, "broken_list", f"GDELT answered {quoted!r} ({error or 'no list of articles'})")
    entries, problems = [], []
    for article in articles:
        link = _text(article.get("url")) if isinstance(article, dict) else None
        if link:
            entries.append(Entry(link, "feed", _title(article.get("title"))))
        else:
            problems.append(Problem(url, "entry_without_link", f"article {str(article)[:_QUOTED]!r}"))
    limit = _asked_records(url)
    if len(articles) >= limit:
        detail = (
            f"GDELT gave all {limit} articles that were asked for, so there may be more; ask for a shorter timespan"
        )
        problems.append(Problem(url, "list_is_full", detail))
    return EntryList(tuple(entries), tuple(problems))


def _read_items(items: Iterable[Any], *, url: str) -> tuple[list[Entry], list[Problem]]:
    entries: list[Entry] = []
    problems: list[Problem] = []
    for item in items:
        told = item if isinstance(item, dict) else {}
        # an id is often the permalink itself, and some publishers give nothing else
        link = _text(told.get("url")) or _web_address(told.get("id")) or _text(told.get("external_url"))
        title = _title(told.get("title"))
        if link:
            moment = parse_date(_text(told.get("date_published")))
            changed = parse_date(_text(told.get("date_modified")))
            entries.append(Entry(_join(url, link), "feed", title, _author(told), moment, changed))
        else:
            problems.append(Problem(url, "entry_without_link", f"entry {title or told.get('id') or 'without title'!r}"))
    return entries, problems


def _read(body: bytes) -> tuple[Any, str | None]:
    """Return the document, or None with what is wrong."""
    try:
        return json.loads(body.decode("utf-8-sig")), None
    except (ValueError, RecursionError) as error:
        return None, f"not valid JSON: {error}"


def _broken(url: str, reason: str, detail: str) -> EntryList:
    return EntryList(problems=(Problem(url, reason, detail),), is_broken=True)


def _asked_records(url: str) -> int:
    try:
        told = parse_qs(urlsplit(url).query).get("maxrecords", [""])[0]
    except ValueError:
        told = ""
    return int(told) if told.isascii() and told.isdecimal() and int(told) > 0 else _GDELT_DEFAULT_RECORDS


def _author(item: dict[str, Any]) -> str | None:
    """Return the names of ``authors`` (1.1) or ``author`` (1.0)."""
    told = item.get("authors") or item.get("author")
    people = told if isinstance(told, list) else [told]
    names = [_title(person.get("name")) for person in people if isinstance(person, dict)]
    return ", ".join(name for name in names if name) or None


def _title(value: Any) -> str | None:
    return " ".join(html.unescape(value).split()) or None if isinstance(value, str) else None


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _web_address(value: Any) -> str | None:
    told = _text(value)
    return told if told and told.startswith(("http://", "https://")) else None


def _join(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return link
