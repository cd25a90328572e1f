"""What a page says about itself: JSON-LD, OpenGraph, headings, canonical link."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from extract.parsing.dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml.html import HtmlElement

# https://schema.org/Article with its news kinds, and what content systems use in their place
_ARTICLE_TYPES = frozenset(
    {
        "AnalysisNewsArticle",
        "Article",
        "BackgroundNewsArticle",
        "BlogPosting",
        "NewsArticle",
        "OpinionNewsArticle",
        "Report",
        "ReportageNewsArticle",
        "TechArticle",
        "WebPage",
    }
)
_CONTROL = re.compile(r"[\x00-\x1f]+")
_TITLE_SEPARATOR = re.compile(r"\s+(?:[|–—·»-]|::)\s+")


@dataclass(frozen=True)
class PageMetadata:
    """What a page says about itself; every field may be missing.

    Attributes:
        json_ld_title: headline in JSON-LD.
        json_ld_date: datePublished in JSON-LD.
        json_ld_author: author in JSON-LD.
        title: og:title, else first heading, else the title element without the publisher's name.
        date: article:published_time.
        author: author in meta elements.
        canonical: rel=canonical, absolute.
    """

    json_ld_title: str | None = None
    json_ld_date: datetime | None = None
    json_ld_author: str | None = None
    title: str | None = None
    date: datetime | None = None
    author: str | None = None
    canonical: str | None = None


def read_metadata(tree: HtmlElement, *, url: str) -> PageMetadata:
    """Read the metadata of a page.

    Args:
        tree: parsed page.
        url: where it was read.
    """
    article = _find_article(tree)
    meta = _read_meta(tree)
    canonical = next(iter(tree.xpath("//link[@rel='canonical']/@href")), None)
    return PageMetadata(
        json_ld_title=_clean(article.get("headline")),
        json_ld_date=_date(article.get("datePublished")),
        json_ld_author=_clean(_name(article.get("author"))),
        title=_clean(meta.get("og:title")) or _heading(tree) or _title_element(tree),
        date=_date(meta.get("article:published_time")),
        author=_clean(meta.get("author")),
        canonical=_absolute(url, canonical),
    )


def _find_article(tree: HtmlElement) -> dict[str, Any]:
    """Return the JSON-LD object of the article, one with a date before one without; empty where there is none."""
    found: list[dict[str, Any]] = []
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            # line breaks inside strings are forbidden in JSON and common in JSON-LD
            document = json.loads(_CONTROL.sub(" ", script))
        except (ValueError, RecursionError):
            continue
        found += [item for item in _walk(document) if _types(item) & _ARTICLE_TYPES]
    found.sort(key=lambda item: (_types(item) == {"WebPage"}, not item.get("datePublished")))
    return found[0] if found else {}


def _walk(document: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield objects at the top, in lists and in @graph; nested ones are other articles or comments."""
    if isinstance(document, list) and depth < 4:
        for item in document:
            yield from _walk(item, depth + 1)
    elif isinstance(document, dict):
        yield document
        for key in ("@graph", "mainEntity"):
            if depth < 4 and key in document:
                yield from _walk(document[key], depth + 1)


def _types(item: dict[str, Any]) -> set[str]:
    told = item.get("@type")
    return {name for name in (told if isinstance(told, list) else [told]) if isinstance(name, str)}


def _name(author: Any) -> str | None:
    if isinstance(author, list):
        return ", ".join(filter(None, (_name(one) for one in author))) or None
    if isinstance(author, dict):
        author = author.get("name")
    return author if isinstance(author, str) else None


def _read_meta(tree: HtmlElement) -> dict[str, str]:
    """Return the content of meta elements by property or name, the first of each."""
    found: dict[str, str] = {}
    for element in tree.xpath("//meta[@content]"):
        name = (element.get("property") or element.get("name") or "").strip().lower()
        if name:
            found.setdefault(name, element.get("content"))
    return found


def _heading(tree: HtmlElement) -> str | None:
    headings = [_clean(element.text_content()) for element in tree.xpath("//h1")]
    told = [heading for heading in headings if heading]
    # several h1 on a page: one of them is the masthead, and nothing tells which
    return told[0] if len(told) == 1 else None


def _title_element(tree: HtmlElement) -> str | None:
    """Return the title element without the publisher's name at its end."""
    whole = _clean(next(iter(tree.xpath("//head/title/text()")), None))
    return _TITLE_SEPARATOR.split(whole)[0] if whole else None


def _date(value: Any) -> datetime | None:
    return parse_date(value) if isinstance(value, str) else None


def _absolute(base: str, href: str | None) -> str | None:
    try:
        return urljoin(base, href.strip()) if href and href.strip() else None
    except ValueError:
        return None


def _clean(value: Any) -> str | None:
    """Return text with single spaces, None where it isn't text or is empty."""
    return " ".join(value.split()) or None if isinstance(value, str) else None
