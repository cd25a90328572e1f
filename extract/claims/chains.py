"""Chains: rows of trigger words that make one predicate, such as "has agreed to buy"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.claims.frame_model import Chain
from extract.claims.triggers import FRAMES, Trigger
from extract.claims.words import BE

if TYPE_CHECKING:
    from extract.claims.clauses import Clause
    from extract.claims.items import Item


def join_chains(clause: Clause) -> list[Chain]:
    """Join trigger words to predicates."""
    items = clause.items
    chains: list[Chain] = []
    current: list[int] = []
    for index in range(clause.left, len(items)):
        if items[index].kind not in "VT":
            continue
        if current and not _continues(items, current, index):
            chains.append(_make_chain(items, current))
            current = []
        current.append(index)
    if current:
        chains.append(_make_chain(items, current))
    return chains


def _make_chain(items: list[Item], positions: list[int]) -> Chain:
    """Freeze a chain."""
    return Chain(tuple(positions), tuple(items[p].triggers[0] for p in positions))


def _continues(items: list[Item], current: list[int], index: int) -> bool:  # noqa: PLR0911 - one return a rule
    """Whether the trigger at ``index`` belongs to the predicate that ``current`` has begun."""
    last = current[-1]
    between = items[last + 1 : index]
    if any(i.kind in "Rv" for i in between):
        return False
    first, second = items[last].triggers[0], items[index].triggers[0]
    weapons = [i for i in between if i.kind == "W" and not i.is_blocked]
    if weapons and not (len(weapons) == 1 and weapons[0].is_premodifier and between[-1] is weapons[0]):
        return False
    if any(i.kind == "&" for i in between) and not (between and between[-1].kind == "X"):
        return first.form == "noun" and second.form == "noun" and len(between) <= 2
    if second.form == "noun":
        return True
    previous = items[index - 1]
    if previous.kind == "X":
        return first.form == "noun" or items[index - 2].word == "to"
    if previous.word in ("to", "for", "of", "on", "not"):
        return True
    if second.form in ("ed", "part", "ing") and first.form == "noun":
        return len(between) <= 4  # "the contract signed in March", "an order placed"
    return first.frame not in FRAMES and len(between) <= 2


def reach_of(items: list[Item], chains: list[Chain], number: int) -> int:
    """Where the parties of a chain end: at the next verb; "of an order for 100 to China" goes on."""
    for later in chains[number + 1 :]:
        first = later.positions[0]
        back = first - 1
        while back > 0 and items[back].kind in "DoKMEA":
            back -= 1
        if later.triggers[0].form != "noun" or items[back].kind != "P":
            return first
    return len(items)


_GETTING = frozenset({"receive", "get", "obtain", "take", "accept", "take in", "book"})


_ORDERED = frozenset({"order", "request", "commission"})


def find_core(chain: Chain) -> Trigger:
    """The trigger whose frame decides the roles: the last with roles of its own, deals last of all."""
    strong = [t for t in chain.triggers if t.frame in FRAMES and t.frame not in ("deal", "win", "place")]
    if strong:
        verbs = [t for t in strong if t.form != "noun"]
        last = strong[-1]
        if any(t.frame == "approve" and t.form == "noun" for t in chain.triggers):
            return last  # "gave its consent to the sale of"
        if verbs and verbs[-1].frame == "arrive" and verbs[-1].is_weak and last.form == "noun":
            return last  # "came away with a promise of"
        if verbs and last.form == "noun" and not (verbs[-1].lemma in _GETTING and last.lemma in _ORDERED):
            return verbs[-1]  # "has received a shipment of": who receives is told by the verb
        return last
    named = [t for t in chain.triggers if t.frame in FRAMES]
    return named[0] if named else chain.triggers[-1]


def is_state_of(items: list[Item], first: int) -> bool:
    """Whether a noun trigger is told of the weapon before it: "on order", "under contract", "subject of talks"."""
    before = items[first - 1] if first else None
    return before is not None and before.kind == "P" and before.word in ("on", "under", "for")


_BY_OR_FROM = frozenset(
    {
        "by",
        "from",
        "to",
        "in",
        "under",
        "for",
        "at",
        "on",
        "between",
        "as part of",
        "since",
        "via",
        "during",
        "until",
        "out of",
    }
)


def is_passive(items: list[Item], chain: Chain, core: Trigger) -> bool:  # noqa: PLR0911 - one return a rule
    """Whether the core is a passive verb or a participle that follows its weapon."""
    position = next(p for p, t in zip(chain.positions, chain.triggers, strict=True) if t is core)
    if core.form not in ("ed", "part"):
        return False
    index = position - 1
    while (
        index >= 0
        and items[index].kind in "oGY"
        and items[index].word.endswith(
            ("ly", "not", "also", "already", "been", "never", "since", "now", "still", "so", "far")
        )
    ):
        index -= 1
    before = items[index] if index >= 0 else None
    after = items[position + 1] if position + 1 < len(items) else None
    if before is not None and before.kind == "X":
        return before.word in BE
    if before is not None and before.kind == "F":
        return False
    ends = (
        after is None
        or after.kind in ",.;-:)S"
        or (after.kind == "P" and after.word in _BY_OR_FROM)
        or after.kind == "Y"
    )
    if not ends:
        return False
    if after is not None and after.kind == "Y" and position + 2 < len(items):
        after = items[position + 2]
    if before is None:
        return True  # "Ordered in 2019, the first ten have arrived"
    if before.kind in "WTNU" or before.word in ("them", "which"):
        return True
    if before.kind in ",(" and after is not None and (after.kind == "P" or items[position + 1].kind == "Y"):
        return True
    return before.kind in "oBKLY" and after is not None and after.word in ("by", "from")
