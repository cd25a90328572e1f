"""The relevance gate: whether a page may hold a claim, told from its text in a fraction of the time of extraction.

It asks for what every claim needs, in the extractor's own words: a weapon and a word of transfer, near each other.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from extract.claims import ArticleText
from extract.claims.lexicon import load_lexicon
from extract.claims.recognise import recognise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.claims.recognise import Mention

NEAR_CHARACTERS = 300
"""A claim's weapon and its word of transfer stand in one sentence or the next. On the development set, the labelled
sentences and the hard negatives a distance of 150 lost none of 277 texts with claims; twice that is taken."""
LONG_LINE = 100
"""Characters. A line of a menu or a list of headlines is shorter, or else ends like a sentence."""
_SENTENCE_ENDS = (".", "!", "?", ".”", '."', "?”", '?"', "!”", '!"', ".’", ".'", ".)", ":", ";")


def is_relevant(html: str) -> bool:
    """Tell whether a page may hold a claim of a transfer.

    Args:
        html: decoded page.
    """
    tree = HTMLTree.parse(html)
    text = extract_plain_text(tree, preserve_formatting=True, list_bullets=False, alt_texts=False)
    return may_hold_claim(" | ".join(_read_titles(tree)), "\n".join(keep_prose(text)))


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
        flat = [line for line in lines if not line.startswith("  ")]
        keeps_flat = any(map(_is_prose, flat))
        yield from (line for line in lines if (keeps_flat if not line.startswith("  ") else _is_prose(line)))


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
    for element in tree.document.query_selector_all("h1, meta[property='og:title']") if tree.document else ():
        yield str(element.getattr("content") or element.text or "")
