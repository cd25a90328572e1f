"""Types of the second stage: a predicate, its chain of trigger words, and the actors around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.claims.items import Item
    from extract.claims.model import Actor
    from extract.claims.triggers import Trigger


@dataclass(frozen=True, slots=True)
class Party:
    """An actor beside a chain.

    Attributes:
        relation: subject, object, from, to, by, for, with, in, owner, adjective, between.
        actor: who; None for an institution, firm or pronoun that only the article tells.
        item: the words.
        is_firm: whether a company stands for the state.
    """

    relation: str
    actor: Actor | None
    item: Item
    is_firm: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """One predicate with what belongs to it.

    Attributes:
        rule: lemmas of the chain.
        frame: role frame of its core.
        status: status told, or None where nothing is claimed ("did not buy").
        deal_type: kind of deal that the words tell.
        is_passive: whether the weapon or the recipient is the subject.
        weapons: weapons that it governs.
        parties: actors around it.
        scope: items of its clause, an antecedent before them.
        start: position of its first word in the scope.
        end: position after its last word.
        left: position where its clause begins.
        right: position after its clause.
        has_pronoun: whether a pronoun stands where the weapon would.
        core: trigger that decides the roles.
    """

    rule: str
    frame: str
    status: str | None
    deal_type: str | None
    is_passive: bool
    weapons: tuple[Item, ...]
    parties: tuple[Party, ...]
    scope: tuple[Item, ...]
    start: int
    end: int
    left: int
    right: int
    has_pronoun: bool = False
    core: Trigger | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Positions of the triggers of one predicate."""

    positions: tuple[int, ...]
    triggers: tuple[Trigger, ...]
