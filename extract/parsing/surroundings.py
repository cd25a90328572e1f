"""What stands around an article on its page, and the byline that stands within."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

from lxml import html

from extract.parsing.dates import find_written_date, is_plausible, parse_date

if TYPE_CHECKING:
    from datetime import datetime

    from lxml.html import HtmlElement

_BYLINE = re.compile(r"byline|dateline|posted|publi(?:sh|cation)|pub-?date|timestamp|(?:article|entry|post)-meta", re.I)
_MAX_BYLINE = 200  # characters; what is longer holds text
_SURROUNDINGS = re.compile(
    r"\b(?:related|sidebar|side-bar|teasers?|comments?|recommend(?:ed|ations)?|popular|trending|latest|newsletter|"
    r"footer|breadcrumbs?|see-also|read-more|more-stories|most-read)\b",
    re.IGNORECASE,
)
_ARTICLE_TAGS = frozenset({"html", "body", "main", "article"})


def find_byline_date(tree: HtmlElement, *, fetched_at: datetime) -> datetime | None:
    """Return the day told in the article's byline, or None.

    Time elements and short elements whose class or id says what they are count, from the heading on and
    not within the surroundings.

    Args:
        tree: parsed page.
        fetched_at: when it was fetched; a later day isn't believed.
    """
    after_heading = "(//h1)[1]/following::*" if tree.xpath("//h1") else "//*"
    for element in tree.xpath(f"{after_heading}[@datetime or @class or @id]"):
        if _lies_outside(element):
            continue
        moment = parse_date(element.get("datetime")) if element.tag == "time" else None
        if is_plausible(moment, fetched_at=fetched_at):
            return moment
        if element.tag == "time" or _BYLINE.search(_names(element)):
            text = " ".join(element.text_content().split())
            moment = find_written_date(text, fetched_at=fetched_at) if len(text) <= _MAX_BYLINE else None
            if moment:
                return moment
    return None


def keep_head(tree: HtmlElement) -> HtmlElement:
    """Return a page that has only the head of this one."""
    page = html.Element("html")
    for head in tree.xpath("/html/head[1]"):
        page.append(copy.deepcopy(head))
    html.etree.SubElement(page, "body")
    return page


def drop_surroundings(tree: HtmlElement) -> HtmlElement:
    """Return a copy of a page without navigation, related articles, comments and footer."""
    page = copy.deepcopy(tree)
    waiting = page.xpath("//body")
    while waiting:
        for element in list(waiting.pop()):
            if _is_surrounding(element):
                element.drop_tree()  # what lies within, often most of a page, is not looked at
            else:
                waiting.append(element)
    return page


def _lies_outside(element: HtmlElement) -> bool:
    return any(_is_surrounding(one) for one in (element, *element.iterancestors()))


def _is_surrounding(element: HtmlElement) -> bool:
    if not isinstance(element.tag, str) or element.tag in _ARTICLE_TAGS:
        return False
    return element.tag in ("aside", "footer", "nav") or bool(_SURROUNDINGS.search(_names(element)))


def _names(element: HtmlElement) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}"
