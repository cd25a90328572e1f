"""What one frame tells of one weapon and one pair of parties, before the article's tellings become claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.claims.counts import Count
    from extract.claims.items import Item
    from extract.claims.model import Actor, Money, Sentence, WeaponEntry, YearMention


@dataclass(frozen=True, slots=True)
class Odds:
    """How the scorer weighs a pair beside a weapon.

    Attributes:
        chance: probability that the words tell the pair.
        is_kept: whether it is sure enough to stand for later sentences.
        weapon: log-odds of the weapon's features.
        supplier: log-odds of the supplier's.
        recipient: log-odds of the recipient's.
        rank: place among the pairs of this weapon, from 0.
        lead: log-odds above the best other pair.
        is_ruled: whether a rule told the pair.
        place: position of the weapon, or of what stands for it, in its sentence.
    """

    chance: float = 1.0
    is_kept: bool = True
    weapon: float = 0.0
    supplier: float = 0.0
    recipient: float = 0.0
    rank: int = 0
    lead: float = 0.0
    is_ruled: bool = True
    place: int = 0


@dataclass(slots=True, unsafe_hash=True)
class Telling:
    """One telling of a transfer; like an `Item` not frozen, and never changed.

    Attributes:
        sentence: where it stands.
        weapon: the weapon; the earlier one, where words like "the jets" stand for it.
        designation: its name in the claim.
        weapon_text: the words.
        supplier: who supplies, or None.
        supplier_text: the words, or None where it follows from elsewhere.
        supplier_inferred: whether it follows from a company, an adjective, the weapon's origin or the article's topic.
        recipient: who receives, or None where the text calls it undisclosed.
        recipient_text: the words.
        status: status told.
        deal_type: kind of deal.
        condition: condition of the weapon.
        count: number of units.
        order_year: year of the order.
        delivery_year: year of delivery.
        money: price.
        money_shared: whether the price covers other weapons or recipients too.
        is_extra: told as more, further or second.
        is_anaphoric: whether the weapon is named by a pronoun or a general word.
        certainty: how firmly the words give both parties, 0 to 1.
        rule: the frame's rule.
        is_faint: whether neither weapon nor party stands in the words: "the contract was signed".
        supplier_basis: how the supplier was found.
        recipient_basis: how the recipient was found.
        mention: the weapon's words; None where a pronoun or a number stands for it.
        odds: how the scorer weighs it.
        cues: features of the weapon and the words that govern it.
    """

    sentence: Sentence
    weapon: WeaponEntry
    designation: str
    weapon_text: str
    supplier: Actor | None
    supplier_text: str | None
    supplier_inferred: bool
    recipient: Actor | None
    recipient_text: str | None
    status: str
    deal_type: str | None
    condition: str | None
    count: Count | None
    order_year: YearMention | None
    delivery_year: YearMention | None
    money: Money | None
    money_shared: bool
    is_extra: bool
    is_anaphoric: bool
    certainty: float
    rule: str
    is_faint: bool = False
    supplier_basis: str = "told"
    recipient_basis: str = "told"
    mention: Item | None = None
    odds: Odds = Odds()
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """A sentence with its items."""

    sentence: Sentence
    text: str
    items: list[Item]
