"""Clauses of a sentence: where one predicate's reach ends, and what a relative clause refers to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.claims.words import SAYING

if TYPE_CHECKING:
    from extract.claims.items import Item


@dataclass(frozen=True, slots=True)
class Clause:
    """Items of a clause; those before ``left`` belong to the clause around it and hold the antecedent.

    Attributes:
        items: items in order.
        left: position of the first item of its own.
        is_relative: whether it is a relative clause.
        is_denied: whether someone denies what it says.
    """

    items: list[Item]
    left: int = 0
    is_relative: bool = False
    is_denied: bool = False


_ANTECEDENT = 10  # items before a relative pronoun that can hold what it refers to


def split_clauses(items: list[Item]) -> list[Clause]:
    """Split a sentence into clauses.

    A relative clause ends at the comma that closes it, or where the verb of the clause around it follows; the clause
    around it then goes on, so that "The tanks that Spain pledged have arrived" is "The tanks have arrived" and
    "(The tanks) that Spain pledged".

    Args:
        items: chunked items of a sentence.

    Returns:
        Clauses in order of their first own item.
    """
    clauses: list[Clause] = [Clause([])]
    stack = [clauses[0]]
    asides = _asides(items)
    for index, item in enumerate(items):
        current = stack[-1]
        if item.kind == "R" and current.items:
            opened = _open_relative(items, index, current)
            clauses.append(opened)
            if not opened.is_relative:
                stack = [opened]
            else:
                stack.append(opened)
            opened.items.append(item)
            continue
        if _is_hard(items, index, asides) or (item.kind in ",&" and _opens_clause(items, index, current)):
            opened = Clause([item])
            clauses.append(opened)
            stack = [opened]
            continue
        if current.is_relative and _closes_relative(items, index, current):
            stack.pop()
            current = stack[-1]
        current.items.append(item)
    return [clause for clause in clauses if len(clause.items) > clause.left]


def _open_relative(items: list[Item], index: int, current: Clause) -> Clause:
    """Open the clause of a relative pronoun; after a verb of saying "that" opens a clause of its own."""
    before = items[index - 1]
    if before.word in SAYING or before.kind in "Vv" or (before.kind == "Y" and items[index].word == "that"):
        denied = any(t.lemma == "deny" for t in before.triggers) or before.word in ("denied", "denies", "deny")
        return Clause([], is_denied=denied)
    prefix = current.items[-_ANTECEDENT:]
    return Clause(list(prefix), len(prefix), True)


def _closes_relative(items: list[Item], index: int, current: Clause) -> bool:
    """Whether the item goes on with the clause around a relative clause."""
    item = items[index]
    own = current.items[current.left :]
    has_verb = any(i.kind in "VvXF" for i in own)
    if item.kind == ",":
        return has_verb and not _in_list(items, index)
    if item.kind == "V" and any(i.kind == "V" for i in own) and item.triggers[0].form in ("ed", "past"):
        before = items[index - 1]
        after = items[index + 1] if index + 1 < len(items) else None
        return before.kind in "YAoW" and not before.is_adjective and not (after is not None and after.word == "by")
    if item.kind in "XF" and has_verb:
        before = items[index - 1]
        return before.kind not in "XFG&Rp" and before.word not in ("to", "not") and any(i.kind in "Vv" for i in own)
    return False


def _in_list(items: list[Item], index: int) -> bool:
    """Whether a comma separates alike things of a list inside the relative clause: "to Iran, Syria and Egypt"."""
    before = items[index - 1] if index else None
    after = items[index + 1] if index + 1 < len(items) else None
    if before is None or after is None or before.kind not in "AW":
        return False
    ahead = items[index + 1 : index + 6]
    return after.kind == before.kind and any(i.kind == "&" for i in ahead)


def _asides(items: list[Item]) -> set[int]:
    """Positions of paired dashes around a remark without a verb of its own: "sales – announced in May – had radars"."""
    dashes = [index for index, item in enumerate(items) if item.kind == "-"]
    found: set[int] = set()
    for first, second in itertools.pairwise(dashes):
        inside = items[first + 1 : second]
        if first and len(inside) <= 12 and not any(i.kind in "XFV" for i in inside):
            found |= {first, second}
    return found


def _is_hard(items: list[Item], index: int, asides: set[int]) -> bool:
    """Whether a mark or conjunction always opens a clause."""
    item = items[index]
    if item.kind in ";-:":
        return index not in asides
    return item.kind == "S" and not _joins_nouns(items, index)


def _joins_nouns(items: list[Item], index: int) -> bool:
    """Whether "as", "than" or "so" here only compares: "as many as", "more than", "as trainers"."""
    item = items[index]
    if item.word == "than":
        return True
    if item.word in ("as", "once", "so", "yet", "then"):
        ahead = items[index + 1 : index + 7]
        verbs = [i for i in ahead if i.kind in "VvXF"]
        subject = ahead and ahead[0].kind in "pACID"
        return not (verbs and subject and item.word in ("as", "so", "once"))
    return False


def _opens_clause(items: list[Item], index: int, current: Clause) -> bool:
    """Whether a comma or "and" here is followed by a subject with its own verb."""
    own = current.items[current.left :]
    if not any(i.kind in "VXFv" for i in own):
        return False
    position = index + 1
    if items[index].kind == "," and position < len(items) and items[position].kind == "&":
        position += 1
    if items[index].kind == "&" and index and items[index - 1].kind == ",":
        return False
    seen_subject = False
    after_preposition = False
    for item in items[position : position + 10]:
        if item.kind in "XFV" and seen_subject:
            return item.kind != "V" or _is_finite(item)
        if item.kind == "P" and (
            item.word in ("in", "on", "at", "from", "under", "by", "for", "of")
            and (not seen_subject or item.word == "of")
        ):
            after_preposition = True  # "and in August it agreed", "the first of which were"
        elif item.kind in "ACIWpLNTY":
            if item.kind in "AC" and (item.is_possessive or item.is_adjective):
                continue
            seen_subject = seen_subject or (item.kind != "Y" and not after_preposition)
            after_preposition = False
        elif item.kind in "DoKEU":
            continue
        elif item.kind == "v" and seen_subject:
            return not item.word.endswith("ing")
        else:
            return False
    return False


def _is_finite(item: Item) -> bool:
    """Whether a verb can be the predicate of a new subject; "supplied by" after a weapon is a participle."""
    return item.triggers[0].form in ("s", "past", "ed")
