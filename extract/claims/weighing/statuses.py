"""What speaks for the status of a deal: the rules' reading, the predicates around the weapon, the chosen years."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.claims.dates import name_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.claims.items import Item
    from extract.claims.tellings import Telling
    from extract.claims.weighing.attach import Found, Surroundings

STATUSES = ("proposed", "approved", "ordered", "delivered", "cancelled")
_NEAR = 8  # items around a weapon whose words speak for its status
_TELLINGS = 4  # the surest tellings of a deal whose words are looked at


def describe_status(group: Sequence[Telling], found: Found, chosen: Found, around: Surroundings) -> list[str]:
    """Features that tell a deal's status: the rules' reading, the predicates, and the words around the weapon.

    Args:
        group: tellings of the deal.
        found: what the rules found.
        chosen: the parts that were chosen.
        around: the article.
    """
    kept = [t for t in group if t.odds.is_kept] or list(group)
    best = max(kept, key=lambda t: (t.odds.is_ruled, t.odds.chance))
    features = [f"rule:{found.status}", f"best:{best.status}", f"tellings:{min(len(kept), 3)}"]
    features += [f"some:{t.status}{'' if t.odds.is_ruled else ' soft'}" for t in kept]
    if best.deal_type:
        features.append(f"deal:{best.deal_type}")
    for name, year in (("order", found.order), ("delivery", found.delivery)):
        features.append(f"{name}:{name_time(year, around.year) if year else 'none'}")
    for name, year in (("chosen order", chosen.order), ("chosen delivery", chosen.delivery)):
        when = name_time(year, around.year) if year else "none"
        features += (f"{name}:{when}", f"{name}:{when}:{best.status}")
    features += best.cues
    for telling in kept[:_TELLINGS]:
        features += _near(telling, around)
    return features


def _near(telling: Telling, around: Surroundings) -> list[str]:
    """Words around the weapon of a telling."""
    parsed = around.sentences.get(telling.sentence.index)
    if parsed is None:
        return []
    place = telling.odds.place
    found = []
    for at in range(max(0, place - _NEAR), min(len(parsed.items), place + _NEAR + 1)):
        item = parsed.items[at]
        if item.kind in "XFGVTKEvoPS":
            found.append(f"near:{item.word}")
            if abs(at - place) < 4:
                found.append(f"{'left' if at < place else 'right'}:{item.word}")
        if item.year is not None:
            found.append(f"near year:{name_time(item.year, around.year)}")
    found += _predicates(parsed.items, place, "here")
    found += _course(parsed.items, place)
    after = around.sentences.get(telling.sentence.index + 1)
    if after is not None and telling.sentence.index >= 0:
        weapons = {i.weapon.family for i in after.items if i.weapon is not None and i.weapon.counts}
        whose = "none" if not weapons else "same" if telling.weapon.family in weapons else "other"
        found += _predicates(after.items, -1, f"next {whose}")
    steps = telling.rule.split("+")
    return [*found, f"opens:{steps[0]}", f"core:{steps[-1]}", f"rule words:{telling.rule}"]


def _course(items: list[Item], place: int) -> list[str]:
    """What the predicates between this weapon and those beside it tell, in their order: "bought", then "arrived"."""
    weapons = [p for p, i in enumerate(items) if i.weapon is not None and i.weapon.counts]
    low = max((p for p in weapons if p < place), default=-1)
    high = min((p for p in weapons if p > place), default=len(items))
    before, after = (
        [f"{i.triggers[0].frame}.{i.triggers[0].status}" for i in run if i.triggers]
        for run in (items[low + 1 : place], items[place + 1 : high])
    )
    return [
        f"course:{'>'.join(before[-2:])}|{'>'.join(after[:2])}",
        f"last before:{before[-1] if before else ''}",
        f"first after:{after[0] if after else ''}",
        f"last after:{after[-1] if after else ''}",
    ]


def _predicates(items: list[Item], place: int, where: str) -> list[str]:
    """Trigger words of a sentence, with their side of the weapon and whether another weapon stands between."""
    found: list[str] = []
    for at, item in enumerate(items):
        if not item.triggers:
            continue
        low, high = sorted((at, place))
        between = any(i.kind == "W" for i in items[low + 1 : high]) if place >= 0 else False
        side = "before" if at < place else "after"
        trigger = item.triggers[0]
        found += (
            f"{where} {side}:{trigger.frame}:{trigger.status}{' past another' if between else ''}",
            f"{where} {side}:{trigger.lemma}:{trigger.form}",
        )
    return found
