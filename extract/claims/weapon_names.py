"""Names of weapons: unseen designations, classes, and designations with their generic heads."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.actor_phrases import CAPITALISED
from extract.claims.model import WeaponEntry

if TYPE_CHECKING:
    from extract.claims.items import Item

_NOT_A_NAME = frozenset(
    [
        "royal",
        "navy",
        "army",
        "air",
        "force",
        "forces",
        "defence",
        "defense",
        "marine",
        "marines",
        "ministry",
        "national",
        "new",
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
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "the",
        "a",
        "an",
        "us",
        "european",
        "western",
        "eastern",
        "northern",
        "southern",
        "central",
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "last",
        "next",
        "federal",
        "prime",
        "minister",
        "president",
        "general",
        "colonel",
        "state",
        "group",
        "missile",
        "light",
        "heavy",
        "main",
        "international",
        "arab",
        "gulf",
        "african",
        "asian",
        "nato",
        "soviet",
        "indo",
        "block",
        "phase",
        "project",
        "programme",
        "program",
        "system",
        "systems",
        "class",
        "category",
        "army-navy",
        "naval",
        "coastal",
        "special",
        "ground",
        "guard",
        "police",
        "border",
        "advanced",
        "joint",
        "strategic",
        "foreign",
        "military",
        "sales",
        "sale",
        "medium",
    ]
)


def name_unseen(text: str, items: list[Item], *, sentence_start: int, is_title: bool) -> list[Item]:
    """Turn unknown names beside a generic type into designations: "BR71 vessels", "Polonez rocket launchers"."""
    result: list[Item] = []
    for index, word in enumerate(items):
        item = word
        if item.kind == "Z":
            entry = _neighbour_type(items, index, result)
            if entry is not None:
                weapon = WeaponEntry(
                    item.designation, item.designation, entry.category, generic_type=entry.generic_type
                )
                item = replace(item, kind="W", weapon=weapon, is_plural=text[item.end - 1] == "s")
            elif result and result[-1].kind == "W" and result[-1].end + 1 == item.start and not result[-1].is_plural:
                head = result.pop()
                item = replace(head, end=item.end, designation=f"{head.designation} {item.designation}")
            else:
                item = replace(item, kind="o")
        elif item.kind == "W" and item.weapon is not None and item.weapon.is_generic and not is_title:
            item = _named_type(text, item, result, sentence_start)
        result.append(item)
    return result


def _neighbour_type(items: list[Item], index: int, result: list[Item]) -> WeaponEntry | None:
    """Generic type that stands beside an unseen designation, if any."""
    for ahead in items[index + 1 : index + 5]:
        if ahead.kind == "W" and ahead.weapon is not None:
            return ahead.weapon if ahead.weapon.is_generic else None
        if ahead.kind not in "oKAZ" or ahead.is_possessive:
            break
    back = len(result) - 1
    while back > 0 and result[back].kind in "DP" and result[back].word in ("the", "of"):
        back -= 1  # "a submarine of the type 218SG"
    behind = result[back] if back >= 0 else None
    if behind is not None and behind.kind == "W" and behind.weapon is not None and behind.weapon.is_generic:
        return behind.weapon
    if behind is not None and behind.kind in "&,":  # "Mi-17s and XY-20 helicopters" lists alike things
        for earlier in reversed(result[-4:-1]):
            if earlier.kind == "W" and earlier.weapon is not None:
                return earlier.weapon
    return None


def _named_type(text: str, item: Item, result: list[Item], sentence_start: int) -> Item:
    """Join capitalised unknown words right before a generic type to a designation."""
    assert item.weapon is not None
    if not item.weapon.counts:
        return item
    names: list[Item] = []
    while result and len(names) < 3:
        last = result[-1]
        written = text[last.start : last.end]
        gap = text[last.end : (names[-1].start if names else item.start)]
        fits = (
            (last.kind == "o" or (last.kind == "N" and not names and len(written) == 1 and written.isdigit()))
            and gap in (" ", "-")
            and last.word not in _NOT_A_NAME
            and (CAPITALISED.match(written) or (names == [] and re.fullmatch(r"\dx\d|x\d|\d", written)))
            and (last.start != sentence_start)
        )
        if not fits:
            break
        names.append(result.pop())
    real = [name for name in names if CAPITALISED.match(text[name.start : name.end])]
    if not real:
        result.extend(reversed(names))
        return item
    first, last = real[-1], names[0] if len(text[names[0].start : names[0].end]) == 1 else real[0]
    name = text[first.start : last.end]
    weapon = WeaponEntry(name, name, item.weapon.category, generic_type=item.weapon.generic_type)
    return replace(item, start=first.start, weapon=weapon, designation=name)


_PLACES = frozenset(
    [
        "base",
        "port",
        "airport",
        "airfield",
        "harbour",
        "harbor",
        "province",
        "city",
        "town",
        "district",
        "island",
        "peninsula",
        "bay",
        "river",
        "valley",
        "village",
        "museum",
        "street",
        "avenue",
        "stadium",
        "university",
        "brewery",
        "county",
        "lake",
        "mountain",
        "mountains",
    ]
)


def drop_places(items: list[Item]) -> list[Item]:
    """Make a weapon's name that names a place a plain word: "Sattahip naval base"."""
    result = []
    for index, word in enumerate(items):
        item = word
        if item.kind == "W" and item.weapon is not None and not item.weapon.is_generic and not item.is_plural:
            ahead = [i.word for i in items[index + 1 : index + 3]]
            if ahead and (ahead[0] in _PLACES or (ahead[-1] in _PLACES and ahead[0] in ("naval", "air", "air force"))):
                item = replace(item, kind="o", weapon=None)
        result.append(item)
    return result


_KIND_WORDS = frozenset({"type", "types", "class", "family", "series", "variety", "model", "kind"})


def join_classes(text: str, items: list[Item]) -> list[Item]:
    """Join "a landing ship of the Endurance class", "helicopters of the types Mi-17 and Mi-35" to named weapons."""
    result: list[Item] = []
    index = 0
    while index < len(items):
        item = items[index]
        stop = index + 2
        if (
            item.kind == "W"
            and item.weapon is not None
            and item.weapon.is_generic
            and stop < len(items)
            and items[index + 1].word == "of"
            and items[stop].kind == "D"
            and items[stop].word == "the"
            and stop + 1 < len(items)
        ):
            named, after = _named_class(text, items, stop + 1, item)
            if named is not None:
                result.append(named)
                index = after
                continue
            if items[stop + 1].word in ("types", "type") and stop + 2 < len(items) and items[stop + 2].kind == "W":
                index = stop + 2  # the named weapons follow
                items[index] = replace(items[index], start=item.start)
                continue
        result.append(item)
        index += 1
    return result


def _is_name(text: str, item: Item) -> bool:
    """Whether an item can be part of a name."""
    return item.kind in "WZ" or (item.kind in "oAC" and CAPITALISED.match(text[item.start : item.end]) is not None)


def _named_class(text: str, items: list[Item], start: int, head: Item) -> tuple[Item | None, int]:
    """Read "<Name> class" at ``start``; return the weapon and the position after it."""
    assert head.weapon is not None
    stop = start
    first = items[start]
    if (
        first.kind == "W"
        and first.weapon is not None
        and not first.weapon.is_generic
        and (first.designation.endswith(" class") or first.designation.lower().startswith(("type ", "project ")))
    ):
        assert first.weapon is not None
        entry = replace(first.weapon, category=head.weapon.category, generic_type=head.weapon.generic_type)
        return replace(first, start=head.start, weapon=entry, is_plural=head.is_plural), start + 1
    while stop < len(items) and stop < start + 3 and _is_name(text, items[stop]):
        stop += 1
    if stop == start or stop >= len(items) or items[stop].word not in _KIND_WORDS:
        return None, start
    first, last = items[start], items[stop - 1]
    if stop - start == 1 and first.kind == "W" and first.weapon is not None and not first.weapon.is_generic:
        known = first.weapon.generic_type is not None and first.weapon.origin is not None
        weapon = first.weapon if known else replace(first.weapon, category=head.weapon.category)
        return replace(first, start=head.start, end=items[stop].end, weapon=weapon), stop + 1
    name = text[first.start : last.end]
    shown = f"{name} class" if items[stop].word == "class" else name
    entry = WeaponEntry(shown, shown, head.weapon.category, generic_type=head.weapon.generic_type)
    return replace(head, end=items[stop].end, weapon=entry, designation=shown, is_plural=head.is_plural), stop + 1


_HEAD_CATEGORIES = frozenset({"engine", "sensor", "other", "naval_weapon"})


_PLATFORMS = frozenset({"aircraft", "ship", "armoured_vehicle"})


def merge_weapons(items: list[Item]) -> list[Item]:
    """Join a designation with its generic head and with its other names: "AH-64E Apache attack helicopters"."""
    result: list[Item] = []
    for item in items:
        if item.kind == "W" and result:
            back = 1
            while back <= 3 and len(result) > back and result[-back].kind in "oKU" and result[-back].word not in ("x",):
                back += 1
            head = result[-back] if len(result) >= back else None
            if head is not None and head.kind == "W" and not head.is_possessive:
                merged = _joined(head, item, adjacent=back == 1)
                if merged is not None:
                    del result[-back:]
                    result.append(merged)
                    continue
        result.append(item)
    return result


def _joined(head: Item, item: Item, *, adjacent: bool) -> Item | None:  # noqa: PLR0911 - one return a rule
    """Join two neighbouring weapons, or return None if they are two things."""
    first, second = head.weapon, item.weapon
    assert first is not None
    assert second is not None
    if first.is_generic and second.is_generic:
        # "patrol boat fleet vessels": the last word is the head
        return replace(item, start=head.start) if adjacent and not head.is_plural else None
    if not first.is_generic and second.is_generic:
        if head.is_plural and item.is_plural:
            return None
        if first.category in _PLATFORMS and second.category in _HEAD_CATEGORIES:
            return replace(item, start=head.start, is_blocked=not second.counts)
        if not second.counts:
            return replace(head, end=item.end, is_blocked=True)
        category = first.category if first.category != "ship" or second.category != "missile" else "missile"
        if first.designation.endswith(" class") or first.generic_type is None:
            first = replace(first, category=second.category, generic_type=second.generic_type)
        elif category != first.category:
            first = replace(first, category=category)
        return replace(head, end=item.end, is_plural=item.is_plural, weapon=first, is_possessive=item.is_possessive)
    if first.is_generic and not second.is_generic:
        same = first.category == second.category or second.generic_type == first.generic_type
        if adjacent and same:
            return replace(item, start=head.start, is_plural=item.is_plural or head.is_plural)
        return None
    if adjacent and (first.family == second.family or (first.category == second.category and not head.is_plural)):
        longer = f"{head.designation} {item.designation}" if second.family != first.family else head.designation
        return replace(head, end=item.end, is_plural=item.is_plural, designation=longer)
    return None
