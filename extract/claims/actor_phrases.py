"""Phrases of actors: demonyms and possessives with their institutions and firms."""

from __future__ import annotations

import re
from dataclasses import replace

from extract.claims.items import Item
from extract.claims.model import Actor
from extract.claims.words import NEEDS_OWNER


def name_peoples(items: list[Item]) -> list[Item]:
    """Read "the French handed over" as a state: an adjective with an article before a verb is a noun."""
    result = list(items)
    for index, item in enumerate(items[:-1]):
        if (
            item.kind == "A"
            and item.is_adjective
            and index
            and items[index - 1].word == "the"
            and items[index + 1].kind in "VXF"
        ):
            result[index] = replace(item, is_adjective=False)
    return result


def drop_memberships(items: list[Item]) -> list[Item]:
    """Make the organisations of "a NATO and EU member" plain words: one of their members takes part, not they."""
    result = list(items)
    of_member = False  # whether the words up to here, read from the end, are about a member
    for index in reversed(range(len(items))):
        item = items[index]
        if item.word in _MEMBERS:
            of_member = True
        elif of_member and item.actor is not None and item.actor.kind == "organisation" and not item.is_possessive:
            result[index] = replace(item, kind="o", actor=None)
        elif item.kind != "&":
            of_member = False
    return result


_MEMBERS = frozenset(
    {"member", "members", "ally", "allies", "country", "countries", "state", "states", "nation", "nations"}
)


def name_firms(text: str, items: list[Item]) -> list[Item]:
    """Let an unknown name after a possessive stand for its state: "South Korea's LIG Nex1 will supply"."""
    result: list[Item] = []
    index = 0
    while index < len(items):
        item = items[index]
        result.append(item)
        index += 1
        if item.kind != "A" or not item.is_possessive:
            continue
        stop = index
        while (
            stop < len(items)
            and stop < index + 4
            and items[stop].kind in "oZ"
            and CAPITALISED.match(text[items[stop].start : items[stop].end])
        ):
            stop += 1
        follows = items[stop] if stop < len(items) else None
        if stop > index and (
            follows is None or follows.kind not in "WZTUo-" or (follows.kind == "o" and not follows.word[:1].isdigit())
        ):
            result[-1] = replace(item, end=items[stop - 1].end, is_possessive=items[stop - 1].is_possessive)
            index = stop
    return result


CAPITALISED = re.compile(r"[A-ZÀ-ÞŁŚŠŽČİ][\w’'.-]*\Z")


_UNDISCLOSED = frozenset(["undisclosed", "unnamed", "unidentified", "unspecified", "anonymous"])


def merge_actors(items: list[Item]) -> list[Item]:
    """Join demonyms and possessives with institutions and firms: "the Polish ministry", "Mowag of Switzerland"."""
    result: list[Item] = []
    for item in items:
        if item.kind in "IL" and any(i.word in _UNDISCLOSED for i in result[-3:]):
            result.append(replace(item, kind="A", actor=Actor("unknown", "unknown")))
            continue
        joined = (
            (item.kind in "IL" and _join_noun(item, result))
            or (item.kind == "C" and _join_firm(item, result))
            or (item.kind == "I" and _join_of(item, result))
        )
        if not joined:
            result.append(_joined_state(item, result) if item.kind == "A" else item)
    return result


def _join_noun(item: Item, result: list[Item]) -> bool:
    """Join an institution or "company" to its owner; False where it has none."""
    owner, depth = _owner(result)
    if owner is None or owner.actor is None:
        return False
    kind = "A" if item.kind == "I" else "C"
    if kind == "C" and owner.kind == "C" and not owner.is_possessive:
        result[-1] = replace(owner, end=item.end, is_possessive=item.is_possessive)
        return True
    del result[-depth:]
    company = item.word if kind == "C" else None
    span = (owner.start, item.end)
    result.append(Item(kind, *span, item.word, actor=owner.actor, company=company, is_possessive=item.is_possessive))
    return True


def _join_firm(item: Item, result: list[Item]) -> bool:
    """Join a firm to the state or firm before it: "Spain's Airbus plant", "the German firm Rheinmetall"."""
    if not result:
        return False
    last = result[-1]
    if last.kind == "A" and (last.is_possessive or last.is_adjective):
        # the works stand for the state that they are in
        result[-1] = replace(item, start=last.start, actor=last.actor if last.is_possessive else item.actor)
        return True
    if last.kind == "C" and last.actor is not None:
        keep = last.actor if last.word in ("company", "firm") else item.actor
        result[-1] = replace(item, start=last.start, actor=keep)
        return True
    if len(result) > 1 and last.kind == "L" and result[-2].kind == "A" and result[-2].is_adjective:
        del result[-1]
        result[-1] = replace(item, start=result[-1].start)
        return True
    return False


def _join_of(item: Item, result: list[Item]) -> bool:
    """Join "the Indian Ministry of" with "Defence"."""
    if len(result) < 2 or result[-1].word != "of":
        return False
    head = result[-2]
    if head.kind != "A" or head.is_adjective or head.end <= head.start + len(head.word):
        return False
    result.pop()
    result[-1] = replace(head, end=item.end, is_possessive=item.is_possessive)
    return True


def _joined_state(item: Item, result: list[Item]) -> Item:
    """Take off ``result`` what belongs to a state: "Mowag of Switzerland", "the army of Chad", "Germany's Berlin"."""
    if (
        len(result) > 2
        and result[-1].word == "the"
        and result[-2].word == "of"
        and result[-3].kind in "CI"
        and result[-3].word not in NEEDS_OWNER
    ):
        result.pop()
    if len(result) > 1 and result[-1].word == "of":
        head = result[-2]
        if head.kind == "C":
            del result[-2:]
            return replace(head, end=item.end, is_possessive=item.is_possessive, actor=item.actor)
        if head.kind == "I" and head.word not in NEEDS_OWNER:
            del result[-2:]
            return replace(item, start=head.start, is_adjective=False)
    last = result[-1] if result else None
    if last is not None and last.kind == "A" and last.is_adjective and item.word in _SERVICES:
        result.pop()
        return replace(item, start=last.start, actor=last.actor)  # "the Philippine Marine Corps"
    if last is not None and last.kind == "A" and _same_actor(last, item):
        result.pop()
        return replace(item, start=last.start)
    return item


_SERVICES = frozenset(
    {
        "marine corps",
        "coast guard",
        "national guard",
        "congress",
        "senate",
        "state department",
        "navy",
        "army",
        "air force",
    }
)


def _same_actor(first: Item, second: Item) -> bool:
    """Whether two neighbouring actor terms name one actor: "Polish Ministry of Defence", "Germany's Berlin"."""
    return first.is_adjective and first.actor == second.actor


def _owner(result: list[Item]) -> tuple[Item | None, int]:
    """The actor that an institution noun belongs to, up to three words before it, and how many items it spans."""
    for depth in range(1, min(4, len(result)) + 1):
        item = result[-depth]
        if item.kind in "AC":
            usable = item.is_possessive or item.is_adjective or depth == 1 or item.kind == "C"
            return (item, depth) if usable else (None, 0)
        if item.kind not in "oKIL" or item.is_possessive:
            return None, 0
    return None, 0
