"""Before any stage: whether an article can name a weapon at all. Most news can't, and nothing else is done with it.

An automaton of the weapons' names alone seldom finds anything in everyday news, so it is far faster than the whole
lexicon's. Whatever ``recognise`` would count as a weapon passes; what passes is read in full and may still be refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import ahocorasick_rs

from extract.claims.fold import fold
from extract.claims.lexicon import WeaponTerm, load_lexicon
from extract.claims.recognise import read_bounded

_ENDINGS = " sem"  # what may follow a name that ends in a letter: nothing, or the plurals "s", "es" and "men"
_REACH = 80  # characters after a name that are searched for its type; longer than any type's name


@dataclass(frozen=True, slots=True)
class Gate:
    """The names that can make an article one about weapons.

    Attributes:
        automaton: finds folded names, each with a leading blank; all occurrences, overlapping ones too, since a
            name within a longer one may be the only one that the words bear out.
        readings: readings of each name as a weapon, in the automaton's order.
        is_open: whether a name ends in a digit, so that a variant's letters may follow, in the same order.
        is_sure: whether some reading needs no type beside it, in the same order.
        types: finds general types, each with a leading blank.
    """

    automaton: ahocorasick_rs.AhoCorasick
    readings: tuple[tuple[WeaponTerm, ...], ...]
    is_open: tuple[bool, ...]
    is_sure: tuple[bool, ...]
    types: ahocorasick_rs.AhoCorasick

    def may_name_weapon(self, text: str) -> bool:
        """Whether some weapon is named that alone, or with its type beside it, is no everyday word."""
        folded = fold(text)
        for pattern, start, stop in self.automaton.find_matches_as_indexes(f" {folded}", overlapping=True):
            end = stop - 1  # the blank before the text shifts all offsets by one
            if not self.is_open[pattern] and end < len(folded) and folded[end] not in _ENDINGS:
                continue
            found = read_bounded(text, folded, self.readings[pattern], start, end)
            if found is not None and (self.is_sure[pattern] or self._has_type(folded, end, found[2])):
                return True
        return False

    def _has_type(self, folded: str, end: int, stop: int) -> bool:
        """Whether a type may begin right after a name, with or without the variant between its end and ``stop``."""
        matches = self.types.find_matches_as_indexes(folded[end : stop + _REACH])
        return any(end + start <= stop for _, start, _ in matches)


@cache
def load_gate() -> Gate:
    """Compile the gate from the lexicon.

    Raises:
        ContractError: a seed is missing or broken.
    """
    lexicon = load_lexicon()
    names, readings, types = [], [], []
    for term, known in zip(lexicon.terms, lexicon.readings, strict=True):
        if any(isinstance(r, WeaponTerm) and r.entry.is_generic for r in known):
            types.append(f" {term}")
        telling = tuple(r for r in known if isinstance(r, WeaponTerm) and _tells(r))
        if telling:
            names.append(f" {term}")
            readings.append(telling)
    automaton = ahocorasick_rs.AhoCorasick(names, matchkind=ahocorasick_rs.MatchKind.Standard)
    return Gate(
        automaton,
        tuple(readings),
        tuple(name[-1].isdigit() for name in names),
        tuple(any(not term.needs_context for term in known) for known in readings),
        ahocorasick_rs.AhoCorasick(types),
    )


def _tells(term: WeaponTerm) -> bool:
    """Whether a name can count: an everyday type alone never does, an everyday name does before its type."""
    return not term.entry.is_generic or (not term.needs_context and term.entry.counts)
