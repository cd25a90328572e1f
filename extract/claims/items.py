"""The item: one chunk of a sentence, as the later stages see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.claims.counts import Count
    from extract.claims.model import Actor, Money, WeaponEntry, YearMention
    from extract.claims.triggers import Trigger


@dataclass(slots=True, unsafe_hash=True)
class Item:
    """A chunk: a noun phrase with what belongs to it, a trigger, or a word; no stage changes one, a test sees to it.

    Frozen it would take ten times as long to make, and an article has a thousand.

    Attributes:
        kind: one character, see ``words``.
        start: offset of the first character in the field.
        end: offset after the last character.
        word: folded words.
        actor: for A and C, who is meant; None for an institution that the article must resolve.
        is_possessive: whether "'s" follows.
        is_adjective: whether it is a bare demonym.
        company: name of the company.
        weapon: for W, the weapon.
        designation: for W, its name in the claim.
        count: for W, the number that counts it.
        is_indefinite: for W, "a frigate" or "another frigate".
        is_definite: for W, "the frigates", "its frigates".
        is_own: for W, "its frigates", "their frigates".
        is_plural: for W, whether it is written in the plural.
        is_extra: for W, told as more, further, second.
        is_of_more: for W, told as part of a whole: "the first of 26", "two of six".
        condition: for W, new, second_hand or modernised.
        is_blocked: for W, whether it stands for a service or part ("F-16 pilots", "spare parts for the F-16").
        is_premodifier: for W, whether a noun trigger follows ("the Lynx order").
        owners: for W, T and I, possessive actors before it.
        demonyms: for W, T and I, adjectives of actors before it.
        makers: for W, companies named before it.
        origins: for W, actors of "Swedish-built": they tell the origin, no party.
        triggers: readings of a trigger word.
        money: for M.
        year: for Y.
        number: for N.
    """

    kind: str
    start: int
    end: int
    word: str = ""
    actor: Actor | None = None
    is_possessive: bool = False
    is_adjective: bool = False
    company: str | None = None
    weapon: WeaponEntry | None = None
    designation: str = ""
    count: Count | None = None
    is_indefinite: bool = False
    is_definite: bool = False
    is_own: bool = False
    is_plural: bool = False
    is_extra: bool = False
    is_of_more: bool = False
    condition: str | None = None
    is_blocked: bool = False
    is_premodifier: bool = False
    owners: tuple[Actor, ...] = ()
    demonyms: tuple[Actor, ...] = ()
    makers: tuple[Actor, ...] = ()
    origins: tuple[Actor, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    money: Money | None = None
    year: YearMention | None = None
    number: Count | None = None
