"""Phrases of weapons: count, condition, owners and makers before a weapon, and services around it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.counts import Count
from extract.claims.words import COUNTING_UNITS, GROUP_SIZES, MODERNISED, NEW, SECOND_HAND

if TYPE_CHECKING:
    from extract.claims.items import Item
    from extract.claims.model import Actor


def block_services(items: list[Item]) -> list[Item]:
    """Mark weapons that only say what a service or part is for."""
    result = list(items)
    licensed = any(t.frame == "licence" for item in items for t in item.triggers) or any(
        item.word in ("licence", "license") for item in items
    )
    for index, item in enumerate(items):
        if item.kind != "W" or item.weapon is None:
            continue
        after = items[index + 1] if index + 1 < len(items) else None
        blocked = item.is_blocked or not item.weapon.counts
        if (
            after is not None
            and after.kind == "B"
            and not item.is_possessive
            and not (licensed and after.word == "production")
        ):
            blocked = True
        if not blocked and not licensed:
            blocked = _follows_service(items, index)
        if blocked:
            result[index] = replace(item, is_blocked=True)
    return result


def _follows_service(items: list[Item], index: int) -> bool:
    """Whether "spare parts for", "training on", "overhaul of" stands before the weapon's phrase."""
    back = index - 1
    while back >= 0 and items[back].kind in "oKDANEC&":
        if items[back].kind == "&" and not (back and items[back - 1].kind in "NKo"):
            break
        back -= 1
    if back < 1 or items[back].kind != "P" or items[back].word not in ("of", "for", "on", "to", "in"):
        return False
    before = items[back - 1]
    return before.kind == "B" or (before.kind == "W" and before.weapon is not None and not before.weapon.counts)


_DEFINITE = frozenset({"the", "these", "those", "this", "that", "both"})


_OWN = frozenset({"its", "their", "his", "her", "our"})


_REACH = 9


def complete_weapons(items: list[Item]) -> list[Item]:
    """Give each weapon its count, determiner, condition, owners and makers, and swallow those words."""
    result: list[Item] = []
    for index, item in enumerate(items):
        if item.kind == "W":
            item = _with_modifiers(item, result)
            if index + 1 < len(items) and items[index + 1].kind == "T" and not item.is_plural:
                item = replace(item, is_premodifier=True)
        result.append(item)
    return result


def _with_modifiers(item: Item, result: list[Item]) -> Item:
    """Walk left from a weapon over its modifiers and take them off ``result``."""
    taken = 0
    count: Count | None = None
    flags = {"is_indefinite": False, "is_definite": False, "is_extra": False, "is_of_more": False, "is_own": False}
    condition = item.condition
    owners: list[Actor] = []
    demonyms: list[Actor] = []
    makers: list[Actor] = []
    origins: list[Actor] = []
    is_former = False
    while taken < min(_REACH, len(result)):
        prior = result[-1 - taken]
        if prior.kind == "N" and count is None:
            count = prior.number
        elif prior.kind == "D":
            flags["is_indefinite"] |= prior.word in ("a", "an", "another")
            flags["is_definite"] |= prior.word in _DEFINITE
            flags["is_own"] = prior.word in _OWN
            taken += 1
            number = result[-2 - taken] if len(result) > taken + 1 else None
            if count is None and number is not None and number.kind == "N" and result[-1 - taken].word == "of":
                count = number.number  # "eight of the jets", "all 24 of its Rafales"
                taken += 2
            break
        elif prior.kind == "K":
            is_former = prior.word == "formerly"
            condition = _condition(prior.word) or condition
        elif prior.kind == "E":
            flags["is_extra"] = True
        elif prior.kind in "AC":
            if prior.actor is None or (prior.kind == "A" and not prior.is_possessive and not prior.is_adjective):
                break
            (makers if prior.kind == "C" else owners if prior.is_possessive else demonyms).append(prior.actor)
        elif prior.kind == "&" and demonyms and taken + 1 < len(result) and result[-2 - taken].is_adjective:
            pass
        elif prior.kind == "U":
            if prior.word not in COUNTING_UNITS and prior.word not in GROUP_SIZES:
                break
        elif prior.kind == "P" and prior.word == "of" and taken + 1 < len(result):
            head = result[-2 - taken]
            if head.kind == "U" and head.word in COUNTING_UNITS and count is None:
                pass
            elif head.kind == "U" and head.word in GROUP_SIZES and count is None:
                count = Count(head.start, head.end, GROUP_SIZES[head.word], GROUP_SIZES[head.word], False)
                taken += 1
            elif count is not None and (
                head.kind in "NE" or head.word in ("first", "last", "half", "most", "final", "remaining", "one", "rest")
            ):
                flags["is_of_more"] = True
                taken += 1
                if taken + 1 < len(result) and result[-1 - taken].kind == "D":
                    taken += 1
                break
            else:
                break
        elif prior.word in _LIKE:
            flags["is_definite"] = True
        elif prior.origins:
            origins += prior.origins
        elif prior.kind == "o" and prior.word not in _STOP_WORDS and not (count and prior.start < count.start):
            pass
        elif prior.kind == "-" and taken == 0:
            break
        else:
            break
        taken += 1
    # Words that only led nowhere stay in the sentence.
    while taken and result[-taken].kind == "o" and not result[-taken].origins:
        taken -= 1
    if taken:
        start = result[-taken].start
        del result[-taken:]
        item = replace(item, start=start)
    return replace(
        item,
        count=count,
        condition=condition,
        owners=tuple(owners),
        demonyms=tuple(demonyms),
        makers=tuple(makers),
        origins=tuple(origins),
        is_blocked=item.is_blocked
        or (is_former and bool(owners or demonyms))
        or bool(result and result[-1].word == "formerly" and (owners or demonyms)),
        **flags,
    )


_LIKE = frozenset({"sister", "same", "such", "similar", "identical"})


_STOP_WORDS = frozenset(
    [
        "there",
        "here",
        "also",
        "only",
        "just",
        "about",
        "even",
        "still",
        "already",
        "again",
        "later",
        "earlier",
        "ago",
        "now",
        "soon",
        "much",
        "many",
        "most",
        "too",
        "very",
        "other",
        "others",
        "same",
        "others'",
        "such",
        "first",
        "last",
        "made",
        "built",
        "worth",
        "each",
    ]
) - {"first", "last", "made", "built", "other"}


def _condition(word: str) -> str | None:
    """Condition that a word tells."""
    if word in MODERNISED:
        return "modernised"
    if word in SECOND_HAND:
        return "second_hand"
    return "new" if word in NEW else None
