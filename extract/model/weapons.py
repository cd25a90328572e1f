"""Weapons of an answer as designations, families and categories of the seeds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from extract.claims.fold import fold_term
from warehouse.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import Iterator

_GLUE = re.compile(r"(?<=[^\W\d_]) (?=\d)|(?<=\d) (?=[^\W\d_](?:\b|\d))")
_MIN_KEY = 2


@dataclass(frozen=True)
class Weapon:
    """A weapon system or type.

    Attributes:
        designation: commonest form of the seed, the version as told, or the type in lower case.
        family: what its versions share.
        category: category.
        origin: code of the state it comes from, if a seed knows.
        counts: whether its transfer is a transfer of arms; ammunition's is not.
        is_type: whether only a type is told.
    """

    designation: str
    family: str
    category: str
    origin: str | None = None
    counts: bool = True
    is_type: bool = False


@dataclass(frozen=True)
class _Index:
    """Weapons by key, keys by family, types by folded name; ``longest`` is the length of the longest key."""

    weapons: dict[str, tuple[Weapon, ...]]
    keys: dict[str, tuple[str, ...]]
    types: dict[str, Weapon]
    longest: int


def resolve_weapon(designation: str, text: str, category: str, *, article_key: str) -> Weapon:
    """Resolve a weapon of an answer.

    The designation decides if the article names it in any spelling, else the words of the article do; a type may also
    be named otherwise than the article does. What no seed knows stands for itself, in the category of the answer.

    Args:
        designation: commonest form, as the answer has it.
        text: as the article writes it.
        category: category of the answer; it also decides between namesakes.
        article_key: key of title and text, see `make_key`.
    """
    by_designation, by_text = find_weapon(designation, category), find_weapon(text, category)
    if by_designation and not by_designation.is_type and _is_named(by_designation, article_key):
        return by_designation
    if by_text and (not by_text.is_type or by_designation is None or not by_designation.is_type):
        return by_text
    if by_designation and by_designation.is_type:
        return by_designation
    shown = designation if f" {make_key(designation)} " in f" {article_key} " else text
    return Weapon(shown, shown, category)


def find_weapon(name: str, category: str) -> Weapon | None:
    """Find a weapon or type of the seeds in a name; a version may stand behind a designation.

    Args:
        name: designation or type.
        category: decides between namesakes.

    >>> find_weapon("F-16C Block 70", "aircraft").family, find_weapon("patrol boats", "ship").family
    ('F-16', 'patrol craft')
    >>> find_weapon("155 mm artillery shells", "other").counts
    False
    >>> find_weapon("Zorn 9", "missile")
    """
    index = _load_index()
    plain, found = _find_type(name, index), _find_designation(name, category, index)
    if plain is not None and (found is None or name == name.lower()):
        return plain
    if found is None:
        return _find_head(name, index)
    is_whole = make_key(name) in {make_key(found.designation), make_key(found.family)}
    return found if is_whole or not re.search(r"\d", name) else replace(found, designation=name)


def _is_named(weapon: Weapon, article_key: str) -> bool:
    """Whether an article names a weapon of the seeds by any of its names."""
    return any(
        _ends_name(article_key, match.end())
        for key in _load_index().keys.get(weapon.family, ())
        for match in re.finditer(rf"(?<![^ ]){re.escape(key)}", article_key)
    )


def make_key(name: str) -> str:
    """Return what all spellings of a designation share.

    >>> make_key("M-113"), make_key("M 113"), make_key("Su-30 MKI"), make_key("Leopard 2A4"), make_key("Type 054A/P")
    ('m113', 'm113', 'su30 mki', 'leopard2a4', 'type054a p')
    """
    return _GLUE.sub("", fold_term(name))


def _find_type(name: str, index: _Index) -> Weapon | None:
    return next((index.types[key] for key in _singulars(fold_term(name)) if key in index.types), None)


def _find_head(name: str, index: _Index) -> Weapon | None:
    """Find the type at the end of a name without capitals: "155 mm shell" is a shell, "Zorn 9 missile" is a Zorn 9."""
    words = name.split()
    starts = range(1, len(words)) if name == name.lower() else ()
    heads = (_find_type(" ".join(words[start:]), index) for start in starts)
    return next((head for head in heads if head is not None), None)


def _find_designation(name: str, category: str, index: _Index) -> Weapon | None:
    """Find the longest name of the seeds that stands in a name at the start of a word, with a version behind or not."""
    key = make_key(name)
    starts = [0, *(match.end() for match in re.finditer(" ", key))]
    for length in range(min(len(key), index.longest), _MIN_KEY - 1, -1):
        for start in starts:
            head = key[start : start + length]
            if len(head) == length and head in index.weapons and _ends_name(key, start + length):
                namesakes = index.weapons[head]
                return next((weapon for weapon in namesakes if weapon.category == category), namesakes[0])
    return None


def _ends_name(key: str, end: int) -> bool:
    """Whether a name can end here: before a blank, or between a digit and a letter: F-16 in F-16C, not M1 in M113."""
    rest = key[end : end + 1]
    return rest in ("", " ") or key[end - 1].isdigit() != rest.isdigit()


def _singulars(key: str) -> Iterator[str]:
    yield key
    for plural, singular in (("ies", "y"), ("s", ""), ("es", ""), ("men", "man")):
        if key.endswith(plural):
            yield key.removesuffix(plural) + singular


@cache
def _load_index() -> _Index:
    weapons: dict[str, list[Weapon]] = {}
    for row in read_seed("weapons").to_pylist():
        origin = row["origin_country_code"]
        weapon = Weapon(row["designation"], row["weapon_family"], row["weapon_category"], origin)
        for name in [row["designation"], *_split(row["aliases"])]:
            known = weapons.setdefault(make_key(name), [])
            if weapon not in known:
                known.append(weapon)
    keys: dict[str, set[str]] = {}
    for key, namesakes in weapons.items():
        for weapon in namesakes:
            keys.setdefault(weapon.family, set()).add(key)
    types: dict[str, Weapon] = {}
    for row in read_seed("weapon_types").to_pylist():
        name, counts = row["weapon_type"], row["counts_as_transfer"] == "true"
        weapon = Weapon(name, name, row["weapon_category"], counts=counts, is_type=True)
        for alias in [name, *_split(row["aliases"])]:
            for spelled in _british_and_american(alias):
                types.setdefault(fold_term(spelled), weapon)
    return _Index(
        {key: tuple(found) for key, found in weapons.items()},
        {family: tuple(sorted(found)) for family, found in keys.items()},
        types,
        max(map(len, weapons)),
    )


def _split(cell: str | None) -> list[str]:
    return [name for name in (cell or "").split("|") if name]


def _british_and_american(name: str) -> set[str]:
    pairs = (("armoured", "armored"), ("defence", "defense"), ("calibre", "caliber"), ("manoeuv", "maneuv"))
    forms = {name}
    for british, american in pairs:
        forms |= {form.replace(british, american) for form in forms}
        forms |= {form.replace(american, british) for form in forms}
    return forms
