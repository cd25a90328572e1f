"""Why a sentence that names a weapon and a state yields no claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.claims.civil import is_civil
from extract.claims.roles import assign_roles

if TYPE_CHECKING:
    from extract.claims.frame_model import Frame
    from extract.claims.items import Item
    from extract.claims.tellings import Parsed
    from extract.explain.trace import TracedSentence


def is_promising(parsed: Parsed) -> bool:
    """Whether a sentence names a weapon and a state, so that a reader may expect a claim.

    Args:
        parsed: the sentence.
    """
    items = parsed.items
    names_actor = any(i.kind in "AC" or i.owners or i.demonyms or i.makers for i in items)
    return names_actor and any(i.kind == "W" for i in items)


def explain_silence(traced: TracedSentence) -> list[str]:
    """Tell what stood in the way of a claim, as far as the stages show it.

    Args:
        traced: a sentence without tellings.

    Returns:
        Reasons, each a clause; never empty.
    """
    parsed = traced.parsed
    if is_civil(parsed):
        return ["a word of airliners, rescue or museums stands in it"]
    reasons = [reason for item in parsed.items if item.kind == "W" for reason in _about_weapon(item, parsed)]
    if not traced.frames:
        return [*reasons, "no word of a transfer was read in it"]
    return [*reasons, *(_about_frame(frame) for frame in traced.frames)]


def _about_weapon(item: Item, parsed: Parsed) -> list[str]:
    """What keeps a weapon out of any claim."""
    words = parsed.text[item.start - parsed.sentence.start : item.end - parsed.sentence.start]
    if item.weapon is not None and not item.weapon.counts:
        return [f"“{words}” is no arms transfer by itself (ammunition, spares, services)"]
    if item.is_blocked:
        return [f"“{words}” stands for a service or a part, not for the weapon"]
    return []


def _about_frame(frame: Frame) -> str:
    """What keeps a frame from telling a transfer."""
    if frame.status is None:
        return f"{frame.rule}: denied, asked, hypothetical or no transfer"
    if not frame.weapons:
        return f"{frame.rule}: governs no weapon here"
    roles = assign_roles(frame, frame.weapons[0])
    missing = [
        name
        for name, found in (("supplier", roles.suppliers), ("recipient", roles.recipients))
        if not any(role.actor is not None for role in found)
    ]
    if missing:
        return f"{frame.rule}: no {' and no '.join(missing)} in the sentence, and the article gives none"
    return f"{frame.rule}: parties and weapon were read, but the weapon is too general or the frame too weak"
