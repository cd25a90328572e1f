"""From a flat row of items to noun phrases: actors with their institutions, weapons with what counts and owns them."""

from __future__ import annotations

import re
from dataclasses import replace

from extract.claims.counts import Count
from extract.claims.items import Item
from extract.claims.model import Actor, WeaponEntry
from extract.claims.words import BE, COUNTING_UNITS, GROUP_SIZES, HAVE, MODERNISED, NEEDS_OWNER, NEW, SECOND_HAND

_NOUN_BEFORE = frozenset("DKEAWMN")
_VERB_BEFORE = frozenset("pIF")
_NOUN_AFTER = frozenset({"of", "for", "with", "worth", "from", "to", "on", "covering", "valued", "including"})


def chunk(text: str, flat: list[Item], *, sentence_start: int, is_title: bool = False) -> list[Item]:
    """Build the noun phrases of a sentence.

    Args:
        text: the field that the offsets refer to.
        flat: items as ``tokenise`` gives them.
        sentence_start: offset of the sentence, whose first word has a capital for that reason only.
        is_title: whether the sentence is the headline, where every word may have one.

    Returns:
        Items in order: weapons carry count, condition, owners, makers; actors carry their institution.
    """
    items = _decide_triggers(
        _name_peoples(
            _name_firms(text, _drop_origins(text, _drop_names(text, flat, sentence_start, is_title=is_title)))
        )
    )
    items = _name_unseen(text, items, sentence_start=sentence_start, is_title=is_title)
    items = _merge_weapons(_join_classes(text, _drop_places(items)))
    items = _merge_actors(items)
    items = _block_services(items)
    return _complete_weapons(items)


def _drop_names(text: str, items: list[Item], sentence_start: int, *, is_title: bool) -> list[Item]:
    """Make a verb with a capital inside a sentence a plain word: "Falcon Eye", "Block 70", "Land 400"."""
    if is_title:
        return items
    return [
        replace(item, kind="o", triggers=())
        if item.kind in "VT"
        and item.start != sentence_start
        and text[item.start].isupper()
        and not text[item.start : item.end].isupper()
        and not (index and items[index - 1].kind in '":-;')
        else item
        for index, item in enumerate(items)
    ]


def _name_peoples(items: list[Item]) -> list[Item]:
    """Read "the French handed over" as a state: an adjective with an article before a verb is a noun."""
    result = list(items)
    for index, item in enumerate(items[:-1]):
        if (
            item.kind == "A"
            and item.is_adjective
            and index
            and items[index - 1].word == "the"
            and items[index + 1].kind in "VXF"
        ):
            result[index] = replace(item, is_adjective=False)
    return result


_ORIGIN_WORDS = frozenset(
    {"made", "built", "designed", "developed", "origin", "produced", "manufactured", "era", "style", "type"}
)
_ORIGIN_LEMMAS = frozenset({"build", "manufacture", "produce", "assemble", "make", "construct"})


def _drop_origins(text: str, items: list[Item]) -> list[Item]:
    """Make "built" in "Swedish-built fighters" a plain word: it tells the origin, no transfer."""
    result: list[Item] = []
    for item in items:
        glued = bool(result) and item.kind == "V" and text[item.start - 1] == "-" and result[-1].end == item.start - 1
        if glued and (item.triggers[0].lemma in _ORIGIN_LEMMAS or result[-1].kind not in "AC"):
            item = replace(item, kind="o", triggers=())
        is_origin = item.word in _ORIGIN_WORDS and bool(result) and text[item.start - 1] == "-"
        if is_origin and result[-1].kind == "A" and result[-1].actor is not None:
            result[-1] = replace(result[-1], kind="o", actor=None, origins=(result[-1].actor,))
        result.append(item)
    return result


def _name_firms(text: str, items: list[Item]) -> list[Item]:
    """Let an unknown name after a possessive stand for its state: "South Korea's LIG Nex1 will supply"."""
    result: list[Item] = []
    index = 0
    while index < len(items):
        item = items[index]
        result.append(item)
        index += 1
        if item.kind != "A" or not item.is_possessive:
            continue
        stop = index
        while (
            stop < len(items)
            and stop < index + 4
            and items[stop].kind in "oZ"
            and _CAPITAL.match(text[items[stop].start : items[stop].end])
        ):
            stop += 1
        follows = items[stop] if stop < len(items) else None
        if stop > index and (
            follows is None or follows.kind not in "WZTUo-" or (follows.kind == "o" and not follows.word[:1].isdigit())
        ):
            result[-1] = replace(item, end=items[stop - 1].end, is_possessive=items[stop - 1].is_possessive)
            index = stop
    return result


def _decide_triggers(items: list[Item]) -> list[Item]:
    """Choose noun or verb for words that can be both ("orders", "supplies", "offer")."""
    result: list[Item] = []
    for index, item in enumerate(items):
        before = result[-1] if result else None
        if item.kind == "V" and before is not None and _is_no_verb(before, item):
            item = replace(
                item,
                kind="T" if any(t.form == "noun" for t in item.triggers) else "o",
                triggers=tuple(t for t in item.triggers if t.form == "noun"),
            )
        if item.kind != "V" or not any(t.form == "noun" for t in item.triggers):
            result.append(item)
            continue
        after = items[index + 1] if index + 1 < len(items) else None
        nouns = tuple(t for t in item.triggers if t.form == "noun")
        verbs = tuple(t for t in item.triggers if t.form != "noun")
        is_noun = _reads_as_noun(before, after, item)
        result.append(replace(item, kind="T" if is_noun else "V", triggers=nouns if is_noun else verbs))
    return result


def _is_no_verb(before: Item, item: Item) -> bool:
    """Whether a base form can't be a verb here: "are close", "the first block", "its arm"."""
    if any(t.form not in ("base", "noun", "s") for t in item.triggers):
        return False
    return (
        (before.word in BE and " " not in item.word and item.word != "due")
        or before.kind in "DKET"
        or before.is_possessive
        or (before.kind == "P" and before.word not in ("to", "off"))
    )


def _reads_as_noun(before: Item | None, after: Item | None, item: Item) -> bool:
    """Whether a word that can be noun or verb is a noun between these neighbours."""
    if item.is_possessive:
        return True
    if before is not None:
        if before.kind == "I" and all(t.form in ("base", "noun") for t in item.triggers):
            return True
        if before.kind in _VERB_BEFORE or before.word in ("to", "not"):
            return False
        if before.kind in "AC" and not before.is_possessive and not before.is_adjective:
            return after is not None and after.word in ("of", "worth", "for")
        if before.kind == "V" and before.word.endswith(" to"):
            return False
        if before.kind in _NOUN_BEFORE or before.kind in "PTYV" or before.is_possessive:
            return True
        if before.word in BE or before.word in HAVE or before.kind == "R":
            return False
    if after is not None and after.word in _NOUN_AFTER:
        return True
    return before is not None and before.kind in "oK&"


_CAPITAL = re.compile(r"[A-ZÀ-ÞŁŚŠŽČİ][\w’'.-]*\Z")
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


def _name_unseen(text: str, items: list[Item], *, sentence_start: int, is_title: bool) -> list[Item]:
    """Turn unknown names beside a generic type into designations: "BR71 vessels", "Polonez rocket launchers"."""
    result: list[Item] = []
    for index, item in enumerate(items):
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
            and (_CAPITAL.match(written) or (names == [] and re.fullmatch(r"\dx\d|x\d|\d", written)))
            and (last.start != sentence_start)
        )
        if not fits:
            break
        names.append(result.pop())
    real = [name for name in names if _CAPITAL.match(text[name.start : name.end])]
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


def _drop_places(items: list[Item]) -> list[Item]:
    """Make a weapon's name that names a place a plain word: "Sattahip naval base"."""
    result = []
    for index, item in enumerate(items):
        if item.kind == "W" and item.weapon is not None and not item.weapon.is_generic and not item.is_plural:
            ahead = [i.word for i in items[index + 1 : index + 3]]
            if ahead and (ahead[0] in _PLACES or (ahead[-1] in _PLACES and ahead[0] in ("naval", "air", "air force"))):
                item = replace(item, kind="o", weapon=None)
        result.append(item)
    return result


_KIND_WORDS = frozenset({"type", "types", "class", "family", "series", "variety", "model", "kind"})


def _join_classes(text: str, items: list[Item]) -> list[Item]:
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
    return item.kind in "WZ" or (item.kind in "oAC" and _CAPITAL.match(text[item.start : item.end]) is not None)


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


def _merge_weapons(items: list[Item]) -> list[Item]:
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


def _joined(head: Item, item: Item, *, adjacent: bool) -> Item | None:
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


_UNDISCLOSED = frozenset(["undisclosed", "unnamed", "unidentified", "unspecified", "anonymous"])


def _merge_actors(items: list[Item]) -> list[Item]:
    """Join demonyms and possessives with institutions and firms: "the Polish defence ministry", "Mowag of Switzerland"."""
    result: list[Item] = []
    for item in items:
        if item.kind in "IL" and any(i.word in _UNDISCLOSED for i in result[-3:]):
            result.append(replace(item, kind="A", actor=Actor("unknown", "unknown")))
            continue
        if item.kind in "IL" and result:
            owner, depth = _owner(result)
            if owner is not None and owner.actor is not None:
                kind = "A" if item.kind == "I" else "C"
                if kind == "C" and owner.kind == "C" and not owner.is_possessive:
                    result[-1] = replace(owner, end=item.end, is_possessive=item.is_possessive)
                    continue
                del result[-depth:]
                company = item.word if kind == "C" else None
                result.append(
                    Item(
                        kind,
                        owner.start,
                        item.end,
                        item.word,
                        actor=owner.actor,
                        company=company,
                        is_possessive=item.is_possessive,
                    )
                )
                continue
        if item.kind == "C" and result:
            last = result[-1]
            if last.kind == "A" and (last.is_possessive or last.is_adjective):
                # "Spain's Airbus plant": the works stand for the state that they are in
                result[-1] = replace(item, start=last.start, actor=last.actor if last.is_possessive else item.actor)
                continue
            if last.kind == "C" and (last.is_possessive or not last.is_possessive) and last.actor is not None:
                keep = last.actor if last.word in ("company", "firm") else item.actor
                result[-1] = replace(item, start=last.start, actor=keep)
                continue
            if len(result) > 1 and last.kind == "L" and result[-2].kind == "A" and result[-2].is_adjective:
                del result[-1]
                result[-1] = replace(item, start=result[-1].start)
                continue
        if (
            item.kind == "I"
            and len(result) > 1
            and result[-1].word == "of"
            and result[-2].kind == "A"
            and not result[-2].is_adjective
            and result[-2].end > result[-2].start + len(result[-2].word)
        ):
            result.pop()
            result[-1] = replace(result[-1], end=item.end, is_possessive=item.is_possessive)
            continue
        if (
            item.kind == "A"
            and len(result) > 2
            and result[-1].word == "the"
            and result[-2].word == "of"
            and result[-3].kind in "CI"
            and result[-3].word not in NEEDS_OWNER
        ):
            result.pop()
        if item.kind == "A" and len(result) > 1 and result[-1].word == "of" and result[-2].kind == "C":
            result.pop()
            result[-1] = replace(result[-1], end=item.end, is_possessive=item.is_possessive, actor=item.actor)
            continue
        if (
            item.kind == "A"
            and len(result) > 1
            and result[-1].word == "of"
            and result[-2].kind == "I"
            and result[-2].word not in NEEDS_OWNER
        ):
            head = result[-2]
            del result[-2:]
            result.append(replace(item, start=head.start, is_adjective=False))
            continue
        if (
            item.kind == "A"
            and result
            and result[-1].kind == "A"
            and result[-1].is_adjective
            and item.word in _SERVICES
        ):
            result[-1] = replace(item, start=result[-1].start, actor=result[-1].actor)  # "the Philippine Marine Corps"
            continue
        if item.kind == "A" and result and result[-1].kind == "A" and _same_actor(result[-1], item):
            first = result.pop()
            item = replace(item, start=first.start)
        result.append(item)
    return result


_SERVICES = frozenset(
    {
        "marine corps",
        "coast guard",
        "national guard",
        "congress",
        "senate",
        "state department",
        "navy",
        "army",
        "air force",
    }
)


def _same_actor(first: Item, second: Item) -> bool:
    """Whether two neighbouring actor terms name one actor: "Polish Ministry of National Defence", "Germany's Berlin"."""
    return first.is_adjective and first.actor == second.actor


def _owner(result: list[Item]) -> tuple[Item | None, int]:
    """The actor that an institution noun belongs to, up to three words before it, and how many items it spans."""
    for depth in range(1, min(4, len(result)) + 1):
        item = result[-depth]
        if item.kind in "AC":
            usable = item.is_possessive or item.is_adjective or depth == 1 or item.kind == "C"
            return (item, depth) if usable else (None, 0)
        if item.kind not in "oKIL" or item.is_possessive:
            return None, 0
    return None, 0


_FOR_SERVICE = frozenset({"of", "for", "to", "on", "in", "with", "from", "by", "at"})


def _block_services(items: list[Item]) -> list[Item]:
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


_MODIFIERS = frozenset("oKACEZU")
_DEFINITE = frozenset({"the", "these", "those", "this", "that", "both"})
_OWN = frozenset({"its", "their", "his", "her", "our"})
_REACH = 9


def _complete_weapons(items: list[Item]) -> list[Item]:
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
