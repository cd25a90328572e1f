"""Second stage: which words of a sentence tell a transfer, of which weapons, in which status.

A chain is a row of trigger words that make one predicate ("has agreed to buy", "signed a contract to supply",
"approved the sale of"). Each chain becomes a frame with its weapons and the actors around it, each actor with its
relation: subject, from, to, by, for, with, in, owner, adjective, indirect object.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extract.claims.clauses import Clause, split_clauses
from extract.claims.triggers import FRAMES, OPERATORS, Trigger
from extract.claims.words import BE, CONTAIN, FUTURE, HAVE, NEEDS_OWNER, POSSIBLE, SAYING

if TYPE_CHECKING:
    from extract.claims.items import Item
    from extract.claims.model import Actor


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
class _Chain:
    """Positions of the triggers of one predicate."""

    positions: tuple[int, ...]
    triggers: tuple[Trigger, ...]


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
        chains = _chains(clause)
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
        item, after = items[index], items[index + 1]
        if after.kind in "ED" and after.word in ("another", "further") and index + 2 < len(items):
            after = items[index + 2]
        opens = items[index - 1].kind in "&," and item.kind == "A" and item.actor is not None and not item.is_adjective
        place = items.index(after)
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
    weapons = _objects(items, clause.left, len(items))
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


def _chains(clause: Clause) -> list[_Chain]:
    """Join trigger words to predicates."""
    items = clause.items
    chains: list[_Chain] = []
    current: list[int] = []
    for index in range(clause.left, len(items)):
        if items[index].kind not in "VT":
            continue
        if current and not _continues(items, current, index):
            chains.append(_make_chain(items, current))
            current = []
        current.append(index)
    if current:
        chains.append(_make_chain(items, current))
    return chains


def _make_chain(items: list[Item], positions: list[int]) -> _Chain:
    """Freeze a chain."""
    return _Chain(tuple(positions), tuple(items[p].triggers[0] for p in positions))


def _continues(items: list[Item], current: list[int], index: int) -> bool:
    """Whether the trigger at ``index`` belongs to the predicate that ``current`` has begun."""
    last = current[-1]
    between = items[last + 1 : index]
    if any(i.kind == "R" or i.kind == "v" for i in between):
        return False
    first, second = items[last].triggers[0], items[index].triggers[0]
    weapons = [i for i in between if i.kind == "W" and not i.is_blocked]
    if weapons and not (len(weapons) == 1 and weapons[0].is_premodifier and between[-1] is weapons[0]):
        return False
    if any(i.kind == "&" for i in between) and not (between and between[-1].kind == "X"):
        return first.form == "noun" and second.form == "noun" and len(between) <= 2
    if second.form == "noun":
        return True
    previous = items[index - 1]
    if previous.kind == "X":
        return first.form == "noun" or items[index - 2].word == "to"
    if previous.word in ("to", "for", "of", "on", "not"):
        return True
    if second.form in ("ed", "part", "ing") and first.form == "noun":
        return len(between) <= 4  # "the contract signed in March", "an order placed"
    return first.frame not in FRAMES and len(between) <= 2


def _frame(clause: Clause, chains: list[_Chain], number: int, subjects: dict[int, list[Party]]) -> Frame:
    """Build the frame of one chain."""
    items = clause.items
    chain = chains[number]
    first, last = chain.positions[0], chain.positions[-1]
    left = clause.left
    right = len(items)
    ceiling = chains[number + 1].positions[0] if number + 1 < len(chains) else right
    core = _core(chain)
    passive = _is_passive(items, chain, core)
    subject = _subject(items, chain, left, subjects=subjects)
    subjects[first] = subject
    weapons = _objects(items, last + 1, ceiling, is_deal=core.frame == "deal" or core.form == "noun")
    if core.frame == "supply" and core.form != "noun" and core.lemma not in _WITH_VERBS:  # "sends troops with Typhoons"
        weapons = [w for w in weapons if items[items.index(w) - 1].word != "with"]
    if core.lemma == "replace":  # "replace its Pinzgauers with 43 Bushmasters"
        weapons = [w for w in weapons if items[items.index(w) - 1].word in ("with", "by")]
    if core.frame == "arrive":
        weapons = [w for w in weapons if items[items.index(w) - 1].kind != "P"]
    noun = core.form == "noun"
    if noun:
        weapons += [w for w in _premodifiers(items, chain) if w not in weapons]
    opening = chain.triggers[0]
    if opening.frame in OPERATORS and _is_passive(items, chain, opening):
        passive = True
    if passive or ((core.frame == "arrive" or not weapons) and (not noun or _is_state_of(items, first))):
        weapons += [w for w in _subject_weapons(items, chain, left, passive=passive, core=core) if w not in weapons]
    pronoun = not weapons and (
        core.lemma == "be in talks"
        or (
            core.lemma != "replace"
            and any(_pronoun_object(items, position + 1, ceiling) for position in chain.positions)
        )
    )
    status = _status(items, chain, core, left, ceiling)
    giver = items[first - 1] if first else None
    if (
        giver is not None
        and giver.kind == "A"
        and giver.is_adjective
        and core.form in ("ed", "part")
        and core.frame == "supply"
    ):
        passive = True  # "Soviet-supplied Scuds"
        subject = [Party("by", giver.actor, giver), *(replace(p, relation="object") for p in subject)]
    agent = _agent(items, chain, core)
    if agent is not None:  # "asked Germany to supply", "let Estonia give"
        subject = [agent, *(replace(p, relation="principal") for p in subject)]
    around = _oblique(items, chain, core, left, _reach(items, chains, number), passive=passive)
    if number and chains[number - 1].triggers[-1].form != "noun":
        floor = items[chains[number - 1].positions[0]].start
        around = [p for p in around if not floor < p.item.start < items[first].start]
    parties = subject + [p for p in around if agent is None or p.item is not agent.item]
    deal_type = core.deal_type or next(
        (t.deal_type for t in reversed(chain.triggers) if t.deal_type and t.lemma not in ("loan", "lease")), None
    )
    frame = core.frame
    if frame == "equip" and not any(p.relation == "object" or (passive and p.relation == "subject") for p in parties):
        status = None  # "has armed them with missiles": one's own
    if core.lemma in _MAKING and _is_licensed(items, last, right):
        frame, deal_type, status = "licence", "licensed_production", status and "ordered"
    elif (
        core.lemma in _MAKING
        and len(chain.triggers) == 1
        and not passive
        and not any(p.relation in ("for", "to", "object") or p.is_firm for p in parties)
    ):
        status = None  # "Brazil is building submarines" tells no transfer
    if core.lemma in ("lease", "rent", "hire") and any(p.relation in ("object", "to") for p in parties):
        frame = "supply"  # "to lease Poland eight Apaches"
    return Frame(
        "+".join(t.lemma for t in chain.triggers[:3]),
        frame,
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


def _agent(items: list[Item], chain: _Chain, core: Trigger) -> Party | None:
    """The actor right before an infinitive inside a chain: who is asked, allowed or commissioned to do it."""
    position = next(p for p, t in zip(chain.positions, chain.triggers, strict=True) if t is core)
    if core.form != "base" or position == chain.positions[0]:
        return None
    index = position - 1
    while index > chain.positions[0] and (items[index].word in ("to", "not", "be") or items[index].kind in "o"):
        index -= 1
    item = items[index]
    if (
        item.kind in "AC"
        and item.actor is not None
        and not item.is_possessive
        and not item.is_adjective
        and governor(items, index) is None
    ):
        return Party("subject", item.actor, item, item.kind == "C")
    return None


def _reach(items: list[Item], chains: list[_Chain], number: int) -> int:
    """Where the parties of a chain end: at the next verb; "of an order for 100 to China" goes on."""
    for later in chains[number + 1 :]:
        first = later.positions[0]
        back = first - 1
        while back > 0 and items[back].kind in "DoKMEA":
            back -= 1
        if later.triggers[0].form != "noun" or items[back].kind != "P":
            return first
    return len(items)


_MAKING = frozenset({"build", "construct", "manufacture", "produce", "assemble"})


def _is_licensed(items: list[Item], last: int, right: int) -> bool:
    """Whether "under licence" follows a verb of making."""
    return any(
        items[i].word == "under" and any(j.word in ("licence", "license") for j in items[i + 1 : i + 4])
        for i in range(last, right)
    )


_WITH_VERBS = frozenset({"supply", "provide", "furnish", "present", "resupply"})
_GETTING = frozenset({"receive", "get", "obtain", "take", "accept", "take in", "book"})
_ORDERED = frozenset({"order", "request", "commission"})


def _core(chain: _Chain) -> Trigger:
    """The trigger whose frame decides the roles: the last with roles of its own, deals last of all."""
    strong = [t for t in chain.triggers if t.frame in FRAMES and t.frame not in ("deal", "win", "place")]
    if strong:
        verbs = [t for t in strong if t.form != "noun"]
        last = strong[-1]
        if any(t.frame == "approve" and t.form == "noun" for t in chain.triggers):
            return last  # "gave its consent to the sale of"
        if verbs and verbs[-1].frame == "arrive" and verbs[-1].is_weak and last.form == "noun":
            return last  # "came away with a promise of"
        if verbs and last.form == "noun" and not (verbs[-1].lemma in _GETTING and last.lemma in _ORDERED):
            return verbs[-1]  # "has received a shipment of": who receives is told by the verb
        return last
    named = [t for t in chain.triggers if t.frame in FRAMES]
    return named[0] if named else chain.triggers[-1]


def _is_state_of(items: list[Item], first: int) -> bool:
    """Whether a noun trigger is told of the weapon before it: "on order", "under contract", "subject of talks"."""
    before = items[first - 1] if first else None
    return before is not None and before.kind == "P" and before.word in ("on", "under", "for")


_BY_OR_FROM = frozenset(
    {
        "by",
        "from",
        "to",
        "in",
        "under",
        "for",
        "at",
        "on",
        "between",
        "as part of",
        "since",
        "via",
        "during",
        "until",
        "out of",
    }
)


def _is_passive(items: list[Item], chain: _Chain, core: Trigger) -> bool:
    """Whether the core is a passive verb or a participle that follows its weapon."""
    position = next(p for p, t in zip(chain.positions, chain.triggers, strict=True) if t is core)
    if core.form not in ("ed", "part"):
        return False
    index = position - 1
    while (
        index >= 0
        and items[index].kind in "oGY"
        and items[index].word.endswith(
            ("ly", "not", "also", "already", "been", "never", "since", "now", "still", "so", "far")
        )
    ):
        index -= 1
    before = items[index] if index >= 0 else None
    after = items[position + 1] if position + 1 < len(items) else None
    if before is not None and before.kind == "X":
        return before.word in BE
    if before is not None and before.kind == "F":
        return False
    ends = (
        after is None
        or after.kind in ",.;-:)S"
        or (after.kind == "P" and after.word in _BY_OR_FROM)
        or after.kind == "Y"
    )
    if not ends:
        return False
    if after is not None and after.kind == "Y" and position + 2 < len(items):
        after = items[position + 2]
    if before is None:
        return True  # "Ordered in 2019, the first ten have arrived"
    if before.kind in "WTNU" or before.word in ("them", "which"):
        return True
    if before.kind in ",(" and after is not None and (after.kind == "P" or items[position + 1].kind == "Y"):
        return True
    return before.kind in "oBKLY" and after is not None and after.word in ("by", "from")


def _is_subject_place(items: list[Item], index: int) -> bool:
    """Whether the noun phrase that ends at ``index`` has no preposition before it."""
    return governor(items, index) is None


def governor(items: list[Item], index: int) -> str | None:
    """Find the preposition that governs the actor at a position.

    Args:
        items: items of the sentence.
        index: position of the actor.

    Returns:
        The preposition; None for a subject or an object.
    """
    back = index - 1
    words = 0
    while back >= 0:
        item = items[back]
        if item.kind == "P":
            if item.word in ("including", "such as", "like") and back and words < 4:
                back -= 1  # "to customers including Iran"
                continue
            return item.word
        if item.kind in "DKEUN" or (item.kind in "AC" and (item.is_possessive or item.is_adjective)):
            pass
        elif item.kind == "o" and item.word.endswith("ing") and len(item.word) > 5:
            return None
        elif item.kind in "oIL" and words < 4:
            if items[back + 1].kind == "D":  # "at the fair in Kielce the Estonian centre": another phrase
                return None
            words += 1
        elif (item.kind in "&," and back and _listed(items, back, index)) or (
            item.kind in "AC" and back + 1 < index and items[back + 1].kind in "&,"
        ):
            pass
        else:
            return None
        back -= 1
    return None


def _listed(items: list[Item], back: int, index: int) -> bool:
    """Whether a comma or "and" joins two actors of a list; "with Azerbaijan, Armenia has" is none."""
    after = items[index + 1] if index + 1 < len(items) else None
    if after is not None and after.kind in "XFVv" and items[back].kind == ",":
        return False
    if items[back].kind == "," and not any(i.kind == "&" for i in items[back : index + 4]):
        return False
    before = items[back - 1]
    if before.kind in "&,":
        before = items[back - 2] if back > 1 else before
    return before.kind in "AC"


def _subject(items: list[Item], chain: _Chain, left: int, *, subjects: dict[int, list[Party]]) -> list[Party]:
    """Actors that are the subject of the chain's first verb."""
    first = chain.positions[0]
    if chain.triggers[0].form == "noun":
        return _noun_subject(items, chain, left)
    index = first - 1
    while index >= left and (items[index].kind in "XFGo" or items[index].word in ("to", "also")):
        index -= 1
    if index >= 0 and items[index].kind == "&":  # "and ordered": the subject of the verb before
        earlier = [p for p in subjects if p < first]
        if earlier and index >= left - 1:
            return subjects[max(earlier)]
    if index >= left and items[index].kind == "R":
        return _antecedent(items, index)
    if left < len(items) and items[left].word == "whose":  # "Israel, whose boats were delivered"
        return [replace(party, relation="from") for party in _antecedent(items, left)]
    found: list[Party] = []
    while index >= left:
        item = items[index]
        if item.kind in "AC" and item.actor is not None and not item.is_adjective and not item.is_possessive:
            if governor(items, index) is None:
                found.append(Party("subject", item.actor, item, item.kind == "C"))
                before = index - 1
                while before > left and items[before].kind in "DK":
                    before -= 1
                if not (before > left and items[before].kind in "&,"):
                    break
        elif item.kind == "v" and item.word in SAYING and not found:
            if index == left or items[index - 1].word not in BE:  # "is believed to have sold" goes on
                break
        elif (
            item.kind in "IL"
            and not found
            and item.word not in NEEDS_OWNER
            and governor(items, index) is None
            and not _is_any(items, index)
        ):
            found.append(Party("subject", None, item, item.kind == "L"))
            if not (index > left and items[index - 1].kind == ","):
                break
        elif item.kind == "p" and not found:
            found.append(Party("subject", None, item))
            break
        elif item.kind == "R" and not found:
            return _antecedent(items, index)
        elif found and item.kind not in "&,ACDK":
            break
        index -= 1
    named = [p for p in found if p.actor is not None]
    if not found and first and items[first - 1].word == "to":  # "Ankara's decision to accept"
        owners = [
            i for i in items[max(left, first - 5) : first] if i.kind in "AC" and i.is_possessive and i.actor is not None
        ]
        found = named = [Party("subject", i.actor, i, i.kind == "C") for i in owners[-1:]]
    if (not found and chain.triggers[0].form == "ing") or (first and items[first - 1].word == "having"):
        return subjects[max(subjects)]
    return named or found[:1]


def _noun_subject(items: list[Item], chain: _Chain, left: int) -> list[Party]:
    """Owner of a noun chain ("Poland's order"), or the ungoverned actor before it in the clause ("Togo: four boats on order")."""
    index = chain.positions[0] - 1
    while index >= left:
        item = items[index]
        if item.kind in "AC" and item.actor is not None and not item.is_adjective and not item.is_possessive:
            if governor(items, index) is not None:
                return []
            found = [Party("subject", item.actor, item, item.kind == "C")]
            before = index - 1
            while before > left and items[before].kind in "DK&":
                before -= 1
            other = items[before] if before < index - 1 and before >= left else None
            if other is not None and other.kind in "AC" and other.actor is not None and items[index - 1].kind != "o":
                found.append(Party("subject", other.actor, other, other.kind == "C"))
            return found
        if item.kind in "IL" and governor(items, index) is None:
            return [Party("subject", None, item, item.kind == "L")]
        if item.kind == "p":
            return [Party("subject", None, item)]
        index -= 1
    return []


def _antecedent(items: list[Item], index: int) -> list[Party]:
    """Actor before a relative pronoun."""
    for item in reversed(items[max(0, index - 8) : index]):
        if item.kind in "AC" and item.actor is not None and not item.is_adjective:
            return [Party("subject", item.actor, item, item.kind == "C")]
        if item.kind in "WT":
            return []
        if item.kind in "IL":
            return [Party("subject", None, item, item.kind == "L")]
    return []


def _is_approximate(item: Item) -> bool:
    """Whether the count swallowed a preposition: "talks about three C-295s"."""
    return item.count is not None and item.count.is_approximate


def _objects(items: list[Item], start: int, stop: int, *, is_deal: bool = False) -> list[Item]:
    """Weapons in the object region; those that another verb or a purpose takes are left out."""
    found: list[Item] = []
    index = start
    if (
        is_deal and index < stop and items[index].kind == "W" and not _is_approximate(items[index])
    ):  # "under the contract the corvettes will have"
        return found
    while index < stop:
        item = items[index]
        if item.kind == "v" and item.word not in CONTAIN and not item.word.endswith("ed"):
            break
        if item.kind == "v" and item.word.endswith("ed") and index > start and items[index - 1].kind in "XR&":
            break
        if item.kind == "&" and index + 1 < stop and items[index + 1].kind in "XF":
            break
        if item.kind == "P" and item.word in (
            "against",
            "instead of",
            "alongside",
            "in return for",
            "in exchange for",
            "in place of",
            "rather than",
            "over",
            "like",
            "ahead of",
            "aboard",
        ):
            break
        if item.kind == "W" and not item.is_blocked and not _carried(items, index, is_deal=is_deal):
            found.append(item)
        index += 1
    return found


def _carried(items: list[Item], index: int, *, is_deal: bool) -> bool:
    """Whether the weapon only says what something is for or carries: "for its Leopards", "armed with", "powered by"."""
    back = index - 1
    before = items[back] if back >= 0 else None
    if before is None or before.kind != "P":
        return False
    item = items[index]
    if before.word in ("to", "for") and item.owners:
        return True
    if before.word == "for" and (item.is_definite or item.is_own):
        return not (back and (items[back - 1].kind in "VT" or (is_deal and items[back - 1].kind in "CA")))
    if before.word == "with" and item.count is None and back and items[back - 1].kind in "WU":
        return True
    if before.word in ("on", "aboard", "onto", "by", "between", "under", "in", "into", "against", "over"):
        return True
    if before.word == "for" and _has_weapon_before(items, back):
        return True
    return (
        before.word == "with"
        and back > 0
        and items[back - 1].kind in "ov"
        and items[back - 1].word in ("armed", "fitted", "powered", "loaded", "integrated")
    )


def _has_weapon_before(items: list[Item], back: int) -> bool:
    """Whether a weapon stands shortly before a preposition."""
    return any(i.kind == "W" for i in items[max(0, back - 3) : back])


def _premodifiers(items: list[Item], chain: _Chain) -> list[Item]:
    """Weapons right before a noun of the chain: "the Super Tucano purchase", "118 Hızır order"."""
    found = []
    for position, trigger in zip(chain.positions, chain.triggers, strict=True):
        if trigger.form != "noun" or position == 0:
            continue
        item = items[position - 1]
        if item.kind == "W" and not item.is_blocked:
            found.append(item)
    return found


def _subject_weapons(items: list[Item], chain: _Chain, left: int, *, passive: bool, core: Trigger) -> list[Item]:
    """Weapons left of the chain that it says something of: its subject or antecedent."""
    first = chain.positions[0]
    found: list[Item] = []
    index = first - 1
    crossed = False
    while index >= 0:
        item = items[index]
        if item.kind == "R":
            crossed = True
            left = 0
        if index < left and not crossed:
            break
        if item.kind == "W" and (not item.is_blocked or (crossed and item.weapon is not None and item.weapon.counts)):
            listed = not found or items[index + 1].kind in ",&" or _only_words(items, index, found[-1])
            if not listed:
                break
            if crossed or index == first - 1 or not _under_preposition(items, index):
                found.append(item)
        elif item.kind in "Vv" and (found or not crossed) and index != first:
            if item.kind == "v" and item.word in SAYING and not found:
                break
            if found or item.kind == "V":
                break
        elif item.kind in ";:" or (item.kind == "-" and found):
            break
        index -= 1
    if not passive and core.frame not in ("arrive",) and core.form != "noun":
        # An active verb takes a weapon before it only as antecedent: "the tanks it bought", "the jets that Iran ordered".
        return found if _is_object_relative(items, chain, found) else []
    return list(reversed(found))


def _only_words(items: list[Item], index: int, later: Item) -> bool:
    """Whether only small words stand between two weapons."""
    for item in items[index + 1 :]:
        if item is later:
            return True
        if item.kind not in "o,&(KEDNP)AC":
            return False
    return False


def _under_preposition(items: list[Item], index: int) -> bool:
    """Whether a preposition other than "of" governs the weapon."""
    before = items[index - 1] if index else None
    return (
        before is not None
        and before.kind == "P"
        and before.word
        in (
            "for",
            "with",
            "on",
            "from",
            "by",
            "against",
            "to",
            "in",
            "aboard",
            "between",
            "over",
            "instead of",
            "rather than",
            "than",
        )
    )


def _is_object_relative(items: list[Item], chain: _Chain, found: list[Item]) -> bool:
    """Whether the nearest weapon before is what the active verb acts on."""
    if not found:
        return False
    after = items[chain.positions[-1] + 1] if chain.positions[-1] + 1 < len(items) else None
    if after is not None and (after.kind in "DKNBTLE" or (after.kind == "o" and not after.word.endswith("ly"))):
        return False
    position = items.index(found[0])
    between = items[position + 1 : chain.positions[0]]
    if any(i.kind == "R" for i in between):
        subject = [i for i in between if i.kind in "ACIpL"]
        return bool(subject)
    return (
        bool(between)
        and between[0].kind in "ApCDI"
        and all(i.kind in "ApCDIXFoG" for i in between)
        and any(i.kind in "ACpI" for i in between)
    )


_STAND_INS = frozenset(
    [
        "type",
        "types",
        "system",
        "systems",
        "model",
        "models",
        "platform",
        "platforms",
        "variant",
        "variants",
        "version",
        "versions",
        "machine",
        "machines",
        "hull",
        "hulls",
        "batteries",
        "battery",
        "examples",
        "sets",
        "launchers",
    ]
)


def _pronoun_object(items: list[Item], start: int, stop: int) -> bool:
    """Whether "it", "them", "the type" or a bare number stands where the weapon would."""
    for index in range(start, min(stop, start + 6)):
        item = items[index]
        if (item.kind == "p" and item.word in ("it", "them")) or item.word == "own":
            return True
        if item.kind == "N":
            after = items[index + 1] if index + 1 < len(items) else None
            return after is None or after.kind in "PYE,.;:&-)US" or after.word in ("more", "others", "apiece", "so")
        if item.word in _STAND_INS and item.kind in "oUW":
            return True
        if item.kind not in "oEDKUPAY" or item.word in ("to", "by"):
            return False
    return False


_STATUS_RANK = {"proposed": 0, "approved": 1, "ordered": 2, "delivered": 3}


def _status(items: list[Item], chain: _Chain, core: Trigger, left: int, right: int) -> str | None:
    """Status that a chain tells, from its words and the auxiliaries around them."""
    first, last = chain.positions[0], chain.positions[-1]
    before = items[max(left, first - 5) : first]
    inside = items[first:last]
    words = [i for i in before[-4:] if i.kind in "XFGPo"] + [i for i in inside if i.kind in "XFGP"]
    frames = {t.frame for t in chain.triggers}
    negated = any(i.kind == "G" for i in words)
    if negated and "deny" not in frames:
        return None
    denies = [p for p, t in zip(chain.positions, chain.triggers, strict=True) if t.lemma == "deny"]
    after_denial = items[denies[0] + 1].word if denies and denies[0] + 1 < len(items) else ""
    if denies and (core.form == "ing" or after_denial in ("that", "having", "")):
        return None
    if "cancel" in frames:
        return "cancelled"
    if "complete" in frames and not any(i.kind == "F" or i.word == "to" for i in words):
        return "delivered"
    if "resume" in frames:
        return "ordered"
    if any(t.frame == "deny" for t in chain.triggers):
        return None
    status = core.status
    if "approve" in frames:
        return "approved"
    if core.lemma in ("sale", "foreign military sale", "export") and any(
        i.word in ("possible", "potential", "proposed") for i in items[max(0, first - 2) : last + 1]
    ):
        american = any(
            (i.actor is not None and i.actor.code == "USA") or (i.weapon is not None and i.weapon.origin == "USA")
            for i in items
        )
        return "approved" if american or core.lemma == "foreign military sale" else "proposed"
    if any(i.kind == "F" for i in words) and any(i.word == "like" for i in before):
        return "proposed"
    if any(i.kind == "F" and i.word in POSSIBLE for i in words):
        return "proposed"
    proposals = [t for t in chain.triggers if t.status == "proposed"]
    if proposals and core.frame in ("supply", "acquire", "deal", "licence", "equip"):
        return "proposed"
    approvals = [
        t for t in chain.triggers if t.status == "approved" and not (core.frame == "licence" and t is not core)
    ]
    if approvals and core not in approvals and core.form == "base" and "sign" not in frames:
        return "approved"
    if "sign" in frames:
        gives = core.deal_type == "aid" or (core.form == "base" and _is_gift(items, core, left, right))
        return "approved" if approvals or gives else "ordered"
    if approvals and core.status != "delivered":
        return "approved"
    future = any(i.kind == "F" and i.word in FUTURE for i in words) or _is_future(items, chain, core)
    position = next(p for p, t in zip(chain.positions, chain.triggers, strict=True) if t is core)
    coming = core.form == "ing" and position > left and items[position - 1].word in BE and core.lemma in _GIVING
    if (future or coming) and status == "delivered":
        return "approved" if core.deal_type == "aid" or _is_gift(items, core, left, right) else "ordered"
    if core.form == "noun" and core.status == "delivered" and core.frame == "supply":
        return "delivered" if _is_done(items, left, right) else "ordered"
    if core.frame == "deal" and core.status is None:
        if any(i.word in ("aid", "assistance") for i in items[left:right]):
            return "approved"
        return max(
            (t.status for t in chain.triggers if t.status), key=lambda s: _STATUS_RANK.get(s, 0), default="ordered"
        )
    return status


_GIVING = frozenset(
    {
        "send",
        "give",
        "donate",
        "provide",
        "transfer",
        "hand over",
        "supply",
        "deliver",
        "ship",
        "lend",
        "part with",
        "gift",
        "give away",
        "hand",
        "pass",
        "pass on",
        "turn over",
        "release",
        "cede",
        "spare",
        "contribute",
        "present",
    }
)


def _is_gift(items: list[Item], core: Trigger, left: int, right: int) -> bool:
    """Whether a future delivery is a state's pledge rather than a sale: no firm, no price, no contract."""
    clause = items[left:right]
    if any(i.word in ("gift", "grant", "donation", "aid", "assistance") for i in clause) or any(
        i.word == "free of charge" for i in clause
    ):
        return True
    if core.frame != "supply" or core.lemma not in _GIVING:
        return False
    return not any(i.kind in "CLMT" for i in clause) and any(i.kind in "AI" for i in clause)


_DUE = frozenset(
    ["due", "going", "expected", "scheduled", "slated", "set", "planned", "supposed", "destined", "poised"]
)


def _is_future(items: list[Item], chain: _Chain, core: Trigger) -> bool:
    """Whether the core is told as yet to come: "is to be delivered", "to supply", "due to arrive"."""
    position = next(p for p, t in zip(chain.positions, chain.triggers, strict=True) if t is core)
    before = items[max(0, position - 4) : position]
    if any(i.word in ("have", "has", "had", "having") for i in before[-2:]):
        return False
    if any(i.word in _DUE for i in before):
        return True
    return core.form in ("base", "ed", "part") and any(i.word == "to" for i in before[-3:])


_COMING = frozenset(
    [
        "start",
        "starts",
        "begin",
        "begins",
        "due",
        "expected",
        "planned",
        "scheduled",
        "run",
        "runs",
        "continue",
        "next",
        "until",
        "through",
        "would",
    ]
)


def _is_done(items: list[Item], left: int, right: int) -> bool:
    """Whether a noun of delivery tells a past one."""
    clause = items[left:right]
    if any(i.kind == "F" or i.word in _COMING for i in clause):
        return False
    if any(i.year is not None and not i.year.is_estimate for i in clause):
        return True
    return any(
        i.word in HAVE or i.word in ("was", "were") or (i.kind in "vV" and i.word.endswith("ed")) for i in clause
    ) or any(i.kind == "o" and i.word.endswith("ed") for i in clause)


def _oblique(items: list[Item], chain: _Chain, core: Trigger, left: int, stop: int, *, passive: bool) -> list[Party]:
    """Actors with prepositions, owners and indirect objects around a chain."""
    first, last = chain.positions[0], chain.positions[-1]
    parties: list[Party] = []
    begin = (
        left
        if passive or core.frame in ("arrive",) or core.form == "noun" or chain.triggers[0].form == "noun"
        else first
    )
    for index in range(left, stop):
        item = items[index]
        if (
            index > last
            and item.kind == "P"
            and item.word in ("over", "instead of", "rather than", "ahead of", "in place of")
        ):
            break
        if item.kind == "T" and first <= index <= last:
            parties += _noun_owners(items, index, left)
        if item.kind in "IL" and (item.word in NEEDS_OWNER or _is_any(items, index)):
            continue
        if (
            item.word in ("us", "it", "them")
            and index == last + 1
            and core.frame == "supply"
            and index + 1 < stop
            and items[index + 1].kind in "WN"
        ):
            parties.append(Party("object", None, item))
        if item.kind == "p" and item.word in ("it", "them") and index > last and items[index - 1].word in ("to", "for"):
            parties.append(Party(items[index - 1].word, None, item))
        if item.kind == "W" and item.owners and index and items[index - 1].word in ("to", "for"):
            parties.append(Party(items[index - 1].word, item.owners[0], item))
        if item.kind not in "ACIL" or (item.kind in "AC" and (item.actor is None or item.is_adjective)):
            continue
        preposition = governor(items, index)
        if any(i.word in ("neither", "nor", "not") for i in items[max(0, index - 3) : index]):
            continue
        if preposition is None:
            if index > first and item.kind in "ACI" and _is_indirect(items, index, chain):
                parties.append(Party("object", item.actor, item, item.kind == "C"))
            continue
        if index < first and not (begin <= index or preposition in ("from", "in", "with", "by", "for", "to", "under")):
            continue
        if preposition == "in" and parties and parties[-1].is_firm and _follows(items, parties[-1].item, index):
            parties[-1] = replace(parties[-1], actor=item.actor)  # "from Airbus in Spain"
            continue
        if item.is_possessive and not (index + 1 < len(items) and items[index + 1].kind in "oLIU"):
            continue
        parties.append(Party(_was_of(items, index, preposition), item.actor, item, item.kind in "CL"))
    return parties


_OTHERS = frozenset(
    [
        "western",
        "foreign",
        "european",
        "asian",
        "african",
        "arab",
        "gulf",
        "other",
        "another",
        "unnamed",
        "neighbouring",
        "neighboring",
        "regional",
        "allied",
        "friendly",
        "first",
    ]
)


def _is_any(items: list[Item], index: int) -> bool:
    """Whether an institution is any one, not one that the article tells: "a Western army", "other governments"."""
    for item in reversed(items[max(0, index - 3) : index]):
        if (
            item.word in ("a", "an", "any", "some", "several", "many", "no", "all", "every", "few")
            or item.word in _OTHERS
        ):
            return True
        if item.kind not in "oDK":
            return False
    return False


def _follows(items: list[Item], earlier: Item, index: int) -> bool:
    """Whether only "in" stands between an earlier item and the one at ``index``."""
    return index > 1 and items[index - 2] is earlier


def _was_of(items: list[Item], index: int, preposition: str) -> str:
    """Read "formerly of the Royal Air Force" as "from"."""
    if preposition == "of" and any(
        i.word in ("formerly", "previously", "late") for i in items[max(0, index - 4) : index]
    ):
        return "from"
    return preposition


def _noun_owners(items: list[Item], index: int, left: int) -> list[Party]:
    """Possessive and adjective actors before a noun trigger."""
    parties: list[Party] = []
    back = index - 1
    while back >= left and back > index - 7:
        item = items[back]
        if item.kind in "AC" and item.actor is not None:
            relation = (
                "owner" if item.is_possessive else "adjective" if (item.is_adjective or item.kind == "C") else None
            )
            if relation is None:
                break
            parties.append(Party(relation, item.actor, item, item.kind == "C"))
        elif item.kind not in "oKMENWUYTB" and not (item.kind == "V" and item.triggers[0].form in ("ed", "part")):
            break
        back -= 1
    return parties


def _is_indirect(items: list[Item], index: int, chain: _Chain) -> bool:
    """Whether the actor follows a verb of the chain directly: "gave Ukraine", "equip Budapest"."""
    back = index - 1
    while back >= 0 and items[back].kind in "Do&,AIK":
        if items[back].kind in "&," and not _listed(items, back, index):
            break
        if items[back].kind == "A" and not items[back].is_adjective and items[back + 1].kind not in "&,":
            break
        back -= 1
    return back in chain.positions and items[back].kind == "V"
