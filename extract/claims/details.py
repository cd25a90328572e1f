"""Details of a telling: its words, its count, its certainty, and what tellings of one sentence owe each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.counts import Count
from extract.claims.parts import attach_years

if TYPE_CHECKING:
    from extract.claims.frame_model import Frame
    from extract.claims.items import Item
    from extract.claims.roles import Role
    from extract.claims.tellings import Parsed, Telling


def agree(tellings: list[Telling]) -> list[Telling]:
    """Let what a sentence tells in words outweigh what was inferred for the same weapon.

    "Received Casspirs donated by the United States": the verb that lacks the supplier takes the one that is told.
    """
    result = []
    for given in tellings:
        telling = given
        for other in tellings:
            if other is given or other.weapon.family != telling.weapon.family:
                continue
            same_taker = other.recipient == telling.recipient
            if (
                same_taker
                and telling.supplier_basis not in _TOLD
                and other.supplier_basis in _TOLD
                and other.supplier is not None
            ):
                telling = replace(
                    telling,
                    supplier=other.supplier,
                    supplier_text=other.supplier_text,
                    supplier_basis=other.supplier_basis,
                    supplier_inferred=other.supplier_inferred,
                )
            same_giver = other.supplier == telling.supplier
            if (
                same_giver
                and telling.recipient_basis not in _TOLD
                and other.recipient_basis in _TOLD
                and other.recipient is not None
            ):
                telling = replace(
                    telling,
                    recipient=other.recipient,
                    recipient_text=other.recipient_text,
                    recipient_basis=other.recipient_basis,
                )
        result.append(telling)
    return result


_TOLD = frozenset({"told", "earlier"})


def add_order_year(frame: Frame, tellings: list[Telling]) -> list[Telling]:
    """Add the year of "under a contract signed in 2011" to the tellings of the sentence."""
    order, _ = attach_years(frame)
    if order is None or frame.status not in ("ordered", "approved"):
        return tellings
    return [replace(t, order_year=t.order_year or order) for t in tellings]


def words_of(parsed: Parsed, item: Item | None, default: str | None) -> str:
    """Words of an item as written."""
    if item is None:
        return default or ""
    offset = parsed.sentence.start
    return parsed.text[item.start - offset : item.end - offset]


def is_definite(frame: Frame) -> bool:
    """Whether a noun of a deal goes on about one told before: "the package", "this contract"."""
    return any(
        i.kind == "D" and i.word in ("the", "this", "that", "its")
        for i in frame.scope[max(0, frame.start - 4) : frame.start]
    )


_COUNTED = frozenset({"ship", "aircraft", "satellite", "sensor", "armoured_vehicle", "air_defence"})


def count_of(weapon: Item) -> Count | None:
    """The number of a weapon; "a frigate" is one."""
    assert weapon.weapon is not None
    if weapon.count is None and weapon.is_indefinite and not weapon.is_plural and weapon.weapon.category in _COUNTED:
        return Count(weapon.start, weapon.end, 1, 1, False)
    return weapon.count


def count_of_stand_in(frame: Frame, *, has_weapon: bool) -> Count | None:
    """Number that stands alone: "Qatar ordered eight", "one of five ordered in 2019"."""
    before = frame.scope[frame.start - 1] if frame.start else None
    if frame.is_passive and before is not None and before.kind == "N":
        return before.number
    left = frame.left
    if left >= 2 and left < len(frame.scope) and frame.scope[left].kind == "R" and frame.scope[left - 1].word == "of":
        return frame.scope[left - 2].number  # "sixteen of which"
    if has_weapon:
        return None
    for item in frame.scope[frame.end : frame.end + 5]:
        if item.kind == "N":
            return item.number
    return None


def rate_certainty(supplier: Role | None, recipient: Role, frame: Frame, *, anaphoric: bool) -> float:
    """How firmly the sentence itself gives both parties."""
    value = 0.9
    if supplier is None or supplier.item is None:
        value -= 0.25
    elif supplier.weight < 6:
        value -= 0.1
    if recipient.item is None:
        value -= 0.2
    elif recipient.weight < 6:
        value -= 0.1
    if anaphoric:
        value -= 0.1
    if frame.core is not None and frame.core.is_weak:
        value -= 0.1
    return max(0.1, round(value, 2))
