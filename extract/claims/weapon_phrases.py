"""Phrases of weapons: count, condition, owners and makers before a weapon, and services around it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from extract.claims.counts import Count
from extract.claims.words import COUNTING_UNITS, GROUP_SIZES, MODERNISED, NEW, SECOND_HAND

if TYPE_CHECKING:
    from collections.abc import Callable

    from extract.claims.items import Item
    from extract.claims.model import Actor


def block_services(items: list[Item]) -> list[Item]:
    """Mark weapons that only say what a service or part is for."""
    result = list(items)
    served: set[int] = set()  # places of weapons that a service is for
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
        if after is not None and after.word in _MARKS and item.count is None:
            blocked = True  # "brought to Viper standard"
        if not blocked and not licensed:
            blocked = _follows_service(items, index) or _find_listed_before(items, index) in served
            if blocked:
                served.add(index)
        if blocked:
            result[index] = replace(item, is_blocked=True)
    return result


_MARKS = frozenset({"standard", "standards", "configuration"})


def _find_listed_before(items: list[Item], index: int) -> int | None:
    """Place of what a weapon without a number goes on a list of: "parts for F-16, C-130 and"; None for no list."""
    back = index - 1
    while back >= 0 and items[back].kind in "oK,&":
        back -= 1
    return back if {i.kind for i in items[back + 1 : index]} & {",", "&"} else None


def _follows_service(items: list[Item], index: int) -> bool:
    """Whether "spare parts for", "training on", "overhaul of the second of" stands before the weapon's phrase."""
    back = index - 1
    while back >= 0 and (items[back].kind in "oKDANEC&" or _is_part(items, back)):
        if items[back].kind == "&" and not (back and items[back - 1].kind in "NKo"):
            break
        back -= 1
    if back < 1 or items[back].kind != "P" or items[back].word not in ("of", "for", "on", "to", "in"):
        return False
    before = items[back - 1]
    return before.kind == "B" or (before.kind == "W" and before.weapon is not None and not before.weapon.counts)


def _is_part(items: list[Item], place: int) -> bool:
    """Whether the "of" of "the second of", "two of" stands here."""
    return place > 0 and items[place].word == "of" and items[place - 1].kind in "NE"


_DEFINITE = frozenset({"the", "these", "those", "this", "that", "both"})


_OWN = frozenset({"its", "their", "his", "her", "our"})


_REACH = 9


def complete_weapons(items: list[Item]) -> list[Item]:
    """Give each weapon its count, determiner, condition, owners and makers, and swallow those words."""
    result: list[Item] = []
    for index, word in enumerate(items):
        item = word
        if item.kind == "W":
            item = _with_modifiers(item, result)
            if index + 1 < len(items) and items[index + 1].kind == "T" and not item.is_plural:
                item = replace(item, is_premodifier=True)
        result.append(item)
    return result


def _with_modifiers(item: Item, result: list[Item]) -> Item:
    """Walk left from a weapon over its modifiers and take them off ``result``."""
    found = _Modifiers(result, condition=item.condition)
    while found.taken < min(_REACH, len(result)) and found.take(result[-1 - found.taken]):
        found.taken += 1
    taken = found.taken
    # Words that only led nowhere stay in the sentence.
    while taken and result[-taken].kind == "o" and not result[-taken].origins:
        taken -= 1
    start = item.start
    if taken:
        start = result[-taken].start
        del result[-taken:]
    is_owned = bool(found.owners or found.demonyms)
    is_former = found.is_former or bool(result and result[-1].word == "formerly")
    return replace(
        item,
        start=start,
        count=found.count,
        condition=found.condition,
        owners=tuple(found.owners),
        demonyms=tuple(found.demonyms),
        makers=tuple(found.makers),
        origins=tuple(found.origins),
        is_blocked=item.is_blocked or (is_former and is_owned),
        is_indefinite=found.is_indefinite,
        is_definite=found.is_definite,
        is_extra=found.is_extra,
        is_of_more=found.is_of_more,
        is_own=found.is_own,
    )


@dataclass(slots=True)
class _Modifiers:
    """What stands before a weapon, gathered from right to left; ``taken`` items of ``result`` belong to it."""

    result: list[Item]
    taken: int = 0
    count: Count | None = None
    condition: str | None = None
    owners: list[Actor] = field(default_factory=list)
    demonyms: list[Actor] = field(default_factory=list)
    makers: list[Actor] = field(default_factory=list)
    origins: list[Actor] = field(default_factory=list)
    is_former: bool = False
    is_indefinite: bool = False
    is_definite: bool = False
    is_extra: bool = False
    is_of_more: bool = False
    is_own: bool = False

    def take(self, prior: Item) -> bool:
        """Take one item to the left; False where the phrase begins."""
        if prior.kind == "N" and self.count is None:
            self.count = prior.number
            return True
        step = _STEPS.get(prior.kind)
        taken = step(self, prior) if step is not None else None
        return self._take_word(prior) if taken is None else taken

    def _take_determiner(self, prior: Item) -> bool:
        """Take the determiner and the count before it: "eight of the jets", "all 24 of its Rafales"."""
        self.is_indefinite |= prior.word in ("a", "an", "another")
        self.is_definite |= prior.word in _DEFINITE
        self.is_own = prior.word in _OWN
        self.taken += 1
        number = self._item(1)
        of = self._item(0)
        if self.count is None and of is not None and of.word == "of" and number is not None and number.kind == "N":
            self.count = number.number
            self.taken += 2
        return False

    def _take_condition(self, prior: Item) -> bool:
        """Take "new", "used", "modernised", "former"."""
        self.is_former = prior.word == "formerly"
        self.condition = _condition(prior.word) or self.condition
        return True

    def _take_more(self, prior: Item) -> bool:
        """Take "more", "another", "additional"."""
        self.is_extra = True
        return True

    def _take_actor(self, prior: Item) -> bool:
        """Take a maker, an owner or a demonym."""
        if prior.actor is None or (prior.kind == "A" and not prior.is_possessive and not prior.is_adjective):
            return False
        group = self.makers if prior.kind == "C" else self.owners if prior.is_possessive else self.demonyms
        group.append(prior.actor)
        return True

    def _take_and(self, prior: Item) -> bool | None:
        """Take the "and" of "French and Italian frigates"."""
        before = self._item(1)
        return True if self.demonyms and before is not None and before.is_adjective else None

    def _take_unit(self, prior: Item) -> bool:
        """Take a counting unit: "two batteries of"."""
        return prior.word in COUNTING_UNITS or prior.word in GROUP_SIZES

    def _take_of(self, prior: Item) -> bool | None:
        """Take the "of" of "a pair of frigates", "batteries of launchers", "two of the boats"."""
        head = self._item(1)
        if prior.word != "of" or head is None:
            return None
        if head.kind == "U" and self.count is None and head.word in COUNTING_UNITS:
            return True
        if head.kind == "U" and self.count is None and head.word in GROUP_SIZES:
            size = GROUP_SIZES[head.word]
            self.count = Count(head.start, head.end, size, size, False)
            self.taken += 1
            return True
        if self.count is not None and (head.kind in "NE" or head.word in _PARTS):
            self.is_of_more = True
            self.taken += 1
            before = self._item(0)
            self.taken += before is not None and before.kind == "D"
        return False

    def _take_word(self, prior: Item) -> bool:
        """Take a plain word, unless a phrase doesn't go on over it."""
        if prior.word in _LIKE:
            self.is_definite = True
            return True
        if prior.origins:
            self.origins += prior.origins
            return True
        is_beyond = self.count is not None and prior.start < self.count.start
        return prior.kind == "o" and prior.word not in _STOP_WORDS and not is_beyond

    def _item(self, ahead: int) -> Item | None:
        """The item that many places left of the next one to take."""
        place = self.taken + ahead + 1
        return self.result[-place] if place <= len(self.result) else None


_STEPS: dict[str, Callable[[_Modifiers, Item], bool | None]] = {
    "D": _Modifiers._take_determiner,
    "K": _Modifiers._take_condition,
    "E": _Modifiers._take_more,
    "A": _Modifiers._take_actor,
    "C": _Modifiers._take_actor,
    "&": _Modifiers._take_and,
    "U": _Modifiers._take_unit,
    "P": _Modifiers._take_of,
}


_PARTS = frozenset({"first", "last", "half", "most", "final", "remaining", "one", "rest"})


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
