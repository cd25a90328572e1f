"""Fourth stage: fill the roles that a sentence leaves open from the article, and turn frames into tellings."""

from __future__ import annotations

from dataclasses import replace

from extract.claims.context import Context, is_explicit, matches_type
from extract.claims.frames import Frame
from extract.claims.items import Item
from extract.claims.model import Actor, WeaponEntry
from extract.claims.parts import attach_money, attach_years
from extract.claims.roles import Role, Roles, assign_roles
from extract.claims.tellings import Parsed, Telling

_UNKNOWN = "unknown"
_UNDISCLOSED = frozenset("undisclosed unnamed unidentified unspecified anonymous".split())


def resolve_sentence(parsed: Parsed, frames: list[Frame], context: Context) -> list[Telling]:
    """Resolve the frames of one sentence in the context of the article so far.

    Args:
        parsed: the sentence.
        frames: its frames.
        context: state of the article; changed by what is told.

    Returns:
        Tellings of the sentence.
    """
    tellings: list[Telling] = []
    active = [f for f in frames if f.status is not None]
    shared = _shared_roles(active)
    for frame in active:
        for weapon, entry, name, anaphoric in _weapons_of(parsed, frame, context, tellings):
            roles = assign_roles(frame, weapon)
            tellings += _tell(parsed, frame, weapon, entry, name, roles, shared, context, anaphoric=anaphoric)
    tellings = attach_money(parsed, active, tellings, context)
    for telling in tellings:
        context.remember(telling)
    _follow_subject(parsed, frames, context)
    return tellings


def _follow_subject(parsed: Parsed, frames: list[Frame], context: Context) -> None:
    """Remember who the sentence is about."""
    for frame in frames:
        for party in frame.parties:
            if party.relation == "subject" and party.actor is not None:
                context.last_subject = party.actor
                break
    for item in parsed.items:
        if item.kind == "C" and item.actor is not None:
            context.last_firm = item.actor
    if not frames:
        first = next((i for i in parsed.items if i.kind in "AC" and i.actor is not None and not i.is_adjective), None)
        if first is not None:
            context.last_subject = first.actor


def _shared_roles(frames: list[Frame]) -> Roles:
    """Roles that any frame of the sentence tells in words, for those that leave them open."""
    suppliers: list[Role] = []
    recipients: list[Role] = []
    for frame in frames:
        roles = assign_roles(frame, frame.weapons[0] if frame.weapons else None)
        suppliers += [r for r in roles.suppliers if is_explicit(r) and r.actor is not None]
        recipients += [r for r in roles.recipients if is_explicit(r) and r.actor is not None]
    return Roles(tuple(suppliers), tuple(recipients))


def _weapons_of(
    parsed: Parsed, frame: Frame, context: Context, tellings: list[Telling]
) -> list[tuple[Item | None, WeaponEntry, str, bool]]:
    """Weapons of a frame with the entries that they stand for."""
    found: list[tuple[Item | None, WeaponEntry, str, bool]] = []
    for item in frame.weapons:
        assert item.weapon is not None
        if item.weapon.is_generic:
            earlier = _antecedents(item, context, tellings)
            if earlier:
                found += [(item, t.weapon, t.designation, True) for t in earlier]
                continue
            if not _is_worth_a_claim(item):
                continue
        found.append((item, item.weapon, item.designation, False))
    if not frame.weapons and (frame.has_pronoun or _continues_deal(parsed, frame)):
        earlier = tellings or context.last_weapons()
        near = [t for t in earlier if parsed.sentence.index - t.sentence.index <= 3]
        seen: set[str] = set()
        for telling in near:
            if telling.weapon.family not in seen:
                seen.add(telling.weapon.family)
                found.append((None, telling.weapon, telling.designation, True))
    return found


_VAGUE = frozenset({"weapon", "military equipment", "vehicle", "service", "system", "surveillance system", "boat", "ship"})


def _is_worth_a_claim(item: Item) -> bool:
    """Whether a general type may stand in a claim: counted, indefinite or specific, but no bare "weapons"."""
    assert item.weapon is not None
    if item.weapon.designation in ("weapon", "military equipment"):
        return False
    if item.is_definite and item.count is None:
        return False
    return item.count is not None or item.is_indefinite or item.is_plural or item.weapon.designation not in _VAGUE


def _antecedents(item: Item, context: Context, tellings: list[Telling]) -> list[Telling]:
    """Earlier weapons that a general word stands for: "the jets", "a second batch of the boats", "ten more vehicles"."""
    if not (item.is_definite or item.is_extra or (item.count is None and not item.is_indefinite and item.is_plural)):
        return []
    pool = [t for t in [*context.tellings, *tellings] if matches_type(t.weapon, item)]
    if not pool:
        return []
    index = pool[-1].sentence.index
    chosen: dict[str, Telling] = {}
    for telling in pool:
        if telling.sentence.index == index:
            chosen[telling.weapon.family] = telling
    return list(chosen.values())


_DEAL_NOUNS = frozenset("contract deal agreement order purchase sale acquisition accord package delivery handover lease".split())


def _continues_deal(parsed: Parsed, frame: Frame) -> bool:
    """Whether a frame without a weapon goes on about the deal told before: "The contract was signed in March"."""
    if frame.core is None:
        return False
    head = parsed.items[frame.start]
    definite = frame.start and parsed.items[frame.start - 1].kind == "D"
    if frame.core.form == "noun" and head.kind == "T":
        return bool(definite) or frame.start == 0
    return frame.is_passive or frame.frame == "arrive"


def _tell(
    parsed: Parsed,
    frame: Frame,
    weapon: Item | None,
    entry: WeaponEntry,
    name: str,
    roles: Roles,
    shared: Roles,
    context: Context,
    *,
    anaphoric: bool,
) -> list[Telling]:
    """Make the tellings of one weapon of one frame."""
    recipients = _recipients(parsed, frame, roles, shared, context, entry)
    suppliers = _suppliers(frame, roles, shared, context, entry, [r.actor for r in recipients if r.actor])
    if not recipients:
        return []
    order_year, delivery_year = attach_years(parsed, frame)
    told: list[Telling] = []
    for recipient in recipients:
        for supplier in suppliers or [None]:
            if supplier is None and recipient.actor is None:
                continue
            giver = supplier.actor if supplier else None
            if giver is None and not _is_undisclosed(parsed):
                continue
            certainty = _certainty(supplier, recipient, frame, anaphoric=anaphoric)
            told.append(
                Telling(
                    parsed.sentence,
                    entry,
                    name,
                    _words(parsed, weapon, name),
                    None if giver is None or giver.code == _UNKNOWN else giver,
                    _words(parsed, supplier.item, None) if supplier and supplier.item else None,
                    supplier is not None and (supplier.is_firm or supplier.item is None),
                    None if recipient.actor is None or recipient.actor.code == _UNKNOWN else recipient.actor,
                    _words(parsed, recipient.item, None) if recipient.item else None,
                    frame.status or "ordered",
                    frame.deal_type,
                    weapon.condition if weapon else None,
                    weapon.count if weapon else _pronoun_count(parsed, frame),
                    order_year,
                    delivery_year,
                    None,
                    False,
                    bool(weapon and weapon.is_extra),
                    anaphoric,
                    certainty,
                    frame.rule,
                )
            )
    return told


def _words(parsed: Parsed, item: Item | None, default: str | None) -> str:
    """Words of an item as written."""
    if item is None:
        return default or ""
    offset = parsed.sentence.start
    return parsed.text[item.start - offset : item.end - offset]


def _pronoun_count(parsed: Parsed, frame: Frame) -> object:
    """Number that stands alone as the object: "Qatar ordered eight"."""
    for item in parsed.items[frame.end : frame.end + 4]:
        if item.kind == "N":
            return item.number
    return None


def _is_undisclosed(parsed: Parsed) -> bool:
    """Whether the sentence says that a party isn't named."""
    return any(i.word in _UNDISCLOSED or (i.actor is not None and i.actor.code == _UNKNOWN) for i in parsed.items)


def _certainty(supplier: Role | None, recipient: Role, frame: Frame, *, anaphoric: bool) -> float:
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


def _resolved(role: Role, context: Context, *, is_recipient: bool) -> Role | None:
    """Actor of "the army", "it", "the company" from the article."""
    if role.actor is not None:
        return role
    if role.item is not None and role.item.kind == "L":
        actor = context.last_firm
    elif role.item is not None and role.item.kind == "p":
        actor = context.last_subject
    elif is_recipient:
        actor = context.topic_recipient if context.topic_recipient else context.last_subject
    else:
        actor = context.topic_supplier if context.topic_supplier else context.last_subject
    return Role(actor, None, role.weight - 3, role.is_firm) if actor is not None else None


def _recipients(
    parsed: Parsed, frame: Frame, roles: Roles, shared: Roles, context: Context, entry: WeaponEntry
) -> list[Role]:
    """Recipients of a frame: told, resolved, or carried over."""
    told = [r for r in (_resolved(role, context, is_recipient=True) for role in roles.recipients) if r is not None]
    if told:
        return told
    givers = {r.actor.code for r in roles.suppliers if r.actor is not None}
    if shared.recipients:
        usable = [r for r in shared.recipients if r.actor is not None and r.actor.code not in givers]
        if usable:
            return [replace(r, weight=5) for r in usable[:1]]
    candidates: list[Actor] = []
    if context.last_paragraph == parsed.sentence.paragraph:
        candidates += context.last_recipients
    if context.topic_recipient is not None:
        candidates.append(context.topic_recipient)
    candidates += context.last_recipients
    for actor in candidates:
        if actor.code not in givers:
            return [Role(actor, None, 2)]
    return []


def _suppliers(
    frame: Frame, roles: Roles, shared: Roles, context: Context, entry: WeaponEntry, takers: list[Actor]
) -> list[Role]:
    """Suppliers of a frame: told, resolved, or inferred from the article and the weapon's origin."""
    codes = {actor.code for actor in takers}
    told = [r for r in (_resolved(role, context, is_recipient=False) for role in roles.suppliers) if r is not None]
    told = [r for r in told if r.actor is not None and (r.actor.code not in codes or r.item is not None)]
    if told:
        return told
    usable = [r for r in shared.suppliers if r.actor is not None and r.actor.code not in codes]
    if usable:
        return [replace(r, weight=5) for r in usable[:1]]
    known = context.suppliers_of.get(entry.family)
    if known is not None and known.code not in codes:
        return [Role(known, None, 4)]
    if entry.origin is not None:
        return [] if entry.origin in codes else [Role(Actor(entry.origin, "state"), None, 3)]
    for actor in (*context.last_suppliers, context.topic_supplier):
        if actor is not None and actor.code not in codes:
            return [Role(actor, None, 2)]
    return []
