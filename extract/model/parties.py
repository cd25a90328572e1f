"""Parties of an answer as codes of the seeds: by the article's own words first, never by likeness."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from extract.claims.fold import fold_term
from warehouse.reference import read_seed

if TYPE_CHECKING:
    from extract.model.grounding import Reading

_MAX_WORDS = 9
"""Words of the longest name looked for; no alias of the seeds is longer."""


@dataclass(frozen=True)
class Party:
    """A party that the article names.

    Attributes:
        text: as written; None where the answer gives no words of the article.
        code: code of the seed.
        kind: actor type of the seed.
    """

    text: str | None
    code: str
    kind: str


@dataclass(frozen=True)
class NoParty:
    """Why a party can't be believed; ``reason`` ends the name of the refusal: ``supplier_unknown``."""

    reason: Literal["unknown", "ambiguous", "conflict", "not_in_article"]
    detail: str


@dataclass(frozen=True)
class _Names:
    """Seeds by name and code.

    Attributes:
        codes: folded name -> (code, first year, last year) of all that it can mean.
        names: code -> folded names.
        kinds: code -> actor type.
    """

    codes: dict[str, tuple[tuple[str, int, int], ...]]
    names: dict[str, tuple[str, ...]]
    kinds: dict[str, str]


def resolve_party(
    text: str | None, code: str | None, reading: Reading, *, origin: str | None = None
) -> Party | NoParty:
    """Resolve one party of an answer.

    Words of the article decide; the code decides among what they can mean. Without words, or with words that no seed
    knows ("the kingdom"), the code holds if the article names that party at all, or if it is the weapon's origin.

    Args:
        text: the party as the answer quotes it.
        code: its code, or its name.
        reading: the article.
        origin: code of the state that the weapon comes from, for a supplier.
    """
    known = _load_names()
    quoted = text if text and reading.names(text) else None
    told = _find_code(code, known)
    meant = _meanings(quoted, reading.article.year, known) if quoted else frozenset()
    if quoted and meant:
        return _decide(quoted, code, told, meant, known)
    if told is None:
        return NoParty("unknown", f"no seed knows {code or text!r}")
    if told != origin and not any(f" {name} " in reading.folded for name in known.names.get(told, ())):
        return NoParty("not_in_article", f"the article names no {told}")
    return Party(quoted, told, known.kinds[told])


def _decide(quoted: str, code: str | None, told: str | None, meant: frozenset[str], known: _Names) -> Party | NoParty:
    """Choose among what the article's words can mean."""
    words = " or ".join(sorted(meant))
    if code and told not in meant:
        return NoParty("conflict", f"{quoted!r} means {words}, the answer says {code!r}")
    if told is None and len(meant) > 1:
        return NoParty("ambiguous", f"{quoted!r} can mean {words}")
    chosen = told or next(iter(meant))
    return Party(quoted, chosen, known.kinds[chosen])


def _find_code(code: str | None, known: _Names) -> str | None:
    """Return the code that is meant, where a name stands in its place too."""
    if not code or code in known.kinds:
        return code or None
    meant = {one for one, _, _ in known.codes.get(fold_term(code), ())}
    return meant.pop() if len(meant) == 1 else None


def _meanings(text: str, year: int | None, known: _Names) -> frozenset[str]:
    """Return the codes that the longest name in a text can mean."""
    words = fold_term(text).split()
    for length in range(min(len(words), _MAX_WORDS), 0, -1):
        found: set[str] = set()
        for start in range(len(words) - length + 1):
            readings = known.codes.get(" ".join(words[start : start + length]), ())
            valid = {code for code, first, last in readings if year is None or first <= year <= last}
            found |= valid or {code for code, _, _ in readings}
        if found:
            return frozenset(found)
    return frozenset()


@cache
def _load_names() -> _Names:
    codes: dict[str, list[tuple[str, int, int]]] = {}
    countries = read_seed("countries").to_pylist()
    kinds = {row["country_code"]: row["actor_type"] for row in countries if row["actor_type"] != "unknown"}

    def add(name: str, code: str, first: str | None = None, last: str | None = None) -> None:
        reading = (code, int(first or 0), int(last or 9999))
        key = fold_term(name.removeprefix("The "))
        if key and code in kinds and reading not in codes.setdefault(key, []):
            codes[key].append(reading)

    for row in countries:
        add(row["country_name"], row["country_code"])
    for row in read_seed("country_aliases").to_pylist():
        add(row["alias"], row["country_code"], row["valid_from"], row["valid_to"])
    for row in read_seed("companies").to_pylist():
        states = [row["country_code"], *(row["alt_country_codes"] or "").split("|")]
        for name in [row["company_name"], *(row["aliases"] or "").split("|")]:
            for state in states:
                add(name, state)
    names: dict[str, list[str]] = {}
    for key, readings in codes.items():
        for code in {code for code, _, _ in readings}:
            names.setdefault(code, []).append(key)
    return _Names(
        {key: tuple(readings) for key, readings in codes.items() if readings},
        {code: tuple(keys) for code, keys in names.items()},
        kinds,
    )
