"""Tellings of pairs that no rule told: the words around the weapon give status, number, years."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.details import count_of, count_of_stand_in, words_of
from extract.claims.frame_model import Frame
from extract.claims.parts import attach_years
from extract.claims.tellings import Telling

if TYPE_CHECKING:
    from extract.claims.model import Actor
    from extract.claims.weighing.scene import Mention, Scene

_DEALS = frozenset({"order", "contract", "deal", "purchase", "sale", "agreement", "acquisition", "procurement"})


def tell_softly(scene: Scene, mention: Mention, supplier: Actor | None, recipient: Actor) -> Telling:
    """The telling of a weapon for a pair: the rules' own where they told the pair, else theirs with other parties.

    Args:
        scene: the sentence.
        mention: the weapon.
        supplier: who supplies.
        recipient: who receives.
    """
    for telling in mention.told:
        if telling.supplier == supplier and telling.recipient == recipient:
            return telling
    if mention.told:
        like = max(mention.told, key=lambda t: (t.supplier == supplier) + (t.recipient == recipient))
    else:
        like = _untold(scene, mention)
    is_new_giver = like.supplier != supplier
    is_new_taker = like.recipient != recipient
    return replace(
        like,
        supplier=supplier,
        supplier_text=_written(scene, supplier) if is_new_giver else like.supplier_text,
        supplier_inferred=_is_inferred(scene, supplier) if is_new_giver else like.supplier_inferred,
        supplier_basis="weighed" if is_new_giver else like.supplier_basis,
        recipient=recipient,
        recipient_text=_written(scene, recipient) if is_new_taker else like.recipient_text,
        recipient_basis="weighed" if is_new_taker else like.recipient_basis,
    )


def _written(scene: Scene, actor: Actor | None) -> str | None:
    """Words of an actor in the sentence."""
    places = scene.places.get(actor.code) if actor else None
    return words_of(scene.parsed, scene.parsed.items[places[0]], None) if places else None


def _is_inferred(scene: Scene, actor: Actor | None) -> bool:
    """Whether the sentence names no such state in its own words."""
    places = scene.places.get(actor.code, ()) if actor else ()
    return all(scene.parsed.items[p].kind == "C" or scene.parsed.items[p].is_adjective for p in places)


def _untold(scene: Scene, mention: Mention) -> Telling:
    """A telling without parties, from the frame nearest to the weapon."""
    frame = _nearest_frame(scene, mention)
    item = mention.item
    # the years of a further batch are its own, not those of the frame around
    order_year, delivery_year = attach_years(frame) if mention.batch is None else (None, None)
    return Telling(
        sentence=scene.parsed.sentence,
        weapon=mention.entry,
        designation=mention.name,
        weapon_text=words_of(scene.parsed, item, mention.name),
        supplier=None,
        supplier_text=None,
        supplier_inferred=True,
        recipient=None,
        recipient_text=None,
        status=frame.status or "delivered",
        deal_type=frame.deal_type,
        condition=item.condition if item else None,
        count=mention.batch or (count_of(item) if item else count_of_stand_in(frame, has_weapon=False)),
        order_year=order_year,
        delivery_year=delivery_year,
        money=None,
        money_shared=False,
        is_extra=mention.batch is not None or (item is not None and item.is_extra),
        is_anaphoric=item is None,
        certainty=0.5,
        rule=frame.rule,
        mention=item,
    )


def _nearest_frame(scene: Scene, mention: Mention) -> Frame:
    """The frame that governs the weapon, else the nearest one of the sentence, else one without a word."""
    told = [f for f in (*mention.frames, *scene.frames) if f.status is not None]
    at = mention.item.start if mention.item else 0
    if told:
        governing = [f for f in mention.frames if f.status is not None]
        return governing[0] if governing else min(told, key=lambda f: abs(f.scope[f.start].start - at))
    items = scene.parsed.items
    words = {i.triggers[0].lemma for i in items if i.kind == "T"}
    status = "ordered" if words & _DEALS else "delivered"
    return Frame(
        "mention", "none", status, None, False, (), (), tuple(items), mention.place, mention.place + 1, 0, len(items)
    )
