"""Roles that a sentence leaves open, filled from the sentence, the article and the weapon's origin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extract.claims.context import Context, is_explicit
from extract.claims.focus import leading_actor, resolve_role
from extract.claims.model import Actor, WeaponEntry
from extract.claims.roles import Role, Roles, assign_roles

if TYPE_CHECKING:
    from extract.claims.frame_model import Frame, Party
    from extract.claims.items import Item
    from extract.claims.tellings import Parsed, Telling


def share_roles(frames: list[Frame]) -> Roles:
    """Roles that any frame of the sentence tells in words, for those that leave them open."""
    suppliers: list[Role] = []
    recipients: list[Role] = []
    for frame in frames:
        if not frame.weapons and frame.frame in ("deal", "sign", "approve", "propose"):
            if frame.frame in ("deal", "sign"):  # "the UK and Turkey have a deal under which Ankara will receive"
                suppliers += [
                    Role(p.actor, p.item, 5, p.is_firm)
                    for p in frame.parties
                    if p.actor and p.relation in ("subject", "with")
                ]
            continue
        roles = assign_roles(frame, frame.weapons[0] if frame.weapons else None)
        suppliers += [r for r in roles.suppliers if is_explicit(r) and r.actor is not None]
        recipients += [r for r in roles.recipients if is_explicit(r) and r.actor is not None]
    return Roles(tuple(suppliers), tuple(recipients))


def nearest_parties(items: list[Item], frame: Frame, weapon: Item | None) -> Frame:
    """Keep of several parties in one relation those that belong to the weapon.

    "Bought A from X, B and C from Y": each weapon takes the next "from" after it. "In X it bought A, in Y B": the
    relation stands before, so each takes the last one before it.

    Args:
        items: items of the sentence.
        frame: the frame.
        weapon: one of its weapons, or None.

    Returns:
        The frame with fewer parties, or unchanged.
    """
    if weapon is None or len(frame.weapons) < 2:
        return frame
    if frame.frame == "acquire":  # "four in Brazil and one from Spain"
        frame = replace(
            frame,
            parties=tuple(
                replace(p, relation="from")
                if p.relation == "in" and p.actor and p.actor.kind == "state" and p.item.start > frame.weapons[0].start
                else p
                for p in frame.parties
            ),
        )
    kept = list(frame.parties)
    for relation in ("from", "to", "for", "by", "in", "with"):
        parties = [p for p in frame.parties if p.relation == relation]
        groups = _side_by_side(items, parties)
        if len(groups) < 2:
            continue
        after = [g for g in groups if g[0].item.start > weapon.start]
        before = [g for g in groups if g[0].item.start < weapon.start]
        leads = groups[0][0].item.start < min(w.start for w in frame.weapons)
        chosen = (before[-1] if before else after[0]) if leads else (after[0] if after else before[-1])
        kept = [p for p in kept if p.relation != relation or p in chosen]
    return replace(frame, parties=tuple(kept))


def _side_by_side(items: list[Item], parties: list[Party]) -> list[list[Party]]:
    """Group parties of one relation that are joined by commas or "and"."""
    groups: list[list[Party]] = []
    for party in parties:
        if groups:
            last = groups[-1][-1].item
            between = [i for i in items if last.end <= i.start < party.item.start]
            if all(i.kind in ",&DoK" for i in between):
                groups[-1].append(party)
                continue
        groups.append([party])
    return groups


@dataclass(frozen=True, slots=True)
class Gap:
    """What may fill a role that a frame leaves open.

    Attributes:
        parsed: the sentence.
        shared: roles that the sentence's other frames tell.
        context: the article so far.
        earlier: the telling that the frame goes on about.
        is_noun: whether a noun without a weapon tells the deal.
    """

    parsed: Parsed
    shared: Roles
    context: Context
    earlier: Telling | None
    is_noun: bool


def find_recipients(
    gap: Gap, recipients: tuple[Role, ...], suppliers: tuple[Role, ...], *, origin: str | None
) -> list[Role]:
    """Recipients of a frame: told, resolved, or carried over.

    Args:
        gap: what may fill the role.
        recipients: recipients that the frame tells.
        suppliers: suppliers that it tells.
        origin: where the weapon comes from.

    Returns:
        The recipients; nothing where no one fits.
    """
    parsed, shared, context, earlier = gap.parsed, gap.shared, gap.context, gap.earlier
    givers = {r.actor.code for r in suppliers if r.actor is not None}
    topic = context.topic_supplier.code if context.topic_supplier else None
    avoid = givers or {code for code in (origin, topic) if code}
    found = (resolve_role(parsed, role, context, avoid, is_recipient=True) for role in recipients)
    others = {r.actor.code for r in shared.suppliers if r.actor is not None and r.actor != context.topic_recipient}
    told = [role for role in found if role is not None]
    if told and not (earlier is not None and gap.is_noun):
        return told
    if earlier is not None and earlier.recipient is not None and earlier.recipient.code not in givers:
        return [Role(earlier.recipient, None, 4, basis="earlier")]
    usable = [r for r in shared.recipients if r.actor is not None and r.actor.code not in givers]
    if usable:
        return [replace(r, weight=5, basis="shared") for r in usable[:1]]
    label = context.label if context.label_paragraph == parsed.sentence.paragraph else None
    candidates: list[tuple[str, Actor | None]] = [("leading", leading_actor(parsed)), ("label", label)]
    if context.last_paragraph == parsed.sentence.paragraph:
        candidates += [("paragraph", actor) for actor in context.last_recipients]
    if context.is_recipient_sure:
        candidates.append(("topic", context.topic_recipient))
    if context.protagonist != context.topic_supplier:
        candidates.append(("protagonist", context.protagonist))
    candidates += [("weak topic", context.topic_recipient)]
    for basis, actor in candidates:
        if actor is not None and actor.code not in avoid and actor.code not in others:
            return [Role(actor, None, 2, basis=basis)]
    return []


def find_suppliers(gap: Gap, suppliers: tuple[Role, ...], takers: set[str], entry: WeaponEntry) -> list[Role]:
    """Suppliers of a frame: told, resolved, or inferred from the article and the weapon's origin.

    Args:
        gap: what may fill the role.
        suppliers: suppliers that the frame tells.
        takers: codes of the recipients.
        entry: the weapon.

    Returns:
        The suppliers; nothing where no one fits.
    """
    found = (resolve_role(gap.parsed, role, gap.context, takers, is_recipient=False) for role in suppliers)
    told = [role for role in found if role is not None]
    told = [r for r in told if r.actor is not None and (r.actor.code not in takers or r.item is not None)]
    return told or _implied_supplier(gap, takers, entry)


def _implied_supplier(gap: Gap, takers: set[str], entry: WeaponEntry) -> list[Role]:
    """Supplier that the deal told before, the sentence, the weapon's origin or the article implies."""
    shared, context, earlier = gap.shared, gap.context, gap.earlier
    if earlier is not None and earlier.supplier is not None and earlier.supplier.code not in takers:
        return [Role(earlier.supplier, None, 4, basis="earlier")]
    known = None if entry.is_generic else context.suppliers_of.get(entry.family)
    if known is not None and known.code not in takers:
        return [Role(known, None, 4, basis="family")]
    usable = [r for r in shared.suppliers if r.actor is not None and r.actor.code not in takers]
    same = [r for r in usable if r.actor is not None and r.actor.code == entry.origin]
    deal = [r for r in usable if r.weight == 5]
    if deal and not same:
        return [replace(deal[0], basis="shared")]
    if usable and (same or entry.origin is None):
        return [replace(r, weight=5, basis="shared") for r in (same or usable)[:1]]
    if entry.origin is not None:
        return [] if entry.origin in takers else [Role(Actor(entry.origin, "state"), None, 3, basis="origin")]
    lately = (a for a in (*context.last_suppliers, context.topic_supplier) if a is not None and a.code not in takers)
    return [Role(actor, None, 2, basis="last") for actor in lately][:1]
