"""First stage: one pass of the automaton over an article, and the readings that the context allows."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extract.claims.fold import fold
from extract.claims.lexicon import (
    ActorTerm,
    Case,
    CompanyTerm,
    Lexicon,
    Reading,
    WeaponTerm,
)
from extract.claims.model import Actor, ArticleText, FieldName, WeaponEntry
from extract.claims.triggers import Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Mention:
    """A term of the lexicon in a field, with the reading that the context chose.

    Attributes:
        start: offset of the first character in the field.
        end: offset after the last character, plural and variant included.
        actor: the actor, for names of actors.
        actor_kind: alias kind of the name.
        company: the company's name; ``actor`` is then its state.
        weapon: the weapon.
        designation: the weapon as it is called in the claim.
        is_plural: whether the weapon's name has a plural ending.
        triggers: readings as a trigger word.
        phrase: kind of a function phrase.
    """

    start: int
    end: int
    actor: Actor | None = None
    actor_kind: str = ""
    company: str | None = None
    weapon: WeaponEntry | None = None
    designation: str = ""
    is_plural: bool = False
    triggers: tuple[Trigger, ...] = ()
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Recognised:
    """Mentions of both fields, and what the whole article says about them.

    Attributes:
        mentions: mentions by field, in order.
        folded: folded text by field.
        countries: how often each actor code is named without doubt.
        weapon_hits: how many mentions are weapons without doubt.
        trigger_hits: how many mentions are trigger words.
    """

    mentions: dict[FieldName, tuple[Mention, ...]]
    folded: dict[FieldName, str]
    countries: Counter[str]
    weapon_hits: int
    trigger_hits: int


# What may follow a designation that ends in a digit: letters and digits of a variant ("MKI", "A4", "/D", "-30").
_VARIANT_DIGIT = re.compile(
    r"(?:[A-Z][A-Za-z]{0,4}\d{0,2}[A-Za-z]{0,3}|[a-rt-z](?![a-z]))?(?:[/-][A-Z0-9][A-Za-z0-9]{0,5})*(?:\.\d)?(?=s?\b|s’|s')"
)
# What may follow one that ends in a letter: a version of its own ("Gripen E/F", "Hawk 120", "Rafale F3-R").
_VARIANT_WORD = re.compile(
    r"(?:[ -](?:Mk\.?[ -]?|Mod\.?[ -]?|Block[ -]?)?(?:\d{1,4}(?:[./-]\d{1,4})?[A-Z]{0,3}\d?(?![\w,]|\.\d)|"
    r"[IVX]{1,4}(?![\w])|[A-Z]\d{0,2}(?:[/-][A-Z]\d?)*(?![\w.’'])))"
)
_TAIL = re.compile(
    r"[ -](?:Mk\.?[ -]?|Mod\.?[ -]?|Block[ -]?)(?:\d{1,3}[A-Z]?(?:[/-]\d{1,3}[A-Z]?)?|[IVX]{1,4})(?!\w)", re.I
)
_PLURAL = re.compile(r"(?:s|es)(?=\b)")
_GENERIC_PLURAL = re.compile(r"s|es|men")


def _fits_case(text: str, start: int, end: int, case: Case) -> bool:
    """Whether the words as written can be the term: "turkey" is no country, "us" no state."""
    if case == "any":
        return True
    if case == "capital":
        return text[start].isupper() or text[start].isdigit()
    written = text[start:end]
    return all(not c.isalpha() or c.isupper() for c in written)


def recognise(article: ArticleText, lexicon: Lexicon) -> Recognised:
    """Find the terms of the lexicon in an article and choose their readings.

    Args:
        article: the article.
        lexicon: compiled lexicon.

    Returns:
        Mentions by field. Doubtful readings (Georgia, Tiger, Patriot) are kept where the article supports them.
    """
    folded: dict[FieldName, str] = {"title": fold(article.title), "text": fold(article.text)}
    texts: dict[FieldName, str] = {"title": article.title, "text": article.text}
    mentions: dict[FieldName, list[tuple[list[Reading], int, int, bool, str]]] = {"title": [], "text": []}
    countries: Counter[str] = Counter()
    weapon_hits = trigger_hits = 0
    for name, string in folded.items():
        for kept in _scan(texts[name], string, lexicon):
            mentions[name].append(kept)
            for reading in kept[0]:
                if isinstance(reading, ActorTerm) and not reading.needs_context and len(kept[0]) == 1:
                    countries[reading.actor.code] += 3 if name == "title" else 1
                elif isinstance(reading, WeaponTerm) and not reading.needs_context and reading.entry.counts:
                    weapon_hits += 1
                elif isinstance(reading, Trigger):
                    trigger_hits += 1
    weapon_hits += _soft_hits(mentions)
    result: dict[FieldName, tuple[Mention, ...]] = {}
    for name, listed in mentions.items():
        chosen = (_choose(texts[name], item, article.year, countries, weapon_hits) for item in listed)
        result[name] = tuple(mention for mention in chosen if mention is not None)
    return Recognised(result, folded, countries, weapon_hits, trigger_hits)


def _soft_hits(mentions: dict[FieldName, list[tuple[list[Reading], int, int, bool, str]]]) -> int:
    """Everyday names right before an everyday type, as "Typhoon jets": together they are no chance."""
    hits = 0
    for listed in mentions.values():
        for first, second in itertools.pairwise(listed):
            if second[1] - first[2] > 1:
                continue
            names = [r for r in first[0] if isinstance(r, WeaponTerm) and not r.entry.is_generic]
            types = {r.entry.category for r in second[0] if isinstance(r, WeaponTerm) and r.entry.is_generic}
            hits += any(name.entry.category in types for name in names)
    return hits


_APART = re.compile(r"[A-Za-z]+\s\d")


def read_bounded(
    text: str, folded: str, readings: Sequence[Reading], start: int, end: int
) -> tuple[list[Reading], int, int, bool, str] | None:
    """Check case and the end of the word; extend weapons by plural and variant.

    Returns:
        Readings that fit, start, end, whether a plural ending follows, and the variant's letters; or None.
    """
    kept: list[Reading] = []
    stop = end
    plural = False
    variant = ""
    free = end >= len(folded) or folded[end] == " "
    for reading in readings:
        if isinstance(reading, WeaponTerm):
            if not _fits_case(text, start, end, reading.case) or (reading.is_joined and _APART.match(text, start)):
                continue
            extended = _extend(text, folded, end, free=free, takes_variant=reading.takes_variant)
            if extended is None:
                continue
            kept.append(reading)
            stop, plural, variant = extended
        elif not free:
            continue
        elif isinstance(reading, ActorTerm | CompanyTerm):
            if _fits_case(text, start, end, reading.case):
                kept.append(reading)
        else:
            kept.append(reading)
    return (kept, start, stop, plural, variant) if kept else None


_Fitting = tuple[list[Reading], int, int, bool, str]
_LEAST = 3  # letters of a term that a longer one hides
_AHEAD = 60  # characters after a hidden term that are scanned again; longer than any term but a few


def _scan(text: str, folded: str, lexicon: Lexicon) -> Iterator[_Fitting]:
    """Terms of a field that fit case and word ends, in order.

    A longer term that ends inside a word gives way to a shorter one, and to those that it swallowed: of "Cougar
    helicopters" the automaton sees "Cougar H".
    """
    done = 0
    for pattern, start, end in lexicon.automaton.find_matches_as_indexes(" " + folded):
        # The pattern's leading blank stands for the text before the field, so offsets fit after the blank.
        if start < done:
            continue
        kept = read_bounded(text, folded, lexicon.readings[pattern], start, end - 1)
        if kept is not None:
            yield kept
            continue
        kept = _shorter(text, folded, lexicon.terms, start, end - 1)
        if kept is not None:
            yield kept
        again = kept[2] if kept is not None else folded.find(" ", start, end - 1)
        if again < 0:
            continue
        for inner, first, last in lexicon.automaton.find_matches_as_indexes(folded[again : end + _AHEAD]):
            if again + first >= end - 1:
                break
            found = read_bounded(text, folded, lexicon.readings[inner], again + first + 1, again + last)
            if found is not None:
                done = found[2]
                yield found


def _shorter(text: str, folded: str, terms: dict[str, tuple[Reading, ...]], start: int, end: int) -> _Fitting | None:
    """The longest term that fits where a longer one ends inside a word: "Pantsir" in "Pantsir systems"."""
    for stop in range(end - 1, start + _LEAST - 1, -1):
        readings = terms.get(folded[start:stop])
        kept = read_bounded(text, folded, readings, start, stop) if readings else None
        if kept is not None:
            return kept
    return None


def _extend(text: str, folded: str, end: int, *, free: bool, takes_variant: bool) -> tuple[int, bool, str] | None:
    """Return the end of a weapon's name with variant and plural, or None if the word goes on otherwise."""
    stop = end
    if takes_variant and text[end - 1].isdigit():
        match = _VARIANT_DIGIT.match(text, end)
        if match:
            stop = match.end()
            if stop - end > 1 and text[stop - 1] == "s" and text[stop - 2].isupper():  # "E-3As"
                stop -= 1
    elif takes_variant and free:
        match = _VARIANT_WORD.match(text, end)
        if match:
            stop = match.end()
    if takes_variant and (stop >= len(folded) or folded[stop] == " "):
        match = _TAIL.match(text, stop)
        if match:
            stop = match.end()
    variant = text[end:stop]
    if stop >= len(folded) or folded[stop] == " ":
        return stop, False, variant
    match = (_PLURAL if takes_variant else _GENERIC_PLURAL).match(folded, stop)
    if match and (match.end() >= len(folded) or folded[match.end()] == " "):
        return match.end(), True, variant
    return None


_PERSON_BEFORE = re.compile(r"(?:\b[A-Z][a-z]+|\b[A-Z]\.)\s\Z")
_SURNAME_AFTER = re.compile(r"\s[A-Z][a-z]+")
_US_STATE = re.compile(r"[A-Za-z]\w+,\s\Z")


def _choose(
    text: str,
    item: tuple[list[Reading], int, int, bool, str],
    year: int | None,
    countries: Counter[str],
    weapon_hits: int,
) -> Mention | None:
    """Choose one reading of each sort; a verb or noun keeps all its trigger readings."""
    readings, start, end, plural, _ = item
    weapons = [
        r
        for r in readings
        if isinstance(r, WeaponTerm)
        and (not r.needs_context or (weapon_hits and not _is_name_of_other(text, start, end, r)))
    ]
    actors = [r for r in readings if isinstance(r, ActorTerm)]
    if actors and not text.startswith(("-class", " class"), end):
        weapons = []  # Canberra, Hamburg: a capital before it is a ship
    if weapons:
        term = min(
            weapons,
            key=lambda r: (-countries[r.entry.origin or ""], r.needs_context, r.entry.designation != r.entry.family),
        )
        entry = term.entry
        if entry.needs_context != term.needs_context:
            entry = replace(entry, needs_context=term.needs_context)
        name = entry.designation if entry.is_generic else _shown(entry, text[start:end], plural=plural)
        if _is_verb_here(text, start, readings):
            return Mention(start, end, triggers=tuple(r for r in readings if isinstance(r, Trigger)))
        return Mention(start, end, weapon=entry, designation=name, is_plural=plural)
    companies = [r for r in readings if isinstance(r, CompanyTerm)]
    if actors and not (companies and not weapon_hits):
        actor = _choose_actor(text, (start, end), actors, year, countries)
        if actor is not None:
            return Mention(start, end, actor=actor.actor, actor_kind=actor.kind)
    if companies:
        firm = max(companies, key=lambda r: (not r.needs_context, countries[r.code]))
        if not firm.needs_context or weapon_hits:
            return Mention(start, end, actor=Actor(firm.code, "state"), actor_kind="company", company=firm.name)
    triggers = tuple(r for r in readings if isinstance(r, Trigger))
    phrase = next((r for r in readings if isinstance(r, str)), "")
    if triggers or phrase:
        return Mention(start, end, triggers=triggers, phrase=phrase)
    return None


def _shown(entry: WeaponEntry, written: str, *, plural: bool) -> str:
    """The designation of a claim: the commonest form where the words are part of it, else as written."""
    name = written.removesuffix("s") if plural else written
    plain = fold(name).replace(" ", "")
    common = fold(entry.designation).replace(" ", "")
    if (
        set(fold(name).split()) <= set(fold(entry.designation).split())
        or plain == common
        or (common.removesuffix("class") in plain and not any(c.isdigit() for c in plain))
        or name.startswith("Sukhoi")
    ):
        return entry.designation
    if name.count(" ") > 1 and not any(c.isdigit() for c in name):  # a name spelled out in full
        return entry.designation
    return name


_NAME_AFTER = re.compile(r"\s(?!Block|Mk|Mod|Type)[A-Z][a-z]{2,}")


def _is_name_of_other(text: str, start: int, end: int, term: WeaponTerm) -> bool:
    """Whether an everyday name belongs to something else: "Typhoon Hagibis", "Harpoon Brewery"."""
    if term.entry.is_generic:
        return False
    return _NAME_AFTER.match(text, end) is not None or not text[start].isupper()


_VERB_BEFORE = re.compile(
    r"\b(?:to|will|would|can|could|may|might|must|should|also|not|has|have|had|(?!The|This|That|These|Its|Their|His|Her|Our|Each|Both|New|All|An|No)[A-Z][a-z]+|they|it|we)\s\Z"
)


def _is_verb_here(text: str, start: int, readings: list[Reading]) -> bool:
    """Whether a word that is a weapon or a verb ("ships", "arms") is the verb: after a name or an auxiliary."""
    if not any(isinstance(r, Trigger) for r in readings):
        return False
    return _VERB_BEFORE.search(text[max(0, start - 14) : start]) is not None


def _choose_actor(
    text: str, span: tuple[int, int], actors: list[ActorTerm], year: int | None, countries: Counter[str]
) -> ActorTerm | None:
    """The actor that a name means here, or None where it is a person, another place or a bird."""
    start, end = span
    when = year or 2000
    valid = [a for a in actors if a.first_year <= when <= a.last_year] or actors
    best = max(valid, key=lambda a: (countries[a.actor.code], not a.needs_context, a.actor.kind == "state"))
    if not best.needs_context or countries[best.actor.code]:
        return best
    if best.kind in ("abbreviation", "armed_service", "capital", "city", "leader_office") and best.case == "upper":
        return None
    before = text[max(0, start - 24) : start]
    if best.kind == "name" and (_PERSON_BEFORE.search(before) or _US_STATE.search(before)):
        return None
    if best.kind == "name" and _SURNAME_AFTER.match(text, end):
        return None
    return best
