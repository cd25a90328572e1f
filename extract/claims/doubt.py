"""Frames that tell too little for a claim: voyages, losses, bare nouns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.claims.context import Context
    from extract.claims.frame_model import Frame
    from extract.claims.items import Item
    from extract.claims.model import WeaponEntry
    from extract.claims.tellings import Parsed, Telling

UNKNOWN = "unknown"


_UNDISCLOSED = frozenset(["undisclosed", "unnamed", "unidentified", "unspecified", "anonymous"])


def is_bare_noun(frame: Frame) -> bool:
    """Whether a frame is a noun of a deal alone, without weapon and verb: "the agreement ends a search"."""
    if frame.weapons or frame.core is None:
        return False
    return frame.core.form == "noun" and "+" not in frame.rule


def is_undisclosed(parsed: Parsed) -> bool:
    """Whether the sentence says that a party isn't named."""
    return any(i.word in _UNDISCLOSED or (i.actor is not None and i.actor.code == UNKNOWN) for i in parsed.items)


def last_telling_of(entry: WeaponEntry, context: Context, tellings: list[Telling]) -> Telling | None:
    """The last telling of a weapon's family."""
    known = [t for t in [*context.recent(), *tellings] if t.weapon.family == entry.family]
    return known[-1] if known else None


def leave_out_places(frame: Frame) -> Frame:
    """Leave out where weapons of a known deal arrive: a port on the way is no recipient."""
    return replace(frame, parties=tuple(p for p in frame.parties if p.relation not in ("in", "at", "into")))


def is_told_arrival(frame: Frame, entry: WeaponEntry, context: Context, tellings: list[Telling]) -> bool:
    """Whether an arrival has a party or goes on about a known deal; else it is a flight or a voyage."""
    if entry.is_generic and frame.core is not None and frame.core.is_weak:
        return last_telling_of(entry, context, tellings) is not None
    if (
        frame.core is not None
        and frame.core.lemma in ("go", "go to", "come", "join", "reach", "follow")
        and not any(
            p.actor is not None and p.relation in ("to", "from", "object", "for", "into") for p in frame.parties
        )
    ):
        return last_telling_of(entry, context, tellings) is not None or any(
            w.demonyms or w.makers for w in frame.weapons
        )
    if (
        frame.core is not None
        and frame.core.lemma in ("land", "touch down", "dock")
        and "transport" in (entry.generic_type or "")
    ):
        return last_telling_of(entry, context, tellings) is not None
    if any(p.actor is not None or p.item.word == "country" for p in frame.parties if p.relation != "on"):
        return True
    if any(i.kind == "T" for i in frame.scope[frame.left :]) or any(
        w.demonyms or w.makers or w.owners for w in frame.weapons
    ):
        return True
    return last_telling_of(entry, context, tellings) is not None


def is_vain(frame: Frame, weapon: Item | None, context: Context) -> bool:
    """Whether a frame claims too little: a loss or withdrawal of weapons that no deal was told of."""
    if frame.frame != "cancel" or weapon is None or weapon.weapon is None:
        return False
    if frame.core is not None and frame.core.is_weak and "+" not in frame.rule:
        return True
    family = weapon.weapon.family
    if any(t.weapon.family == family for t in context.recent()):
        return False
    told = {p.relation for p in frame.parties if p.actor is not None}
    near = {weapon.weapon.origin, context.topic_recipient.code if context.topic_recipient else None}
    if weapon.count is not None and any(
        p.relation == "subject" and p.actor is not None and p.actor.code in near for p in frame.parties
    ):
        told.add("to")
    return frame.core is None or frame.core.is_weak or not told & {"to", "from", "for"}
