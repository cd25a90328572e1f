"""How a weapon's parties go on from those of the weapon before it.

"Poland ordered tanks from Korea and howitzers too": the parties stay. "Italy gave Pumas, and France AML-90s to Chad":
a new supplier stands between the two weapons. What was chosen for the one before says much of the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.claims.context import Context
    from extract.claims.items import Item
    from extract.claims.model import Actor
    from extract.claims.tellings import Telling
    from extract.claims.weighing.scene import Mention, Scene


@dataclass(frozen=True, slots=True)
class Before:
    """What was chosen for the weapon before, in the same sentence or in an earlier one.

    Attributes:
        place: position of the weapon in the sentence; None in an earlier one.
        paragraph: of the sentence.
        family: of the weapon.
        supplier: of its likeliest pair.
        recipient: of its likeliest pair.
        is_sure: whether that pair is claimed.
    """

    place: int | None
    paragraph: int
    family: str
    supplier: Actor | None
    recipient: Actor | None
    is_sure: bool

    @classmethod
    def of(cls, mention: Mention, tellings: Sequence[Telling]) -> Before | None:
        """The likeliest of some tellings of a weapon, the first; None for none."""
        return cls._of(tellings[0], mention.place) if tellings else None

    @classmethod
    def earlier(cls, context: Context) -> Before | None:
        """The last telling of the sentences before; None where none told a deal."""
        return cls._of(context.tellings[-1], None) if context.tellings else None

    @classmethod
    def _of(cls, told: Telling, place: int | None) -> Before:
        kept = told.odds.is_kept
        return cls(place, told.sentence.paragraph, told.weapon.family, told.supplier, told.recipient, kept)


def describe_sequel(
    scene: Scene, mention: Mention, supplier: Actor | None, recipient: Actor, before: Before
) -> list[str]:
    """How a pair goes on from that of the weapon before: the same parties, or new ones, and where these stand.

    Args:
        scene: the sentence.
        mention: the weapon.
        supplier: of the pair.
        recipient: of the pair.
        before: what was chosen for the weapon before.

    Returns:
        Features of the pair; "S" and "R" name parties kept, "s" and "r" new ones.
    """
    goes = ("S" if supplier == before.supplier else "s") + ("R" if recipient == before.recipient else "r")
    weapon = "same weapon" if before.family == mention.entry.family else "other weapon"
    if before.place is None:
        near = "paragraph" if before.paragraph == scene.parsed.sentence.paragraph else "article"
        here = "".join("|" if actor and actor.code in scene.places else "0" for actor in (supplier, recipient))
        return [
            f"{near}:{goes}:{here}",
            f"{near}:{goes}:{weapon}",
            f"{near}:{goes}:{here}:{scene.opening}",
            f"{near}:{goes}:{here}:{weapon}",
        ]
    low, high = sorted((before.place, mention.place))
    link = _link(scene.parsed.items[low + 1 : high])
    where = "".join(_stands(scene, actor, low, high) for actor in (supplier, recipient))
    sure = "sure" if before.is_sure else "unsure"
    return [
        f"sequel:{link}:{goes}",
        f"sequel:{sure}:{goes}",
        f"sequel:{goes}:{where}",
        f"sequel:{goes}:{weapon}:{link}",
        f"sequel:{goes}:{where}:{link}:{sure}",
        f"sequel:{goes}:{where}:{weapon}",
    ]


def _link(between: Sequence[Item]) -> str:
    """What stands between two weapons: a verb, a party, a break, or a mere list."""
    kinds = {item.kind for item in between}
    if kinds & {"V", "T", "v"}:
        return "verb"
    if kinds & {"A", "C"}:
        return "party"
    return "apart" if kinds & {";", ":", "S", "-"} else "list"


def _stands(scene: Scene, actor: Actor | None, low: int, high: int) -> str:
    """Where an actor stands by two weapons: before both, between, after both, in several of these, or nowhere."""
    places = scene.places.get(actor.code, ()) if actor else ()
    sides = {"<" if p < low else ">" if p > high else "|" for p in places}
    return "*" if len(sides) > 1 else sides.pop() if sides else "0"
