"""Weapons of a predicate: its objects, its subject, its antecedent, or a word that stands for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.claims.words import CONTAIN, SAYING

if TYPE_CHECKING:
    from extract.claims.frame_model import Chain
    from extract.claims.items import Item
    from extract.claims.triggers import Trigger


def _is_approximate(item: Item) -> bool:
    """Whether the count swallowed a preposition: "talks about three C-295s"."""
    return item.count is not None and item.count.is_approximate


def find_objects(items: list[Item], start: int, stop: int, *, is_deal: bool = False) -> list[Item]:
    """Weapons in the object region; those that another verb or a purpose takes are left out."""
    found: list[Item] = []
    index = start
    if (
        is_deal and index < stop and items[index].kind == "W" and not _is_approximate(items[index])
    ):  # "under the contract the corvettes will have"
        return found
    while index < stop:
        item = items[index]
        if item.kind == "v" and item.word not in CONTAIN and not item.word.endswith("ed"):
            break
        if item.kind == "v" and item.word.endswith("ed") and index > start and items[index - 1].kind in "XR&":
            break
        if item.kind == "&" and index + 1 < stop and items[index + 1].kind in "XF":
            break
        if item.kind == "P" and item.word in (
            "against",
            "instead of",
            "alongside",
            "in return for",
            "in exchange for",
            "in place of",
            "rather than",
            "over",
            "like",
            "ahead of",
            "aboard",
        ):
            break
        if item.kind == "W" and not item.is_blocked and not _carried(items, index, is_deal=is_deal):
            found.append(item)
        index += 1
    return found


def _carried(items: list[Item], index: int, *, is_deal: bool) -> bool:  # noqa: PLR0911 - one return a rule
    """Whether the weapon only says what something is for or carries: "for its Leopards", "armed with", "powered by"."""
    back = index - 1
    before = items[back] if back >= 0 else None
    if before is None or before.kind != "P":
        return False
    item = items[index]
    if before.word in ("to", "for") and item.owners:
        return True
    if before.word == "for" and (item.is_definite or item.is_own):
        return not (back and (items[back - 1].kind in "VT" or (is_deal and items[back - 1].kind in "CA")))
    if before.word == "with" and item.count is None and back and items[back - 1].kind in "WU":
        return True
    if before.word in ("on", "aboard", "onto", "by", "between", "under", "in", "into", "against", "over"):
        return True
    if before.word == "for" and _has_weapon_before(items, back):
        return True
    return (
        before.word == "with"
        and back > 0
        and items[back - 1].kind in "ov"
        and items[back - 1].word in ("armed", "fitted", "powered", "loaded", "integrated")
    )


def _has_weapon_before(items: list[Item], back: int) -> bool:
    """Whether a weapon stands shortly before a preposition."""
    return any(i.kind == "W" for i in items[max(0, back - 3) : back])


def find_premodifiers(items: list[Item], chain: Chain) -> list[Item]:
    """Weapons right before a noun of the chain: "the Super Tucano purchase", "118 Hızır order"."""
    found = []
    for position, trigger in zip(chain.positions, chain.triggers, strict=True):
        if trigger.form != "noun" or position == 0:
            continue
        item = items[position - 1]
        if item.kind == "W" and not item.is_blocked:
            found.append(item)
    return found


def find_subject_weapons(items: list[Item], chain: Chain, left: int, *, passive: bool, core: Trigger) -> list[Item]:
    """Weapons left of the chain that it says something of: its subject or antecedent."""
    first = chain.positions[0]
    found: list[Item] = []
    index = first - 1
    crossed = False
    while index >= 0:
        item = items[index]
        if item.kind == "R":
            crossed = True
            left = 0
        if index < left and not crossed:
            break
        if item.kind == "W" and (not item.is_blocked or (crossed and item.weapon is not None and item.weapon.counts)):
            listed = not found or items[index + 1].kind in ",&" or _only_words(items, index, found[-1])
            if not listed:
                break
            if crossed or index == first - 1 or not _under_preposition(items, index):
                found.append(item)
        elif item.kind in "Vv" and (found or not crossed) and index != first:
            if item.kind == "v" and item.word in SAYING and not found:
                break
            if found or item.kind == "V":
                break
        elif item.kind in ";:" or (item.kind == "-" and found):
            break
        index -= 1
    if not passive and core.frame not in ("arrive",) and core.form != "noun":
        # An active verb takes a weapon before it only as antecedent: "the tanks it bought", "the jets Iran ordered".
        return found if _is_object_relative(items, chain, found) else []
    return list(reversed(found))


def _only_words(items: list[Item], index: int, later: Item) -> bool:
    """Whether only small words stand between two weapons."""
    for item in items[index + 1 :]:
        if item is later:
            return True
        if item.kind not in "o,&(KEDNP)AC":
            return False
    return False


def _under_preposition(items: list[Item], index: int) -> bool:
    """Whether a preposition other than "of" governs the weapon."""
    before = items[index - 1] if index else None
    return (
        before is not None
        and before.kind == "P"
        and before.word
        in (
            "for",
            "with",
            "on",
            "from",
            "by",
            "against",
            "to",
            "in",
            "aboard",
            "between",
            "over",
            "instead of",
            "rather than",
            "than",
        )
    )


def _is_object_relative(items: list[Item], chain: Chain, found: list[Item]) -> bool:
    """Whether the nearest weapon before is what the active verb acts on."""
    if not found:
        return False
    after = items[chain.positions[-1] + 1] if chain.positions[-1] + 1 < len(items) else None
    if after is not None and (after.kind in "DKNBTLE" or (after.kind == "o" and not after.word.endswith("ly"))):
        return False
    position = items.index(found[0])
    between = items[position + 1 : chain.positions[0]]
    if any(i.kind == "R" for i in between):
        subject = [i for i in between if i.kind in "ACIpL"]
        return bool(subject)
    return (
        bool(between)
        and between[0].kind in "ApCDI"
        and all(i.kind in "ApCDIXFoG" for i in between)
        and any(i.kind in "ACpI" for i in between)
    )


_STAND_INS = frozenset(
    [
        "type",
        "types",
        "system",
        "systems",
        "model",
        "models",
        "platform",
        "platforms",
        "variant",
        "variants",
        "version",
        "versions",
        "machine",
        "machines",
        "hull",
        "hulls",
        "batteries",
        "battery",
        "examples",
        "sets",
        "launchers",
    ]
)


def has_stand_in(items: list[Item], start: int, stop: int) -> bool:
    """Whether "it", "them", "the type" or a bare number stands where the weapon would."""
    for index in range(start, min(stop, start + 6)):
        item = items[index]
        if (item.kind == "p" and item.word in ("it", "them")) or item.word == "own":
            return True
        if item.kind == "N":
            after = items[index + 1] if index + 1 < len(items) else None
            return after is None or after.kind in "PYE,.;:&-)US" or after.word in ("more", "others", "apiece", "so")
        if item.word in _STAND_INS and item.kind in "oUW":
            return True
        if item.kind not in "oEDKUPAY" or item.word in ("to", "by"):
            return False
    return False
