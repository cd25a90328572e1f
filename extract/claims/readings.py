"""Noun, verb or name: what a word that can be several things is in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.words import BE, HAVE, UPKEEP, WORD_KINDS

if TYPE_CHECKING:
    from extract.claims.items import Item

_NOUN_BEFORE = frozenset("DKEAWMN")


_VERB_BEFORE = frozenset("pIF")


_NOUN_AFTER = frozenset({"of", "for", "with", "worth", "from", "to", "on", "covering", "valued", "including"})


def drop_names(text: str, items: list[Item], sentence_start: int, *, is_title: bool) -> list[Item]:
    """Make a verb with a capital inside a sentence a plain word: "Falcon Eye", "Block 70", "Land 400"."""
    if is_title:
        return items
    return [
        replace(item, kind="o", triggers=())
        if item.kind in "VT"
        and item.start != sentence_start
        and text[item.start].isupper()
        and not text[item.start : item.end].isupper()
        and not (index and items[index - 1].kind in '":-;')
        else item
        for index, item in enumerate(items)
    ]


_ORIGIN_WORDS = frozenset(
    {"made", "built", "designed", "developed", "origin", "produced", "manufactured", "era", "style", "type"}
)


_ORIGIN_LEMMAS = frozenset({"build", "manufacture", "produce", "assemble", "make", "construct"})


def drop_origins(text: str, items: list[Item]) -> list[Item]:
    """Make "built" in "Swedish-built fighters" a plain word: it tells the origin, no transfer."""
    result: list[Item] = []
    for word in items:
        item = word
        glued = bool(result) and item.kind == "V" and text[item.start - 1] == "-" and result[-1].end == item.start - 1
        if glued and (item.triggers[0].lemma in _ORIGIN_LEMMAS or result[-1].kind not in "AC"):
            item = replace(item, kind="o", triggers=())
        is_origin = item.word in _ORIGIN_WORDS and bool(result) and text[item.start - 1] == "-"
        if is_origin and result[-1].kind == "A" and result[-1].actor is not None:
            result[-1] = replace(result[-1], kind="o", actor=None, origins=(result[-1].actor,))
        result.append(item)
    return result


def decide_triggers(items: list[Item]) -> list[Item]:
    """Choose noun or verb for words that can be both ("orders", "supplies", "offer")."""
    result: list[Item] = []
    for index, word in enumerate(items):
        item = word
        before = result[-1] if result else None
        if item.kind == "V" and before is not None and _is_no_verb(before, item):
            item = replace(
                item,
                kind="T" if any(t.form == "noun" for t in item.triggers) else WORD_KINDS.get(item.word, "o"),
                triggers=tuple(t for t in item.triggers if t.form == "noun"),
            )
        if item.kind != "V" or not any(t.form == "noun" for t in item.triggers):
            result.append(item)
            continue
        after = items[index + 1] if index + 1 < len(items) else None
        nouns = tuple(t for t in item.triggers if t.form == "noun")
        verbs = tuple(t for t in item.triggers if t.form != "noun")
        is_noun = _reads_as_noun(before, after, item)
        result.append(replace(item, kind="T" if is_noun else "V", triggers=nouns if is_noun else verbs))
    return result


def drop_upkeep(items: list[Item]) -> list[Item]:
    """Make the deal of "upgrade contract", "support agreement" a service: no weapon changes hands."""
    return [
        replace(item, kind="B", triggers=())
        if item.kind == "T" and index and items[index - 1].word in UPKEEP and item.word in _DEALS
        else item
        for index, item in enumerate(items)
    ]


_DEALS = frozenset(
    {"contract", "contracts", "agreement", "agreements", "deal", "deals", "package", "order", "programme"}
)


def _is_no_verb(before: Item, item: Item) -> bool:
    """Whether a base form can't be a verb here: "are close", "the first block", "its arm"."""
    if any(t.form not in ("base", "noun", "s") for t in item.triggers):
        return False
    if WORD_KINDS.get(item.word) == "B" and all(t.form == "base" for t in item.triggers):
        return before.kind not in _VERB_BEFORE and before.word not in ("to", "not")  # "the first exercise of"
    return (
        (before.word in BE and " " not in item.word and item.word != "due")
        or before.kind in "DKET"
        or before.is_possessive
        or (before.kind == "P" and before.word not in ("to", "off"))
    )


def _reads_as_noun(before: Item | None, after: Item | None, item: Item) -> bool:  # noqa: PLR0911 - one return a rule
    """Whether a word that can be noun or verb is a noun between these neighbours."""
    if item.is_possessive:
        return True
    if before is not None:
        if before.kind == "I" and all(t.form in ("base", "noun") for t in item.triggers):
            return True
        if before.kind in _VERB_BEFORE or before.word in ("to", "not"):
            return False
        if before.kind in "AC" and not before.is_possessive and not before.is_adjective:
            return after is not None and after.word in ("of", "worth", "for")
        if before.kind == "V" and before.word.endswith(" to"):
            return False
        if before.kind in _NOUN_BEFORE or before.kind in "PTYV" or before.is_possessive:
            return True
        if before.word in BE or before.word in HAVE or before.kind == "R":
            return False
    if after is not None and after.word in _NOUN_AFTER:
        return True
    return before is not None and before.kind in "oK&"
