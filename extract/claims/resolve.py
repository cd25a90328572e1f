"""Fourth stage: fill the roles that a sentence leaves open from the article, and turn frames into tellings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.antecedents import find_weapons, is_follower
from extract.claims.civil import is_civil
from extract.claims.details import (
    add_order_year,
    agree,
    count_of,
    count_of_stand_in,
    is_definite,
    rate_certainty,
    words_of,
)
from extract.claims.doubt import (
    UNKNOWN,
    is_bare_noun,
    is_told_arrival,
    is_undisclosed,
    is_vain,
    last_telling_of,
    leave_out_places,
)
from extract.claims.focus import follow_subject, open_paragraph, replace_pronouns
from extract.claims.gaps import Gap, find_recipients, find_suppliers, nearest_parties, share_roles
from extract.claims.parts import attach_money, attach_years, date_last
from extract.claims.roles import Role, Roles, assign_roles
from extract.claims.tellings import Parsed, Telling
from extract.claims.weighing.scene import set_scene

if TYPE_CHECKING:
    from extract.claims.antecedents import Meant
    from extract.claims.context import Context
    from extract.claims.frame_model import Frame
    from extract.claims.model import Actor
    from extract.claims.weighing.scorer import Chooser


def resolve_sentence(parsed: Parsed, frames: list[Frame], context: Context, chooser: Chooser) -> list[Telling]:
    """Resolve the frames of one sentence in the context of the article so far.

    Args:
        parsed: the sentence.
        frames: its frames.
        context: state of the article; changed by what is told.
        chooser: what settles which of the candidates are told.

    Returns:
        Tellings of the sentence.
    """
    tellings: list[Telling] = []
    context.current = parsed.sentence.index
    open_paragraph(parsed, context)
    active = [replace_pronouns(parsed, f, context) for f in frames if f.status is not None]
    shared = share_roles(active)
    for frame in () if is_civil(parsed) else active:
        tellings = _resolve_frame(parsed, frame, shared, context, tellings)
    tellings = agree(tellings)
    if tellings or not is_civil(parsed):
        tellings = attach_money(parsed, active, tellings, context) if tellings else tellings
        tellings = chooser.choose(set_scene(parsed, frames, tellings, context), tellings)
    doubtful = [t for t in tellings if not t.odds.is_kept]
    tellings = [t for t in tellings if t.odds.is_kept]
    context.doubtful += doubtful
    if not tellings:
        attach_money(parsed, active, tellings, context)
    if not tellings:
        date_last(parsed, context)
    for telling in tellings:
        context.remember(telling)
    follow_subject(parsed, frames, context)
    _note_actors(parsed, context)
    for item in parsed.items:
        if item.weapon is not None and not item.weapon.is_generic and item.weapon.counts:
            context.last_named = item
            context.last_named_index = parsed.sentence.index
            break
    return tellings


def _note_actors(parsed: Parsed, context: Context) -> None:
    """Remember the actors of a sentence, and the first state of its paragraph."""
    named = tuple(dict.fromkeys(i.actor for i in parsed.items if i.kind in "AC" and i.actor is not None))
    context.named_last = named or context.named_last
    if parsed.sentence.paragraph != context.paragraph:
        context.paragraph, context.paragraph_actor = parsed.sentence.paragraph, None
    if context.paragraph_actor is None:
        context.paragraph_actor = next((i.actor for i in parsed.items if i.kind == "A"), None)


def _resolve_frame(
    parsed: Parsed, told: Frame, shared: Roles, context: Context, tellings: list[Telling]
) -> list[Telling]:
    """Add the tellings of one frame to those of its sentence, or what it says of them."""
    frame = told
    if is_follower(frame) and not frame.weapons:
        frame = replace(frame, frame="acquire", status="ordered", has_pronoun=False)
    if (not frame.weapons and tellings and frame.frame in ("deal", "sign")) or is_bare_noun(frame):
        tellings = add_order_year(frame, tellings)
        if frame.status == "cancelled" and tellings and "+" in frame.rule:
            tellings = [replace(t, status="cancelled") if t.status != "delivered" else t for t in tellings]
        return tellings
    for meaning in find_weapons(parsed, frame, context, tellings):
        meant = meaning
        if meant.weapon is None and meant.earlier is None and not any(p.actor is not None for p in frame.parties):
            continue
        if is_vain(frame, meant.weapon, context):
            continue
        if frame.frame == "arrive" and not is_told_arrival(frame, meant.entry, context, tellings):
            continue
        if frame.frame == "arrive" and meant.earlier is None:
            meant = replace(meant, earlier=last_telling_of(meant.entry, context, tellings))
            if meant.earlier is not None:
                frame = leave_out_places(frame)
        tellings = tellings + _tell(parsed, frame, meant, shared, context)
    return tellings


def _tell(parsed: Parsed, frame: Frame, meant: Meant, shared: Roles, context: Context) -> list[Telling]:
    """Make the tellings of one weapon of one frame."""
    weapon, entry, earlier = meant.weapon, meant.entry, meant.earlier
    roles = assign_roles(nearest_parties(parsed.items, frame, weapon), weapon)
    is_noun = weapon is None and frame.scope[frame.start].kind == "T"
    status = frame.status or "ordered"
    if frame.frame == "deal" and earlier is None and frame.core is not None and frame.core.lemma in _CONTENTS:
        last = context.last_weapons()
        if last and parsed.sentence.index - last[0].sentence.index <= 3 and is_definite(frame):
            earlier, status = last[0], last[0].status
    if frame.frame == "propose" and weapon is None and earlier is not None:
        subjects = (p for p in frame.parties if p.relation == "subject" and p.actor not in (None, earlier.supplier))
        roles = Roles((), tuple(Role(p.actor, p.item, 8) for p in subjects))
    gap = Gap(parsed, shared, context, earlier, is_noun=is_noun)
    recipients = find_recipients(gap, roles.recipients, roles.suppliers, origin=entry.origin)
    takers = {r.actor.code for r in recipients if r.actor}
    if weapon is not None and weapon.origins and entry.origin is None:
        entry = replace(entry, origin=weapon.origins[0].code)
    suppliers = find_suppliers(gap, roles.suppliers, takers, entry)
    if weapon is None and earlier is not None and earlier.supplier is not None:
        news = [r for r in suppliers if r.basis == "told" and r.actor != earlier.supplier]
        if news and all(r.basis != "told" for r in recipients):
            return []  # a broker or a critic of the deal told before, not another deal
    told: list[Telling] = []
    givers: list[Role | None] = [*suppliers] or [None]
    for recipient in recipients:
        for supplier in givers:
            giver = supplier.actor if supplier else None
            if (
                entry.is_generic
                and earlier is None
                and supplier is not None
                and supplier.item is None
                and supplier.weight < 4
            ):
                continue
            if giver is None and (recipient.actor is None or not is_undisclosed(parsed)):
                continue
            told.append(
                _telling(parsed, frame, replace(meant, entry=entry, earlier=earlier), status, (supplier, recipient))
            )
    return told


def _telling(parsed: Parsed, frame: Frame, meant: Meant, status: str, sides: tuple[Role | None, Role]) -> Telling:
    """One telling of a weapon between a supplier and a recipient."""
    weapon = meant.weapon
    supplier, recipient = sides
    order_year, delivery_year = attach_years(frame)
    return Telling(
        sentence=parsed.sentence,
        weapon=meant.entry,
        designation=meant.name,
        weapon_text=words_of(parsed, weapon, meant.name),
        supplier=_known(supplier),
        supplier_text=words_of(parsed, supplier.item, None) if supplier and supplier.item else None,
        supplier_inferred=supplier is not None and (supplier.is_firm or supplier.item is None),
        recipient=_known(recipient),
        recipient_text=words_of(parsed, recipient.item, None) if recipient.item else None,
        status=status,
        deal_type=frame.deal_type,
        condition=weapon.condition if weapon else None,
        count=(count_of(weapon) if weapon else None) or count_of_stand_in(frame, has_weapon=weapon is not None),
        order_year=order_year,
        delivery_year=delivery_year,
        money=None,
        money_shared=False,
        is_extra=bool(weapon and weapon.is_extra) or any(i.word in _EARLIER for i in frame.scope[frame.left :]),
        is_anaphoric=meant.earlier is not None,
        certainty=rate_certainty(supplier, recipient, frame, anaphoric=meant.earlier is not None),
        rule=frame.rule,
        is_faint=weapon is None and recipient.basis != "told" and (supplier is None or supplier.basis != "told"),
        supplier_basis=supplier.basis if supplier else "none",
        recipient_basis=recipient.basis,
        mention=weapon,
    )


def _known(role: Role | None) -> Actor | None:
    """The actor of a role, unless nobody knows who it is."""
    return None if role is None or role.actor is None or role.actor.code == UNKNOWN else role.actor


_EARLIER = frozenset({"already", "earlier", "previously", "separately"})


_CONTENTS = frozenset(
    {
        "package",
        "programme",
        "program",
        "deal",
        "contract",
        "agreement",
        "accord",
        "notification",
        "foreign military sale",
    }
)
