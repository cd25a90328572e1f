"""Second stage: which words of a sentence tell a transfer, of which weapons, in which status.

A chain is a row of trigger words that make one predicate ("has agreed to buy", "signed a contract to supply",
"approved the sale of"). Each chain becomes a frame with its weapons and the actors around it, each actor with its
relation: subject, from, to, by, for, with, in, owner, adjective, indirect object.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.chains import find_core, is_passive, is_state_of, join_chains, reach_of
from extract.claims.clauses import Clause, split_clauses
from extract.claims.frame_model import Chain, Frame, Party
from extract.claims.objects import find_objects, find_premodifiers, find_subject_weapons, has_stand_in
from extract.claims.parties import find_agent, find_parties, find_subject, governor
from extract.claims.status import tell_status
from extract.claims.triggers import OPERATORS
from extract.claims.words import CONTAIN

if TYPE_CHECKING:
    from extract.claims.items import Item
    from extract.claims.triggers import Trigger


def find_frames(items: list[Item]) -> list[Frame]:
    """Find the frames of a sentence.

    Args:
        items: chunked items.

    Returns:
        Frames in order of their first word. A frame may have no weapon: the article tells it later or did before.
    """
    frames: list[Frame] = []
    last_subject: list[Party] = []
    for clause in split_clauses(items):
        chains = join_chains(clause)
        subjects: dict[int, list[Party]] = {-1: last_subject}
        here = len(frames)
        for number in range(len(chains)):
            frame = _frame(clause, chains, number, subjects)
            if clause.is_denied:
                frame = replace(frame, status=None)
            if len(frames) > here and _undoes(frame, frames[-1]):
                blockers = tuple(p for p in frame.parties if p.relation == "by")
                frames[-1] = replace(
                    frames[-1],
                    status=frame.status,
                    parties=(*frames[-1].parties, *(replace(p, relation="judge") for p in blockers)),
                )
                continue
            frames.append(frame)
            frames += _gapped(frame)
        bare = all(not f.weapons and f.frame == "deal" for f in frames[here:])
        if bare and frames[:here]:
            frames += _elided(clause, frames[here - 1])
        if len(subjects) > 1 and not clause.is_relative:
            last_subject = subjects[max(subjects)]
    frames.sort(key=lambda frame: frame.scope[frame.start].start)
    return [frame for frame in frames if not _is_idle(frame)]


_VAIN_LEMMAS = frozenset(
    {"try", "plan", "intend", "hope", "expect", "ask", "wish", "aim", "urge", "hint", "threaten", "want to", "look to"}
)


def _is_idle(frame: Frame) -> bool:
    """Whether an intention has no transfer as its object: "tried to bring guns forward"."""
    if frame.core is None:
        return False
    if frame.frame == "propose":
        return frame.core.lemma in _VAIN_LEMMAS
    if frame.frame == "approve" and frame.core.is_weak and "+" not in frame.rule:
        return not any(p.relation in ("to", "for") for p in frame.parties)
    return frame.frame == "cancel" and frame.has_pronoun and (frame.core.is_weak or frame.core.lemma == "deny")


_ENDINGS = frozenset({"fall through", "collapse", "lapse", "break down", "expire"})


def _undoes(frame: Frame, earlier: Frame) -> bool:
    """Whether a frame tells the end of the one before it: "the purchase of four corvettes was abandoned"."""
    if frame.frame not in ("cancel", "approve") or frame.core is None or not earlier.weapons or frame.status is None:
        return False
    if frame.frame == "approve" and not frame.is_passive:
        return False
    return (frame.core.lemma in _ENDINGS or frame.is_passive) and (
        earlier.core is None or earlier.core.form in ("noun", "base", "ing")
    )


def _gapped(frame: Frame) -> list[Frame]:
    """Repeat a purchase for "and Nigeria ten" after "Qatar ordered eight"."""
    if frame.frame not in ("acquire", "supply") or frame.core is None or frame.core.form == "noun" or frame.is_passive:
        return []
    items = frame.scope
    found = []
    for index in range(frame.end + 1, len(items) - 1):
        item, place = items[index], index + 1
        if items[place].kind in "ED" and items[place].word in ("another", "further") and place + 1 < len(items):
            place += 1
        after = items[place]
        opens = items[index - 1].kind in "&," and item.kind == "A" and item.actor is not None and not item.is_adjective
        closes = place + 1 >= len(items) or items[place + 1].kind in ",.;&)PEY"
        if opens and not item.is_possessive and after.kind == "N" and closes:
            others = tuple(p for p in frame.parties if p.relation != "subject")
            parties = (Party("subject", item.actor, item), *others)
            found.append(replace(frame, weapons=(), parties=parties, start=index, end=index + 1, has_pronoun=True))
    return found


def _elided(clause: Clause, earlier: Frame) -> list[Frame]:
    """Carry a verb over to a clause without one: "… and two AW109s from Italy", "which also covered tanks"."""
    items = clause.items
    if any(i.kind in "XF" or (i.kind == "v" and i.word not in CONTAIN) for i in items[clause.left :]):
        return []
    weapons = find_objects(items, clause.left, len(items))
    contains = any(i.word in CONTAIN for i in items[clause.left :])
    parties = [
        Party(governor(items, index) or "", item.actor, item, item.kind == "C")
        for index, item in enumerate(items)
        if index >= clause.left
        and item.kind in "AC"
        and item.actor is not None
        and governor(items, index) in ("from", "to")
    ]
    opens = items[clause.left].kind == ":" and not earlier.weapons
    if items[clause.left].kind == ";":  # "would comprise six turrets; twenty kits; …"
        contains = contains or any(i.word in CONTAIN for i in earlier.scope)
    if not weapons or not (contains or opens or (parties and earlier.weapons)):
        return []
    told = {p.relation for p in parties}
    kept = [p for p in earlier.parties if p.relation not in told]
    scope = tuple(items)
    return [
        replace(
            earlier,
            weapons=tuple(weapons),
            parties=(*kept, *parties),
            scope=scope,
            start=clause.left,
            end=clause.left,
            left=clause.left,
            right=len(items),
            has_pronoun=False,
        )
    ]


def _objects(items: list[Item], core: Trigger, last: int, ceiling: int) -> list[Item]:
    """Weapons after the chain that its core can have as objects."""
    weapons = find_objects(items, last + 1, ceiling, is_deal=core.frame == "deal" or core.form == "noun")
    if core.frame == "supply" and core.form != "noun" and core.lemma not in _WITH_VERBS:  # "sends troops with Typhoons"
        weapons = [w for w in weapons if items[items.index(w) - 1].word != "with"]
    if core.lemma == "replace":  # "replace its Pinzgauers with 43 Bushmasters"
        weapons = [w for w in weapons if items[items.index(w) - 1].word in ("with", "by")]
    if core.frame == "arrive":
        weapons = [w for w in weapons if items[items.index(w) - 1].kind != "P"]
    return weapons


def _frame(clause: Clause, chains: list[Chain], number: int, subjects: dict[int, list[Party]]) -> Frame:
    """Build the frame of one chain."""
    items = clause.items
    chain = chains[number]
    first, last = chain.positions[0], chain.positions[-1]
    left = clause.left
    right = len(items)
    ceiling = chains[number + 1].positions[0] if number + 1 < len(chains) else right
    core = find_core(chain)
    passive = is_passive(items, chain, core)
    subject = find_subject(items, chain, left, subjects=subjects)
    subjects[first] = subject
    opening = chain.triggers[0]
    if opening.frame in OPERATORS and is_passive(items, chain, opening):
        passive = True
    noun = core.form == "noun"
    weapons = _objects(items, core, last, ceiling)
    if noun:
        weapons += [w for w in find_premodifiers(items, chain) if w not in weapons]
    if passive or ((core.frame == "arrive" or not weapons) and (not noun or is_state_of(items, first))):
        weapons += [w for w in find_subject_weapons(items, chain, left, passive=passive, core=core) if w not in weapons]
    pronoun = not weapons and (
        core.lemma == "be in talks"
        or (core.lemma != "replace" and any(has_stand_in(items, position + 1, ceiling) for position in chain.positions))
    )
    status = tell_status(items, chain, core, left, ceiling)
    giver = items[first - 1] if first else None
    is_glued = giver is not None and giver.kind == "A" and giver.is_adjective and core.form in ("ed", "part")
    if giver is not None and is_glued and core.frame == "supply":
        passive = True  # "Soviet-supplied Scuds"
        subject = [Party("by", giver.actor, giver), *(replace(p, relation="object") for p in subject)]
    agent = find_agent(items, chain, core)
    if agent is not None:  # "asked Germany to supply", "let Estonia give"
        subject = [agent, *(replace(p, relation="principal") for p in subject)]
    around = find_parties(items, chain, core, (left, reach_of(items, chains, number)), passive=passive)
    if number and chains[number - 1].triggers[-1].form != "noun":
        floor = items[chains[number - 1].positions[0]].start
        around = [p for p in around if not floor < p.item.start < items[first].start]
    parties = subject + [p for p in around if agent is None or p.item is not agent.item]
    deal_type = core.deal_type or next(
        (t.deal_type for t in reversed(chain.triggers) if t.deal_type and t.lemma not in ("loan", "lease")), None
    )
    frame = Frame(
        "+".join(t.lemma for t in chain.triggers[:3]),
        core.frame,
        status,
        deal_type,
        passive,
        tuple(weapons),
        tuple(parties),
        tuple(items),
        first,
        last + 1,
        left,
        ceiling,
        pronoun,
        core,
    )
    return _of_its_kind(frame, core, is_single=len(chain.triggers) == 1)


def _of_its_kind(frame: Frame, core: Trigger, *, is_single: bool) -> Frame:
    """Correct what a verb tells by the parties around it: making, arming, leasing."""
    parties = frame.parties
    if core.frame == "equip" and not any(
        p.relation == "object" or (frame.is_passive and p.relation == "subject") for p in parties
    ):
        return replace(frame, status=None)  # "has armed them with missiles": one's own
    if core.lemma in _MAKING and _is_licensed(frame):
        status = frame.status and "ordered"
        return replace(frame, frame="licence", deal_type="licensed_production", status=status)
    has_taker = any(p.relation in ("for", "to", "object") or p.is_firm for p in parties)
    if core.lemma in _MAKING and is_single and not frame.is_passive and not has_taker:
        return replace(frame, status=None)  # "Brazil is building submarines" tells no transfer
    if core.lemma in ("lease", "rent", "hire") and any(p.relation in ("object", "to") for p in parties):
        return replace(frame, frame="supply")  # "to lease Poland eight Apaches"
    return frame


_MAKING = frozenset({"build", "construct", "manufacture", "produce", "assemble"})


def _is_licensed(frame: Frame) -> bool:
    """Whether "under licence" follows a verb of making."""
    items = frame.scope
    return any(
        items[i].word == "under" and any(j.word in ("licence", "license") for j in items[i + 1 : i + 4])
        for i in range(frame.end - 1, len(items))
    )


_WITH_VERBS = frozenset({"supply", "provide", "furnish", "present", "resupply"})
