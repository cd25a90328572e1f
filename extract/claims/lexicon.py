"""The lexicon: seeds and trigger words compiled into one multi-pattern automaton over folded text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

import ahocorasick_rs

from extract.claims.fold import fold_term
from extract.claims.model import Actor, WeaponEntry
from extract.claims.triggers import Trigger, load_triggers
from extract.claims.words import PHRASES, WORD_KINDS
from warehouse.reference import read_seed

Case = Literal["any", "capital", "upper"]


@dataclass(frozen=True, slots=True)
class ActorTerm:
    """One reading of a name of an actor.

    Attributes:
        actor: who is meant.
        kind: alias kind of the seed (name, demonym, capital, armed_service, …).
        case: how the term must be written in running text.
        needs_context: whether it is also an everyday word or another place.
        first_year: first year in which the name means this actor.
        last_year: last year.
    """

    actor: Actor
    kind: str
    case: Case
    needs_context: bool
    first_year: int
    last_year: int


@dataclass(frozen=True, slots=True)
class CompanyTerm:
    """One reading of a company's name; ``code`` is the state it stands for."""

    name: str
    code: str
    others: tuple[str, ...]
    case: Case
    needs_context: bool


@dataclass(frozen=True, slots=True)
class WeaponTerm:
    """One reading of a weapon's name or type.

    Attributes:
        entry: the weapon.
        case: how the term must be written.
        needs_context: whether it is also an everyday word.
        takes_variant: whether letters and numbers of a version may follow.
        is_joined: whether its letters and digits must not be two words: "A-37", but not "a 37".
    """

    entry: WeaponEntry
    case: Case
    needs_context: bool
    takes_variant: bool
    is_joined: bool = False


Reading = ActorTerm | CompanyTerm | WeaponTerm | Trigger | str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Compiled lexicon.

    Attributes:
        automaton: finds folded terms, each with a leading blank.
        readings: readings of each pattern, in the automaton's order.
        terms: readings of each folded term.
        actors: actor of each code.
        home: state that an actor of another kind belongs to.
    """

    automaton: ahocorasick_rs.AhoCorasick
    readings: tuple[tuple[Reading, ...], ...]
    terms: dict[str, tuple[Reading, ...]]
    actors: dict[str, Actor]


def _names(cell: str | None) -> list[str]:
    """Split a cell of names."""
    return [name.strip() for name in (cell or "").split("|") if name.strip()]


def _case(name: str) -> Case:
    """How a term must be written: abbreviations in capitals, names with a capital, others freely."""
    letters = [c for c in name if c.isalpha()]
    if letters and all(c.isupper() for c in letters) and len(letters) <= 5:
        return "upper"
    return "capital" if any(c.isupper() for c in letters) else "any"


@cache
def load_lexicon() -> Lexicon:
    """Read the seeds and compile the automaton.

    Raises:
        ContractError: a seed is missing or broken.
    """
    terms: dict[str, list[Reading]] = {}
    actors = _add_actors(terms)
    _add_companies(terms)
    _add_weapons(terms)
    for word, triggers in load_triggers().items():
        for trigger in triggers:
            _add(terms, word, trigger)
    for phrase, kind in PHRASES.items():
        _add(terms, phrase, kind)
    keys = sorted(terms)
    automaton = ahocorasick_rs.AhoCorasick(
        [f" {key}" for key in keys], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
    )
    readings = tuple(tuple(terms[key]) for key in keys)
    return Lexicon(automaton, readings, dict(zip(keys, readings, strict=True)), actors)


def _add(terms: dict[str, list[Reading]], name: str, reading: Reading) -> None:
    """Add one reading under the folded name."""
    key = fold_term(name)
    if len(key) < 2 and not isinstance(reading, str):
        return
    known = terms.setdefault(key, [])
    if reading not in known:
        known.append(reading)


def _add_actors(terms: dict[str, list[Reading]]) -> dict[str, Actor]:
    """Add the names of states, organisations and armed groups."""
    kinds = {row["country_code"]: row["actor_type"] for row in read_seed("countries").to_pylist()}
    actors = {code: Actor(code, kind) for code, kind in kinds.items()}
    for row in read_seed("country_aliases").to_pylist():
        actor = actors.get(row["country_code"]) or Actor(row["country_code"], "state")
        reading = ActorTerm(
            actor,
            row["alias_kind"],
            _case(row["alias"]),
            row["needs_context"] == "true",
            int(row["valid_from"] or 0),
            int(row["valid_to"] or 9999),
        )
        for name in _with_ampersand(row["alias"].removeprefix("The ")):
            _add(terms, name, reading)
    return actors


def _add_companies(terms: dict[str, list[Reading]]) -> None:
    """Add the names of companies."""
    for row in read_seed("companies").to_pylist():
        for name in [row["company_name"], *_names(row["aliases"])]:
            reading = CompanyTerm(
                row["company_name"],
                row["country_code"],
                tuple(_names(row["alt_country_codes"])),
                "capital",
                row["needs_context"] == "true" and (" " not in name),
            )
            for spelled in _with_ampersand(name):
                _add(terms, spelled, reading)


def _with_ampersand(name: str) -> list[str]:
    """Names with "&" are also written with "and"."""
    return [name, name.replace("&", "and")] if "&" in name else [name]


_LETTER_DIGIT = re.compile(r"(?<=[a-z]) (?=\d)")
_CALENDAR = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)
# Designations whose letters are an English word: "A-37" is one, "a 37" is not.
_WORDLIKE = re.compile(r"(?:a|i|as|at|in|on|of|no|is|to|by|it|or|so|an|am|me|my|we|us|up|do|go|he|be)-?\d")
_SHORT = re.compile(r"[a-z]\d")
_GLUED = re.compile(r"(?<![a-z0-9])([a-z]{1,6})(?=\d)")


def spellings(name: str) -> list[str]:
    """Folded spellings of a designation: M113 = M-113 = M 113.

    >>> spellings("F-16 Fighting Falcon"), spellings("M113")
    (['f 16 fighting falcon', 'f16 fighting falcon'], ['m113', 'm 113'])
    """
    folded = fold_term(name)
    forms = [folded]
    for form in (_LETTER_DIGIT.sub("", folded, count=1), _GLUED.sub(r"\1 ", folded, count=1)):
        if form not in forms and not _SHORT.fullmatch(form):  # "F4" is a version of many things
            forms.append(form)
    return forms


_BRITISH = (("armoured", "armored"), ("defence", "defense"), ("calibre", "caliber"), ("manoeuv", "maneuv"))


def _type_forms(alias: str) -> list[str]:
    """Singular, plural and American forms of a generic type."""
    forms = [alias]
    for british, american in _BRITISH:
        forms += [form.replace(british, american) for form in forms if british in form]
        forms += [form.replace(american, british) for form in forms if american in form]
    forms += [form.replace("anti-", "anti") for form in forms if form.startswith("anti-")]
    forms += [form[:-1] + "ies" for form in forms if form.endswith("y") and form[-2:-1] not in "aeiou"]
    # a plural that is a verb too ("ships") needs a pattern of its own; an abbreviation's small "s" is a plural ending
    if " " not in alias and not alias.isupper():
        forms += [form + "s" for form in forms if not form.endswith("s")]
    return list(dict.fromkeys(forms))


def _add_weapons(terms: dict[str, list[Reading]]) -> None:
    """Add designations with their spellings, then generic types."""
    for row in read_seed("weapons").to_pylist():
        ambiguous = set(_names(row.get("context_names")))
        entry = WeaponEntry(
            row["designation"],
            row["weapon_family"],
            row["weapon_category"],
            generic_type=row["weapon_type"],
            origin=row["origin_country_code"],
        )
        for name in [row["designation"], *_names(row["aliases"])]:
            has_digit = any(c.isdigit() for c in name)
            needs = name in ambiguous if ambiguous else row["needs_context"] == "true" and not has_digit
            case: Case = "upper" if needs and name.isupper() and not has_digit else _case(name)
            case = "capital" if case == "upper" and not needs else case
            joined = _WORDLIKE.match(name.lower()) is not None
            forms = spellings(name)
            if fold_term(name) in _CALENDAR:
                continue
            if name.startswith("Su-"):
                forms += spellings(name.replace("Su-", "Sukhoi-", 1))
            for form in forms:
                _add(terms, form, WeaponTerm(entry, case, needs, True, joined))
    for row in read_seed("weapon_types").to_pylist():
        entry = WeaponEntry(
            row["weapon_type"],
            row["weapon_type"],
            row["weapon_category"],
            generic_type=row["weapon_type"],
            is_generic=True,
            counts=row["counts_as_transfer"] == "true",
        )
        for name in [row["weapon_type"], *_names(row["aliases"])]:
            if not entry.counts and WORD_KINDS.get(fold_term(name), "B") != "B":
                continue  # "shipyard" is a firm before it is infrastructure
            case = "upper" if name.isupper() else "any"
            for form in _type_forms(name):
                _add(terms, form, WeaponTerm(entry, case, row["needs_context"] == "true", False))
