"""Weapons that a pronoun, a number or a general word stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.claims.context import Context, matches_type

if TYPE_CHECKING:
    from extract.claims.frame_model import Frame
    from extract.claims.items import Item
    from extract.claims.model import WeaponEntry
    from extract.claims.tellings import Parsed, Telling


@dataclass(frozen=True, slots=True)
class Meant:
    """A weapon that a frame is about.

    Attributes:
        weapon: the weapon as told here; None where an earlier sentence names it.
        entry: its entry of the lexicon.
        name: its designation.
        earlier: what was told of it before, if the frame goes on about it.
    """

    weapon: Item | None
    entry: WeaponEntry
    name: str
    earlier: Telling | None


def find_weapons(parsed: Parsed, frame: Frame, context: Context, tellings: list[Telling]) -> list[Meant]:
    """Weapons of a frame; a general word or a pronoun comes with the weapon and the telling that it stands for."""
    found: list[Meant] = []
    for item in frame.weapons:
        assert item.weapon is not None
        if item.weapon.is_generic:
            if item.is_definite and _is_apposition(frame, item):
                continue
            earlier = _antecedents(item, context, tellings)
            if earlier:
                found += [Meant(item, telling.weapon, telling.designation, telling) for telling in earlier]
                continue
            named = context.last_named if parsed.sentence.index - context.last_named_index <= 1 else None
            if item.is_definite and named is not None and named.weapon is not None and matches_type(named.weapon, item):
                found.append(Meant(item, named.weapon, named.designation, None))
                continue
            if not _is_worth_a_claim(item):
                continue
        found.append(Meant(item, item.weapon, item.designation, None))
    if not frame.weapons and is_follower(frame):
        found += [Meant(None, t.weapon, t.designation, t) for t in context.last_weapons()[-1:]]
    if not frame.weapons and (frame.has_pronoun or _continues_deal(frame)):
        found += _stood_for(parsed, frame, context, tellings)
    return found


def is_follower(frame: Frame) -> bool:
    """Whether a state "followed": it did what the last one did."""
    if frame.core is None or frame.core.lemma != "follow" or frame.is_passive or frame.core.form not in ("ed", "past"):
        return False
    return any(p.relation == "subject" and p.actor is not None and not p.is_firm for p in frame.parties)


def _is_apposition(frame: Frame, item: Item) -> bool:
    """Whether a general word goes on about a weapon named before it: "18 Super Tucanos, the only combat planes"."""
    assert item.weapon is not None
    return any(
        other.weapon is not None
        and not other.weapon.is_generic
        and other.end <= item.start
        and other.weapon.category == item.weapon.category
        for other in frame.weapons
    )


def _stood_for(parsed: Parsed, frame: Frame, context: Context, tellings: list[Telling]) -> list[Meant]:
    """What "it", "them", "eight" or "the system" stands for: what was told last, else the topic of the headline."""
    if tellings:
        last = tellings[-1]
        return [Meant(None, last.weapon, last.designation, last)]
    place = frame.scope[frame.start].start
    named = [i for i in parsed.items if i.kind == "W" and i.end <= place and not i.is_blocked and _is_named(i)]
    if named:
        return [_meant_by(named[-1], context)]
    pool = context.last_weapons()
    topic = context.topic_weapon
    named_before = context.last_named if context.last_named_index == context.current - 1 else None
    if named_before is not None and (not pool or pool[0].sentence.index < context.last_named_index):
        return [_meant_by(named_before, context)]
    distance = parsed.sentence.index - pool[0].sentence.index if pool else 99
    if pool and (distance <= 1 or topic is None) and distance <= 3:
        families = {t.weapon.family: t for t in pool}
        counted = [t for t in families.values() if t.count is not None]
        if topic is not None and topic.weapon is not None and topic.weapon.family in families:
            chosen = [families[topic.weapon.family]]
        else:
            chosen = (counted or list(families.values()))[-1:]
        return [Meant(None, t.weapon, t.designation, t) for t in chosen]
    recent = context.last_named if parsed.sentence.index - context.last_named_index <= 1 else None
    if topic is None and recent is not None:
        return [_meant_by(recent, context)]
    return [_meant_by(topic, context)] if topic is not None else []


def _is_named(item: Item) -> bool:
    """Whether a weapon is called by its name."""
    return item.weapon is not None and not item.weapon.is_generic


def _meant_by(item: Item, context: Context) -> Meant:
    """The weapon of an item with what was told of it last."""
    assert item.weapon is not None
    known = [t for t in context.recent() if t.weapon.family == item.weapon.family]
    return Meant(None, item.weapon, item.designation, known[-1] if known else None)


_VAGUE = frozenset(
    {"weapon", "military equipment", "vehicle", "service", "system", "surveillance system", "boat", "ship"}
)


def _is_worth_a_claim(item: Item) -> bool:
    """Whether a general type may stand in a claim: counted, indefinite or specific, but no bare "weapons"."""
    assert item.weapon is not None
    if item.weapon.designation in ("weapon", "military equipment"):
        return False
    if item.is_definite and item.count is None:
        return False
    return item.count is not None or item.is_indefinite or item.is_plural or item.weapon.designation not in _VAGUE


def _is_near_telling(context: Context, tellings: list[Telling]) -> bool:
    """Whether the sentence or the one before told of a weapon that "15 aircraft" can go on about."""
    return bool(tellings) or (bool(context.tellings) and context.current - context.tellings[-1].sentence.index <= 1)


def _antecedents(item: Item, context: Context, tellings: list[Telling]) -> list[Telling]:
    """Earlier weapons that a general word stands for: "the jets", "a second batch of the boats", "ten more"."""
    if not (item.is_definite or item.is_extra or (not item.is_indefinite and _is_near_telling(context, tellings))):
        return []
    assert item.weapon is not None
    if item.weapon.designation in ("weapon", "military equipment") and (not item.is_definite or item.is_premodifier):
        return []
    pool = [t for t in [*context.recent(), *tellings] if matches_type(t.weapon, item)]
    pool = [t for t in pool if not t.weapon.is_generic] or pool
    alike = [t for t in pool if t.weapon.generic_type == item.weapon.designation]
    if alike and item.is_definite and not item.is_plural:
        pool = alike
    if not pool:
        return []
    topic = context.topic_weapon
    if item.is_definite and topic is not None and topic.weapon is not None and not tellings:
        about = [t for t in pool if t.weapon.family == topic.weapon.family]
        if about and pool[-1].sentence.index < context.current - 1:
            return about[-1:]
    index = pool[-1].sentence.index
    chosen: dict[str, Telling] = {}
    for telling in pool:
        if telling.sentence.index == index:
            chosen[telling.weapon.family] = telling
    return list(chosen.values())


def _continues_deal(frame: Frame) -> bool:
    """Whether a frame without a weapon goes on about the deal told before: "The contract was signed in March"."""
    if frame.core is None:
        return False
    head = frame.scope[frame.start]
    definite = frame.start and frame.scope[frame.start - 1].kind == "D"
    if frame.core.form == "noun" and head.kind == "T":
        return bool(definite) or frame.start == 0
    if not (frame.is_passive or frame.frame == "arrive") or (frame.core.is_weak and frame.frame != "arrive"):
        return False
    before = frame.scope[frame.left : frame.start]
    for position, item in enumerate(before):
        if item.kind == "p" and item.word in ("it", "they"):
            return True
        after = before[position + 1] if position + 1 < len(before) else None
        if item.kind == "N" or item.word in ("first", "last", "rest", "remaining", "final"):
            return after is None or after.kind not in "oBIL"
    return False
