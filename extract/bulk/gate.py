"""The relevance gate: whether a page may hold a claim, told from its text in a fraction of the time of extraction.

It asks for what every claim needs, in the extractor's own words: a weapon and a word of transfer, near each other.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from extract.claims import ArticleText
from extract.claims.fold import fold
from extract.claims.lexicon import Reading, WeaponTerm, load_lexicon
from extract.claims.recognise import recognise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.claims.recognise import Mention

NEAR_CHARACTERS = 300
"""A claim's weapon and its word of transfer stand in one sentence or the next. On the development set, the labelled
sentences and the hard negatives a distance of 150 lost none of 277 texts with claims; twice that is taken."""
LONG_LINE = 100
"""Characters. A line of a menu or a list of headlines is shorter, or else ends like a sentence."""
_NO_ARTICLE = ["nav", "footer", "aside", "menu", "select", "button"]  # trafilatura drops these too
_WORD_END = re.compile(r"(?:s|es|men)? ")  # as recognise has it: a plural at most stands between a term and the blank
_BODY_IN_DATA = re.compile(r'"articleBody"\s*:\s*"((?:[^"\\]|\\.)*)"')
_LARGE = 1_000_000  # characters; below it nothing takes longer than a second
_LONG_TAG = re.compile(r"<[^<>]{50000,}")
_MOST_ATTRIBUTES = 5_000
_MOST_TITLES = 8  # more are no headlines, and a page of thousands of them would take hours
_ITEM = "  "  # how plain text indents the items of a list
_SENTENCE_ENDS = (".", "!", "?", ".”", '."', "?”", '?"', "!”", '!"', ".’", ".'", ".)", ":", ";")


def is_relevant(html: str) -> bool:
    """Tell whether a page may hold a claim of a transfer.

    Args:
        html: decoded page.

    Raises:
        ValueError: an element has so many attributes that parsing would take minutes: lexbor compares each with all.
    """
    if len(html) > _LARGE and any(tag.group().count("=") > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(html)):
        raise ValueError(f"an element has more than {_MOST_ATTRIBUTES} attributes")
    tree = HTMLTree.parse(html)
    text = extract_plain_text(
        tree, preserve_formatting=True, list_bullets=False, alt_texts=False, skip_elements=_NO_ARTICLE
    )
    told = _BODY_IN_DATA.search(html) if '"articleBody"' in html else None
    if told:  # where a page is drawn by a script its data are the only text, and trafilatura reads them too
        text = f"{text}\n\n{told[1]}."
    title = " | ".join(_read_titles(tree))
    if not (names_weapon(text) or names_weapon(f"{title}.")):
        return False
    return may_hold_claim(title, "\n".join(keep_prose(text)))


def names_weapon(text: str) -> bool:
    r"""Tell whether words stand in the prose of a text that can make the extractor see a weapon.

    In most of the news there are none. A name that is an everyday word counts for the extractor only with a type behind
    it, so the types are enough.

    >>> [names_weapon(text) for text in ("Two frigates left the port.", "A patriot read on.", "More\n\nFrigates sold")]
    [True, False, False]
    """
    folded = f" {fold(text)} "
    weapons = _weapon_patterns()
    for pattern, start, end in load_lexicon().automaton.find_matches_as_indexes(folded):
        is_word = pattern in weapons and (folded[end - 1].isdigit() or _WORD_END.match(folded, end))
        if is_word and _stands_in_prose(text, start):
            return True
    return False


@cache
def _weapon_patterns() -> frozenset[int]:
    return frozenset(number for number, told in enumerate(load_lexicon().readings) if any(map(_makes_weapon, told)))


def _makes_weapon(reading: Reading) -> bool:
    if not isinstance(reading, WeaponTerm):
        return False
    return reading.entry.counts and (reading.entry.is_generic or not reading.needs_context)


def may_hold_claim(title: str, text: str) -> bool:
    """Tell whether a weapon and a word of transfer stand near each other.

    >>> may_hold_claim("", "Poland has ordered 96 Apache helicopters.")
    True
    >>> may_hold_claim("", "He ordered a coffee. " + "It rained all day. " * 20 + "An Apache helicopter flew by.")
    False
    """
    found = recognise(ArticleText("", "", title, text, None, None, "en"), load_lexicon())
    if not (found.weapon_hits and found.trigger_hits):
        return False
    return any(_stand_near(mentions) for mentions in found.mentions.values())


def keep_prose(text: str) -> Iterator[str]:
    r"""Yield the lines of a page's plain text that are sentences or table rows, without menus and lists of headlines.

    Lines that follow each other without an empty one are one paragraph, broken by ``br``; list items, which are
    indented, stand for themselves.

    >>> list(keep_prose("Home\nNews\n\nPoland has ordered 96\nApache helicopters.\n\n  Tanks sold\n  Ten were sold."))
    ['Poland has ordered 96', 'Apache helicopters.', '  Ten were sold.']
    """
    for block in text.split("\n\n"):
        lines = block.split("\n")
        keeps_flat = any(_is_prose(line) for line in lines if not line.startswith(_ITEM))
        yield from (line for line in lines if (_is_prose(line) if line.startswith(_ITEM) else keeps_flat))


def _stands_in_prose(text: str, place: int) -> bool:
    """Tell whether `keep_prose` would keep the line at an offset."""
    first, last = text.rfind("\n", 0, place + 1) + 1, text.find("\n", place + 1)
    line = text[first:] if last < 0 else text[first:last]
    if _is_prose(line) or line.startswith(_ITEM):
        return _is_prose(line)
    begin, end = text.rfind("\n\n", 0, place + 1) + 2, text.find("\n\n", place + 1)
    block = text[max(begin, 0) if begin > 1 else 0 : end if end >= 0 else None]
    return any(_is_prose(line) for line in block.split("\n") if not line.startswith(_ITEM))


def _is_prose(line: str) -> bool:
    return len(line) >= LONG_LINE or "\t" in line or line.rstrip().endswith(_SENTENCE_ENDS)


def _stand_near(mentions: tuple[Mention, ...]) -> bool:
    triggers = [mention.start for mention in mentions if mention.triggers]
    for mention in mentions:
        if mention.weapon:
            place = bisect_left(triggers, mention.start - NEAR_CHARACTERS)
            if place < len(triggers) and triggers[place] <= mention.start + NEAR_CHARACTERS:
                return True
    return False


def _read_titles(tree: HTMLTree) -> Iterator[str]:
    """Yield what may become the headline: title element, first headings, og:title."""
    yield tree.title or ""
    found = tree.document.query_selector_all("h1, meta[property='og:title']") if tree.document else ()
    for element in found[:_MOST_TITLES]:
        yield str(element.getattr("content") or element.text or "")
