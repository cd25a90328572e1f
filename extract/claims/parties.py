"""Actors of a predicate: its subject, its prepositional phrases, its indirect object, its owner."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.frame_model import Chain, Party
from extract.claims.words import BE, NEEDS_OWNER, SAYING

if TYPE_CHECKING:
    from extract.claims.items import Item
    from extract.claims.triggers import Trigger


def find_agent(items: list[Item], chain: Chain, core: Trigger) -> Party | None:
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


def find_subject(items: list[Item], chain: Chain, left: int, *, subjects: dict[int, list[Party]]) -> list[Party]:  # noqa: PLR0911
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
    found, relative = _free_actors(items, index, left)
    if relative is not None:
        return _antecedent(items, relative)
    named = [p for p in found if p.actor is not None]
    if not found and first and items[first - 1].word == "to":  # "Ankara's decision to accept"
        owners = [
            i for i in items[max(left, first - 5) : first] if i.kind in "AC" and i.is_possessive and i.actor is not None
        ]
        found = named = [Party("subject", i.actor, i, i.kind == "C") for i in owners[-1:]]
    if (not found and chain.triggers[0].form == "ing") or (first and items[first - 1].word == "having"):
        return subjects[max(subjects)]
    return named or found[:1]


def _free_actors(items: list[Item], start: int, left: int) -> tuple[list[Party], int | None]:
    """Actors without a preposition from a position to the left, and the relative pronoun that stands for them."""
    found: list[Party] = []
    index = start
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
            return [], index
        elif found and item.kind not in "&,ACDK":
            break
        index -= 1
    return found, None


def _noun_subject(items: list[Item], chain: Chain, left: int) -> list[Party]:
    """Owner of a noun chain ("Poland's order"), or the free actor before it ("Togo: four boats on order")."""
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


def find_parties(
    items: list[Item], chain: Chain, core: Trigger, reach: tuple[int, int], *, passive: bool
) -> list[Party]:
    """Actors with prepositions, owners and indirect objects around a chain, within its reach."""
    left, stop = reach
    first, last = chain.positions[0], chain.positions[-1]
    parties: list[Party] = []
    is_open = passive or core.frame == "arrive" or "noun" in (core.form, chain.triggers[0].form)
    begin = left if is_open else first
    for index in range(left, stop):
        item = items[index]
        if index > last and item.kind == "P" and item.word in _INSTEAD:
            break
        if item.kind == "T" and first <= index <= last:
            parties += _noun_owners(items, index, left)
        if item.kind in "IL" and (item.word in NEEDS_OWNER or _is_any(items, index)):
            continue
        before = items[index - 1].word if index else ""
        follows = items[index + 1].kind if index + 1 < stop else ""
        if item.word in ("us", "it", "them") and index == last + 1 and core.frame == "supply" and follows in ("W", "N"):
            parties.append(Party("object", None, item))
        if item.kind == "p" and item.word in ("it", "them") and index > last and before in ("to", "for"):
            parties.append(Party(before, None, item))
        if item.kind == "W" and item.owners and before in ("to", "for"):
            parties.append(Party(before, item.owners[0], item))
        if item.kind in "ACIL" and not (item.kind in "AC" and (item.actor is None or item.is_adjective)):
            party = _party(items, index, chain, begin)
            is_place = party is not None and party.relation == "in" and governor(items, index) == "in"
            if is_place and parties and parties[-1].is_firm and _follows(items, parties[-1].item, index):
                parties[-1] = replace(parties[-1], actor=item.actor)  # "from Airbus in Spain"
            elif party is not None:
                parties.append(party)
    return parties


_INSTEAD = frozenset({"over", "instead of", "rather than", "ahead of", "in place of"})


def _party(items: list[Item], index: int, chain: Chain, begin: int) -> Party | None:
    """One actor with its relation to the chain, if it has any."""
    item, first = items[index], chain.positions[0]
    preposition = governor(items, index)
    if any(i.word in ("neither", "nor", "not") for i in items[max(0, index - 3) : index]):
        return None
    if preposition is None:
        is_object = index > first and item.kind in "ACI" and _is_indirect(items, index, chain)
        return Party("object", item.actor, item, item.kind == "C") if is_object else None
    if index < first and not (begin <= index or preposition in ("from", "in", "with", "by", "for", "to", "under")):
        return None
    if item.is_possessive and not (index + 1 < len(items) and items[index + 1].kind in "oLIU"):
        return None
    return Party(_was_of(items, index, preposition), item.actor, item, item.kind in "CL")


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


def _is_indirect(items: list[Item], index: int, chain: Chain) -> bool:
    """Whether the actor follows a verb of the chain directly: "gave Ukraine", "equip Budapest"."""
    back = index - 1
    while back >= 0 and items[back].kind in "Do&,AIK":
        if items[back].kind in "&," and not _listed(items, back, index):
            break
        if items[back].kind == "A" and not items[back].is_adjective and items[back + 1].kind not in "&,":
            break
        back -= 1
    return back in chain.positions and items[back].kind == "V"
