"""From mentions to a flat row of items: numbers, money, years, terms, words and punctuation of one sentence."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.counts import NUMBER_WORDS, find_counts
from extract.claims.dates import find_years
from extract.claims.items import Item
from extract.claims.model import Sentence, WeaponEntry
from extract.claims.money import find_money
from extract.claims.words import WORD_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extract.claims.recognise import Mention

_TOKEN = re.compile(
    r"(?P<w>[^\W_]+(?:[’'](?!s\b)[^\W_]+)*)|(?P<p>[’']s\b|s[’'](?=\s))|(?P<d>\s[-–—]+\s|[–—])|(?P<q>[,;:()\"“”?!])"
)
_POSSESSIVE = re.compile(r"[’']s\b|(?<=s)[’'](?=[\s,])")
# A designation that no lexicon has: capitals and digits, with or without a hyphen.
_UNSEEN = re.compile(
    r"(?<![\w$€£.,/-])(?:[A-Z][A-Za-z]{0,9}-?\d{1,4}[A-Za-z]{0,4}(?:[-/][A-Z0-9]{1,4})*|"
    r"(?![AI] )[A-Z]{1,5}[- ]\d{1,4}[A-Z]{0,3}\d?(?:[-/][A-Z0-9]{1,4})*|"
    r"\d{1,3}[A-Z]{1,2}\d{1,3}(?:-[A-Z0-9]{1,4})?|"
    r"(?:[Tt]ype|Project|Mk|Mark|Model|AN/[A-Z]{3}-?)\s?\d{1,4}[A-Z]{0,3}\d?(?:[./-]\d{1,4})?)(?=s?(?![\w]))"
)
_CLASS = re.compile(r"\b((?:[A-Z][\w’'.-]*\s){0,2}?[A-ZÀ-Þ][\w.]*(?:[ -][IVX]{1,3})?)[- ]class(?![\w])")
_NOT_UNSEEN = re.compile(
    r"(?:[A-Z]{1,3}\d|G\d{1,2}|COVID-?\d+|Q[1-4]|H[12]|FY-?\d+|Block-?\d.*|Mk-?\d.*|A\d{1,2}|M\d{1,2}|US\d+)$"
)


# A sentence without weapon and trigger matters for its actors only, unless it may price or date the deal before.
_GOES_ON = re.compile(r"pric|worth|cost|valu|ready|operational|complete|pay|paid|launchers|batter", re.IGNORECASE)


def tokenise(  # noqa: PLR0913 - the article's context, by keyword
    text: str,
    folded: str,
    sentence: Sentence,
    mentions: Iterable[Mention],
    *,
    year: int | None,
    month: int | None,
    countries: Mapping[str, int],
) -> list[Item]:
    """Turn a sentence into a flat row of items.

    Args:
        text: the field.
        folded: the folded field.
        sentence: which part of it.
        mentions: mentions within the sentence, in order.
        year: year of publication.
        month: month of publication.
        countries: actor codes of the article with their counts, to settle currencies.

    Returns:
        Items in order; they don't overlap.
    """
    string = text[sentence.start : sentence.end]
    offset = sentence.start
    mentions = list(mentions)
    if not any(m.weapon or m.triggers for m in mentions) and not _GOES_ON.search(string):
        terms = [_term(text, folded, mention) for mention in mentions]
        return _with_words(text, folded, sentence, terms)
    spans: list[Item] = [Item("M", m.start, m.end, money=m) for m in find_money(string, offset, countries)]
    taken = [(item.start, item.end) for item in spans]
    terms = [_term(text, folded, mention) for mention in mentions if not _overlaps(taken, mention.start, mention.end)]
    spans += terms
    taken += [(i.start, i.end) for i in terms if i.kind == "W" and i.weapon is not None and not i.weapon.is_generic]
    unseen = _unseen(string, offset, taken, terms)
    inside = [(item.start, item.end) for item in unseen]
    spans = [s for s in spans if s.kind == "M" or not _overlaps(inside, s.start, s.end)] + unseen
    taken = [(item.start, item.end) for item in spans if item.kind in "MWZ"]
    for mention in find_years(string, offset, year=year, month=month):
        if not _overlaps(taken, mention.start, mention.end):
            spans = [
                s for s in spans if s.kind in "MW" or not _overlaps([(mention.start, mention.end)], s.start, s.end)
            ]
            spans.append(Item("Y", mention.start, mention.end, year=mention))
    taken = [(item.start, item.end) for item in spans]
    for found in find_counts(string):
        count = found
        start, end = offset + count.start, offset + count.end
        while start < end and text[start].isspace():
            start += 1
        if _overlaps(taken, start, end):  # "hand over 30": the word before the number is the verb's
            start = offset + count.number_start
            count = replace(count, is_approximate=count.most != count.least)
        if not _overlaps(taken, start, end):
            spans.append(Item("N", start, end, number=count))
    spans.sort(key=lambda item: item.start)
    return _with_words(text, folded, sentence, spans)


def _overlaps(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a span meets one that is taken."""
    return any(start < stop and begin < end for begin, stop in taken)


def _term(text: str, folded: str, mention: Mention) -> Item:
    """Item of a mention."""
    word = folded[mention.start : mention.end]
    possessive = _POSSESSIVE.match(text, mention.end) is not None
    if mention.weapon is not None:
        return Item(
            "W",
            mention.start,
            mention.end,
            word,
            weapon=mention.weapon,
            designation=mention.designation,
            is_plural=mention.is_plural,
            is_possessive=possessive,
        )
    if mention.actor is not None:
        return Item(
            "C" if mention.company else "A",
            mention.start,
            mention.end,
            word,
            actor=mention.actor,
            is_possessive=possessive,
            is_adjective=mention.actor_kind == "demonym",
            company=mention.company,
        )
    if mention.triggers:
        is_noun = all(t.form == "noun" for t in mention.triggers)
        return Item(
            "T" if is_noun else "V",
            mention.start,
            mention.end,
            word,
            triggers=mention.triggers,
            is_possessive=possessive,
        )
    return Item(mention.phrase, mention.start, mention.end, word, is_possessive=possessive)


def _unseen(string: str, offset: int, taken: list[tuple[int, int]], terms: list[Item]) -> list[Item]:
    """Designations by pattern; the chunker keeps those that stand beside a generic type."""
    found = []
    starts = {item.start for item in terms if item.kind in "AC"}
    for match in _CLASS.finditer(string) if "class" in string else ():
        start, end = offset + match.start(1), offset + match.end()
        name = match.group(1)
        while " " in name and (
            start in starts
            or name.split()[0].lower() in NUMBER_WORDS
            or name.split()[0] in ("The", "A", "An", "Its", "And")
        ):  # "the Chinese Song-class": the demonym is no part of the name
            cut = name.index(" ") + 1
            start, name = start + cut, name[cut:]
        if not _overlaps(taken, start, end) and name.lower() not in ("world", "first", "middle", "business"):
            entry = WeaponEntry(f"{name} class", f"{name} class", "ship", generic_type="ship")
            found.append(
                Item(
                    "W",
                    start,
                    end,
                    string[start - offset : end - offset].lower(),
                    weapon=entry,
                    designation=f"{name} class",
                )
            )
            taken.append((start, end))
    for match in _UNSEEN.finditer(string):
        start, end = offset + match.start(), offset + match.end()
        if _NOT_UNSEEN.match(match.group()) or _overlaps(taken, start, end):
            continue
        found.append(Item("Z", start, end, match.group(), designation=match.group().removesuffix("s")))
        taken.append((start, end))
    return found


def _with_words(text: str, folded: str, sentence: Sentence, spans: list[Item]) -> list[Item]:
    """Fill the gaps between spans with words and punctuation."""
    items: list[Item] = []
    position = sentence.start
    for span in [*spans, None]:
        stop = span.start if span else sentence.end
        if stop > position:
            _words(text, folded, position, stop, items)
        if span:
            if span.start < position:
                continue
            items.append(span)
            position = span.end
    return items


def _words(text: str, folded: str, start: int, stop: int, items: list[Item]) -> None:
    """Append the words and marks of a gap."""
    for match in _TOKEN.finditer(text, start, stop):
        group = match.lastgroup
        begin, end = match.span()
        if group == "w":
            word = folded[begin:end]
            items.append(Item(WORD_KINDS.get(word, "o"), begin, end, word))
        elif group == "d":
            items.append(Item("-", begin, end, "-"))
        elif group == "q":
            mark = match.group()
            items.append(Item({"“": '"', "”": '"', "?": ";", "!": ";"}.get(mark, mark), begin, end, mark))
