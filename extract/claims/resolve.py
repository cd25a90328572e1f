"""Fourth stage: fill the roles that a sentence leaves open from the article, and turn frames into tellings."""

from __future__ import annotations

import re
from dataclasses import replace

from extract.claims.context import Context, is_explicit, matches_type
from extract.claims.counts import Count
from extract.claims.frames import Frame, Party, governor
from extract.claims.items import Item
from extract.claims.model import Actor, WeaponEntry
from extract.claims.parts import attach_money, attach_years, date_last
from extract.claims.roles import Role, Roles, assign_roles
from extract.claims.tellings import Parsed, Telling

_UNKNOWN = "unknown"
_UNDISCLOSED = frozenset(["undisclosed", "unnamed", "unidentified", "unspecified", "anonymous"])


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
    context.current = parsed.sentence.index
    _open_paragraph(parsed, context)
    active = [_with_pronouns(parsed, f, context) for f in frames if f.status is not None]
    shared = _shared_roles(active)
    for frame in active:
        if is_civil(parsed):
            continue
        if _is_follower(frame) and not frame.weapons:
            frame = replace(frame, frame="acquire", status="ordered", has_pronoun=False)
        if (not frame.weapons and tellings and frame.frame in ("deal", "sign")) or _is_bare_noun(frame):
            tellings = _dated(frame, tellings)
            if frame.status == "cancelled" and tellings and "+" in frame.rule:
                tellings = [replace(t, status="cancelled") if t.status != "delivered" else t for t in tellings]
            continue
        for weapon, entry, name, earlier in _weapons_of(parsed, frame, context, tellings):
            if weapon is None and earlier is None and not any(p.actor is not None for p in frame.parties):
                continue
            if _is_vain(frame, weapon, context) or (
                frame.frame == "arrive" and not _is_told_arrival(frame, entry, context, tellings)
            ):
                continue
            if frame.frame == "arrive" and earlier is None:
                earlier = _deal_of(entry, context, tellings)
                if earlier is not None:
                    frame = _without_places(frame)
            roles = assign_roles(nearest_parties(parsed.items, frame, weapon), weapon)
            tellings += _tell(parsed, frame, weapon, (entry, name, earlier), roles, shared, context)
    tellings = attach_money(parsed, active, _agreed(tellings), context)
    if not tellings:
        date_last(parsed, context)
    for telling in tellings:
        context.remember(telling)
    _follow_subject(parsed, frames, context)
    for item in parsed.items:
        if item.weapon is not None and not item.weapon.is_generic and item.weapon.counts:
            context.last_named = item
            context.last_named_index = parsed.sentence.index
            break
    return tellings


def _with_pronouns(parsed: Parsed, frame: Frame, context: Context) -> Frame:
    """Put who is meant for "it", "they" and "the company" among the parties of a frame."""
    parties = []
    for party in frame.parties:
        if party.actor is None and party.item.kind in "pL" and party.item.word not in ("we", "us", "i"):
            is_noun = frame.scope[frame.start].kind == "T"
            if (
                party.relation == "subject"
                and party.item.kind == "p"
                and (frame.is_passive or frame.frame == "arrive" or is_noun)
            ):
                continue  # "they were handed over": the weapons
            found = _meant_actor(parsed, party.item, context, frame)
            if found is not None:
                party = Party(party.relation, found[0], party.item, found[1])
        parties.append(party)
    return replace(frame, parties=tuple(parties))


def _meant_actor(parsed: Parsed, item: Item, context: Context, frame: Frame) -> tuple[Actor, bool] | None:
    """Who a pronoun or "the company" means, and whether it is a firm."""
    if item.kind == "L":
        return (context.last_firm, True) if context.last_firm is not None else None
    for index in range(len(parsed.items) - 1, -1, -1):
        other = parsed.items[index]
        if other.start >= item.start or other.kind not in "AC" or other.actor is None or other.is_adjective:
            continue
        if governor(parsed.items, index) is None:
            return other.actor, other.kind == "C"
    if context.last_paragraph == parsed.sentence.paragraph and frame.frame == "acquire" and context.last_recipients:
        return context.last_recipients[-1], False
    focus = context.focus(parsed.sentence.paragraph)
    return (focus, context.is_subject_firm) if focus is not None else None


def _agreed(tellings: list[Telling]) -> list[Telling]:
    """Let what a sentence tells in words outweigh what was inferred for the same weapon.

    "Received Casspirs donated by the United States": the verb that lacks the supplier takes the one that is told.
    """
    result = []
    for telling in tellings:
        for other in tellings:
            if other is telling or other.weapon.family != telling.weapon.family:
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


def _is_bare_noun(frame: Frame) -> bool:
    """Whether a frame is a noun of a deal alone, without weapon and verb: "the agreement ends a search"."""
    if frame.weapons or frame.core is None:
        return False
    return frame.core.form == "noun" and "+" not in frame.rule


def _dated(frame: Frame, tellings: list[Telling]) -> list[Telling]:
    """Add the year of "under a contract signed in 2011" to the tellings of the sentence."""
    order, _ = attach_years(frame)
    if order is None or frame.status not in ("ordered", "approved"):
        return tellings
    return [replace(t, order_year=t.order_year or order) for t in tellings]


def _open_paragraph(parsed: Parsed, context: Context) -> None:
    """Take a leading "Ghana:" as what the paragraph is about."""
    items = [i for i in parsed.items[:3] if i.kind != "-"]
    is_label = len(items) > 1 and items[1].kind == ":"
    if items and items[0].kind == "A" and items[0].actor is not None and (is_label or len(parsed.items) == 1):
        context.last_subject = items[0].actor
        context.is_subject_firm = False
        context.subject_paragraph = parsed.sentence.paragraph
        context.label = items[0].actor
        context.label_paragraph = parsed.sentence.paragraph


def _follow_subject(parsed: Parsed, frames: list[Frame], context: Context) -> None:
    """Remember who the sentence is about, and its last company."""
    subject: Actor | None = None
    is_firm = False
    for frame in frames:
        for party in frame.parties:
            if party.relation == "subject" and party.actor is not None and subject is None:
                subject, is_firm = party.actor, party.is_firm
    for index, item in enumerate(parsed.items):
        if item.kind == "C" and item.actor is not None:
            context.last_firm = item.actor
        if subject is None and item.kind == "A" and not item.is_adjective and governor(parsed.items, index) is None:
            subject, is_firm = item.actor, False
    opening = parsed.items[0] if parsed.items else None
    if opening is not None and opening.kind == "A" and opening.is_possessive:
        subject, is_firm = opening.actor, False
    if subject is not None:
        context.last_subject = subject
        context.is_subject_firm = is_firm
        context.subject_paragraph = parsed.sentence.paragraph


def _shared_roles(frames: list[Frame]) -> Roles:
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


_Meant = tuple[Item | None, WeaponEntry, str, Telling | None]


def _weapons_of(parsed: Parsed, frame: Frame, context: Context, tellings: list[Telling]) -> list[_Meant]:
    """Weapons of a frame; a general word or a pronoun comes with the weapon and the telling that it stands for."""
    found: list[_Meant] = []
    for item in frame.weapons:
        assert item.weapon is not None
        if item.weapon.is_generic:
            if item.is_definite and _is_apposition(frame, item):
                continue
            earlier = _antecedents(item, context, tellings)
            if earlier:
                found += [(item, telling.weapon, telling.designation, telling) for telling in earlier]
                continue
            named = context.last_named if parsed.sentence.index - context.last_named_index <= 1 else None
            if item.is_definite and named is not None and named.weapon is not None and matches_type(named.weapon, item):
                found.append((item, named.weapon, named.designation, None))
                continue
            if not _is_worth_a_claim(item):
                continue
        found.append((item, item.weapon, item.designation, None))
    if not frame.weapons and _is_follower(frame):
        found += [(None, t.weapon, t.designation, t) for t in context.last_weapons()[-1:]]
    if not frame.weapons and (frame.has_pronoun or _continues_deal(frame)):
        found += _stood_for(parsed, frame, context, tellings)
    return found


def _is_follower(frame: Frame) -> bool:
    """Whether a state "followed": it did what the last one did."""
    if frame.core is None or frame.core.lemma != "follow" or frame.is_passive or frame.core.form not in ("ed", "past"):
        return False
    return any(p.relation == "subject" and p.actor is not None and not p.is_firm for p in frame.parties)


def _is_apposition(frame: Frame, item: Item) -> bool:
    """Whether a general word goes on about a weapon named before it: "18 Super Tucanos, the only combat planes"."""
    assert item.weapon is not None
    return any(
        other.weapon is not None
        and not other.weapon.is_generic
        and other.end <= item.start
        and other.weapon.category == item.weapon.category
        for other in frame.weapons
    )


def _stood_for(parsed: Parsed, frame: Frame, context: Context, tellings: list[Telling]) -> list[_Meant]:
    """What "it", "them", "eight" or "the system" stands for: what was told last, else the topic of the headline."""
    if tellings:
        last = tellings[-1]
        return [(None, last.weapon, last.designation, last)]
    place = frame.scope[frame.start].start
    named = [i for i in parsed.items if i.kind == "W" and i.end <= place and not i.is_blocked and _is_named(i)]
    if named:
        return [_meant_by(named[-1], context)]
    pool = context.last_weapons()
    topic = context.topic_weapon
    if context.last_named is not None and context.last_named_index == context.current - 1:
        if not pool or pool[0].sentence.index < context.last_named_index:
            return [_meant_by(context.last_named, context)]
    distance = parsed.sentence.index - pool[0].sentence.index if pool else 99
    if pool and (distance <= 1 or topic is None) and distance <= 3:
        families = {t.weapon.family: t for t in pool}
        counted = [t for t in families.values() if t.count is not None]
        if topic is not None and topic.weapon is not None and topic.weapon.family in families:
            chosen = [families[topic.weapon.family]]
        else:
            chosen = (counted or list(families.values()))[-1:]
        return [(None, t.weapon, t.designation, t) for t in chosen]
    recent = context.last_named if parsed.sentence.index - context.last_named_index <= 1 else None
    if topic is None and recent is not None:
        return [_meant_by(recent, context)]
    return [_meant_by(topic, context)] if topic is not None else []


def _is_named(item: Item) -> bool:
    """Whether a weapon is called by its name."""
    return item.weapon is not None and not item.weapon.is_generic


def _meant_by(item: Item, context: Context) -> _Meant:
    """The weapon of an item with what was told of it last."""
    assert item.weapon is not None
    known = [t for t in context.recent() if t.weapon.family == item.weapon.family]
    return (None, item.weapon, item.designation, known[-1] if known else None)


_CIVIL = frozenset(
    [
        "airline",
        "airlines",
        "airways",
        "passenger",
        "passengers",
        "airliner",
        "airliners",
        "seat",
        "seats",
        "jetliner",
        "humanitarian",
        "relief",
        "rescue",
        "earthquake",
        "flood",
        "floods",
        "firefighting",
        "wildfire",
        "museum",
        "museums",
        "exhibit",
        "collectors",
    ]
)


def is_civil(parsed: Parsed) -> bool:
    """Whether a sentence is about airliners.

    Args:
        parsed: the sentence.

    Returns:
        True where an airline or its passengers are named.
    """
    return any(item.word in _CIVIL for item in parsed.items)


_CIVIL_SENTENCES = 2
_AIRLINER = re.compile(
    r"(?:Airbus )?A3[0-9]\d(?!.*MRTT)|(?:Boeing )?7[0-8]7(?!.*AEW)|E1[79]\d|E-?Jet|ATR[- ]?[47]2(?!.*M)|CRJ"
)


def is_civil_article(parsed: list[Parsed]) -> bool:
    """Whether an article is about airliners, rescue or museums rather than armed forces.

    Args:
        parsed: its sentences.

    Returns:
        True where civil words stand in several sentences and outnumber the weapons that are no transport.
    """
    civil = sum(is_civil(sentence) for sentence in parsed)
    civil += sum(
        1
        for sentence in parsed
        for item in sentence.items
        if item.weapon is not None and _AIRLINER.match(item.designation)
    )
    arms = sum(
        1
        for sentence in parsed
        for item in sentence.items
        if item.weapon is not None
        and item.weapon.counts
        and not item.weapon.is_generic
        and "transport" not in (item.weapon.generic_type or "")
    )
    return civil >= _CIVIL_SENTENCES and civil > arms


_VAGUE = frozenset(
    {"weapon", "military equipment", "vehicle", "service", "system", "surveillance system", "boat", "ship"}
)


def _is_worth_a_claim(item: Item) -> bool:
    """Whether a general type may stand in a claim: counted, indefinite or specific, but no bare "weapons"."""
    assert item.weapon is not None
    if item.weapon.designation in ("weapon", "military equipment"):
        return False
    if item.is_definite and item.count is None:
        return False
    return item.count is not None or item.is_indefinite or item.is_plural or item.weapon.designation not in _VAGUE


def _is_near_telling(context: Context, tellings: list[Telling]) -> bool:
    """Whether the sentence or the one before told of a weapon that "15 aircraft" can go on about."""
    return bool(tellings) or (bool(context.tellings) and context.current - context.tellings[-1].sentence.index <= 1)


def _antecedents(item: Item, context: Context, tellings: list[Telling]) -> list[Telling]:
    """Earlier weapons that a general word stands for: "the jets", "a second batch of the boats", "ten more vehicles"."""
    if not (item.is_definite or item.is_extra or (not item.is_indefinite and _is_near_telling(context, tellings))):
        return []
    assert item.weapon is not None
    if item.weapon.designation in ("weapon", "military equipment") and (not item.is_definite or item.is_premodifier):
        return []
    pool = [t for t in [*context.recent(), *tellings] if matches_type(t.weapon, item)]
    pool = [t for t in pool if not t.weapon.is_generic] or pool
    alike = [t for t in pool if t.weapon.generic_type == item.weapon.designation]
    if alike and item.is_definite and not item.is_plural:
        pool = alike
    if not pool:
        return []
    topic = context.topic_weapon
    if item.is_definite and topic is not None and topic.weapon is not None and not tellings:
        about = [t for t in pool if t.weapon.family == topic.weapon.family]
        if about and pool[-1].sentence.index < context.current - 1:
            return about[-1:]
    index = pool[-1].sentence.index
    chosen: dict[str, Telling] = {}
    for telling in pool:
        if telling.sentence.index == index:
            chosen[telling.weapon.family] = telling
    return list(chosen.values())


_DEAL_NOUNS = frozenset(
    [
        "contract",
        "deal",
        "agreement",
        "order",
        "purchase",
        "sale",
        "acquisition",
        "accord",
        "package",
        "delivery",
        "handover",
        "lease",
    ]
)


def _continues_deal(frame: Frame) -> bool:
    """Whether a frame without a weapon goes on about the deal told before: "The contract was signed in March"."""
    if frame.core is None:
        return False
    head = frame.scope[frame.start]
    definite = frame.start and frame.scope[frame.start - 1].kind == "D"
    if frame.core.form == "noun" and head.kind == "T":
        return bool(definite) or frame.start == 0
    if not (frame.is_passive or frame.frame == "arrive") or (frame.core.is_weak and frame.frame != "arrive"):
        return False
    before = frame.scope[frame.left : frame.start]
    for position, item in enumerate(before):
        if item.kind == "p" and item.word in ("it", "they"):
            return True
        after = before[position + 1] if position + 1 < len(before) else None
        if item.kind == "N" or item.word in ("first", "last", "rest", "remaining", "final"):
            return after is None or after.kind not in "oBIL"
    return False


def _tell(
    parsed: Parsed,
    frame: Frame,
    weapon: Item | None,
    meant: tuple[WeaponEntry, str, Telling | None],
    roles: Roles,
    shared: Roles,
    context: Context,
) -> list[Telling]:
    """Make the tellings of one weapon of one frame."""
    entry, name, earlier = meant
    is_noun = weapon is None and frame.scope[frame.start].kind == "T"
    status = frame.status or "ordered"
    if frame.frame == "deal" and earlier is None and frame.core is not None and frame.core.lemma in _CONTENTS:
        last = context.last_weapons()
        if last and parsed.sentence.index - last[0].sentence.index <= 3 and _is_definite(frame):
            earlier, status = last[0], last[0].status
    if frame.frame == "propose" and weapon is None and earlier is not None:
        subjects = (p for p in frame.parties if p.relation == "subject" and p.actor not in (None, earlier.supplier))
        roles = Roles((), tuple(Role(p.actor, p.item, 8) for p in subjects))
    recipients = _recipients(parsed, roles, shared, context, earlier, is_noun=is_noun, origin=entry.origin)
    takers = {r.actor.code for r in recipients if r.actor}
    if weapon is not None and weapon.origins and entry.origin is None:
        entry = replace(entry, origin=weapon.origins[0].code)
    suppliers = _suppliers(parsed, roles, shared, context, entry, takers, earlier)
    if weapon is None and earlier is not None and earlier.supplier is not None:
        news = [r for r in suppliers if r.basis == "told" and r.actor != earlier.supplier]
        if news and all(r.basis != "told" for r in recipients):
            return []  # a broker or a critic of the deal told before, not another deal
    order_year, delivery_year = attach_years(frame)
    told: list[Telling] = []
    for recipient in recipients:
        for supplier in suppliers or [None]:
            giver = supplier.actor if supplier else None
            if (
                entry.is_generic
                and earlier is None
                and supplier is not None
                and supplier.item is None
                and supplier.weight < 4
            ):
                continue
            if giver is None and (recipient.actor is None or not _is_undisclosed(parsed)):
                continue
            told.append(
                Telling(
                    sentence=parsed.sentence,
                    weapon=entry,
                    designation=name,
                    weapon_text=_words(parsed, weapon, name),
                    supplier=None if giver is None or giver.code == _UNKNOWN else giver,
                    supplier_text=_words(parsed, supplier.item, None) if supplier and supplier.item else None,
                    supplier_inferred=supplier is not None and (supplier.is_firm or supplier.item is None),
                    recipient=None if recipient.actor is None or recipient.actor.code == _UNKNOWN else recipient.actor,
                    recipient_text=_words(parsed, recipient.item, None) if recipient.item else None,
                    status=status,
                    deal_type=frame.deal_type,
                    condition=weapon.condition if weapon else None,
                    count=(_count(weapon) if weapon else None) or _pronoun_count(frame, has_weapon=weapon is not None),
                    order_year=order_year,
                    delivery_year=delivery_year,
                    money=None,
                    money_shared=False,
                    is_extra=bool(weapon and weapon.is_extra)
                    or any(i.word in _EARLIER for i in frame.scope[frame.left :]),
                    is_anaphoric=earlier is not None,
                    certainty=_certainty(supplier, recipient, frame, anaphoric=earlier is not None),
                    rule=frame.rule,
                    is_faint=weapon is None
                    and recipient.basis != "told"
                    and (supplier is None or supplier.basis != "told"),
                    supplier_basis=supplier.basis if supplier else "none",
                    recipient_basis=recipient.basis,
                )
            )
    return told


_EARLIER = frozenset({"already", "earlier", "previously", "separately"})


def _words(parsed: Parsed, item: Item | None, default: str | None) -> str:
    """Words of an item as written."""
    if item is None:
        return default or ""
    offset = parsed.sentence.start
    return parsed.text[item.start - offset : item.end - offset]


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


def _is_definite(frame: Frame) -> bool:
    """Whether a noun of a deal goes on about one told before: "the package", "this contract"."""
    return any(
        i.kind == "D" and i.word in ("the", "this", "that", "its")
        for i in frame.scope[max(0, frame.start - 4) : frame.start]
    )


_COUNTED = frozenset({"ship", "aircraft", "satellite", "sensor", "armoured_vehicle", "air_defence"})


def _count(weapon: Item) -> Count | None:
    """The number of a weapon; "a frigate" is one."""
    assert weapon.weapon is not None
    if weapon.count is None and weapon.is_indefinite and not weapon.is_plural and weapon.weapon.category in _COUNTED:
        return Count(weapon.start, weapon.end, 1, 1, False)
    return weapon.count


def _pronoun_count(frame: Frame, *, has_weapon: bool) -> Count | None:
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


def _resolved(parsed: Parsed, role: Role, context: Context, others: set[str], *, is_recipient: bool) -> Role | None:
    """Actor of "the army", "it", "the company": in the sentence before, in the paragraph, or the article's topic."""
    if role.actor is not None:
        return role
    item = role.item
    if item is None:
        return None
    basis = f"{item.kind}"
    if item.kind == "p" and item.word in ("we", "us", "i"):
        actor = context.speaker
    elif item.kind == "L":
        actor = context.last_firm
    else:
        topic = context.topic_recipient if is_recipient else context.topic_supplier
        near = context.last_recipients if is_recipient and context.last_paragraph == parsed.sentence.paragraph else ()
        sure = topic if is_recipient and context.is_recipient_sure and item.kind == "I" else None
        focus = context.focus(parsed.sentence.paragraph)
        label = context.label if context.label_paragraph == parsed.sentence.paragraph else None
        pool = (
            ("before", _before(parsed, item)),
            ("label", label),
            ("topic", sure),
            *(("near", a) for a in near if item.kind == "I"),
            ("focus", None if context.is_subject_firm and is_recipient else focus),
            ("protagonist", context.protagonist),
            ("topic", topic),
        )
        name, actor = next(((n, a) for n, a in pool if a is not None and a.code not in others), ("", None))
        basis = f"{item.kind}:{name}"
    return Role(actor, None, role.weight - 3, role.is_firm, basis) if actor is not None else None


def _before(parsed: Parsed, item: Item) -> Actor | None:
    """The nearest actor before an item in its sentence that is no one's object."""
    found: Actor | None = None
    for index, other in enumerate(parsed.items):
        if other.start >= item.start:
            break
        if (
            other.kind in "AC"
            and other.actor is not None
            and not other.is_adjective
            and governor(parsed.items, index) is None
        ):
            found = other.actor
    return found


def _recipients(
    parsed: Parsed,
    roles: Roles,
    shared: Roles,
    context: Context,
    earlier: Telling | None,
    *,
    is_noun: bool,
    origin: str | None,
) -> list[Role]:
    """Recipients of a frame: told, resolved, or carried over."""
    givers = {r.actor.code for r in roles.suppliers if r.actor is not None}
    avoid = (
        givers
        if givers
        else {code for code in (origin, context.topic_supplier.code if context.topic_supplier else None) if code}
    )
    found = (_resolved(parsed, role, context, avoid, is_recipient=True) for role in roles.recipients)
    others = {r.actor.code for r in shared.suppliers if r.actor is not None and r.actor != context.topic_recipient}
    told = [role for role in found if role is not None]
    if told and not (earlier is not None and is_noun):
        return told
    if earlier is not None and earlier.recipient is not None and earlier.recipient.code not in givers:
        return [Role(earlier.recipient, None, 4, basis="earlier")]
    usable = [r for r in shared.recipients if r.actor is not None and r.actor.code not in givers]
    if usable:
        return [replace(r, weight=5, basis="shared") for r in usable[:1]]
    label = context.label if context.label_paragraph == parsed.sentence.paragraph else None
    candidates: list[tuple[str, Actor | None]] = [("leading", _leading(parsed)), ("label", label)]
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


def _leading(parsed: Parsed) -> Actor | None:
    """The state that a sentence opens with as its subject: "Kuwait's ministry disclosed that the first TB2s are due"."""
    for index, item in enumerate(parsed.items[:6]):
        if (
            item.kind == "A"
            and not item.is_adjective
            and not item.is_possessive
            and governor(parsed.items, index) is None
        ):
            after = parsed.items[index + 1] if index + 1 < len(parsed.items) else None
            return item.actor if after is not None and after.kind not in "-:" else None
    return None


def _deal_of(entry: WeaponEntry, context: Context, tellings: list[Telling]) -> Telling | None:
    """The last telling of a weapon's family."""
    known = [t for t in [*context.recent(), *tellings] if t.weapon.family == entry.family]
    return known[-1] if known else None


def _without_places(frame: Frame) -> Frame:
    """Leave out where weapons of a known deal arrive: a port on the way is no recipient."""
    return replace(frame, parties=tuple(p for p in frame.parties if p.relation not in ("in", "at", "into")))


def _is_told_arrival(frame: Frame, entry: WeaponEntry, context: Context, tellings: list[Telling]) -> bool:
    """Whether an arrival has a party or goes on about a known deal; else it is a flight or a voyage."""
    if entry.is_generic and frame.core is not None and frame.core.is_weak:
        return _deal_of(entry, context, tellings) is not None
    if (
        frame.core is not None
        and frame.core.lemma in ("go", "go to", "come", "join", "reach", "follow")
        and not any(
            p.actor is not None and p.relation in ("to", "from", "object", "for", "into") for p in frame.parties
        )
    ):
        return _deal_of(entry, context, tellings) is not None or any(w.demonyms or w.makers for w in frame.weapons)
    if (
        frame.core is not None
        and frame.core.lemma in ("land", "touch down", "dock")
        and "transport" in (entry.generic_type or "")
    ):
        return _deal_of(entry, context, tellings) is not None
    if any(p.actor is not None or p.item.word == "country" for p in frame.parties if p.relation != "on"):
        return True
    if any(i.kind == "T" for i in frame.scope[frame.left :]) or any(
        w.demonyms or w.makers or w.owners for w in frame.weapons
    ):
        return True
    return _deal_of(entry, context, tellings) is not None


def _is_vain(frame: Frame, weapon: Item | None, context: Context) -> bool:
    """Whether a frame claims too little: a loss or withdrawal of weapons that no deal was told of."""
    if frame.frame != "cancel" or weapon is None or weapon.weapon is None:
        return False
    if frame.core is not None and frame.core.is_weak and "+" not in frame.rule:
        return True
    family = weapon.weapon.family
    if any(t.weapon.family == family for t in context.recent()):
        return False
    told = {p.relation for p in frame.parties if p.actor is not None}
    near = {weapon.weapon.origin, context.topic_recipient.code if context.topic_recipient else None}
    if weapon.count is not None and any(
        p.relation == "subject" and p.actor is not None and p.actor.code in near for p in frame.parties
    ):
        told.add("to")
    return frame.core is None or frame.core.is_weak or not told & {"to", "from", "for"}


def _suppliers(
    parsed: Parsed,
    roles: Roles,
    shared: Roles,
    context: Context,
    entry: WeaponEntry,
    takers: set[str],
    earlier: Telling | None,
) -> list[Role]:
    """Suppliers of a frame: told, resolved, or inferred from the article and the weapon's origin."""
    found = (_resolved(parsed, role, context, takers, is_recipient=False) for role in roles.suppliers)
    told = [role for role in found if role is not None]
    told = [r for r in told if r.actor is not None and (r.actor.code not in takers or r.item is not None)]
    if told:
        return told
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
    for actor in (*context.last_suppliers, context.topic_supplier):
        if actor is not None and actor.code not in takers:
            return [Role(actor, None, 2, basis="last")]
    return []
