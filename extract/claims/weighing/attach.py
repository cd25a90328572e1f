"""The number, the years, the price and the status of a deal, chosen from the sentences around its tellings.

Like the pairs, they are weighed: the numbers, years and prices near a telling are rivals of each other and of none, and
what the rules attached is one feature among others. The weights are trained on the labelled texts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import repeat
from typing import TYPE_CHECKING

from extract.claims.dates import name_time
from extract.claims.parts import DEAL_WORDS, DELIVERY_WORDS
from extract.claims.weighing.statuses import STATUSES, describe_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from extract.claims.counts import Count
    from extract.claims.items import Item
    from extract.claims.model import Money, YearMention
    from extract.claims.tellings import Parsed, Telling

_BEFORE, _AFTER = 1, 2  # sentences around a telling that may tell more of it
_TELLINGS = 4  # the surest tellings of a deal that are looked around
_NONE = 0.0  # log-odds of none of them


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules found for a deal.

    Attributes:
        count: number of units.
        order: order year.
        delivery: year of the first delivery.
        money: price.
        status: furthest status.
    """

    count: Count | None
    order: YearMention | None
    delivery: YearMention | None
    money: Money | None
    status: str


@dataclass(frozen=True, slots=True)
class Part:
    """A number, year or price near a telling.

    Attributes:
        count: for a number.
        year: for a year.
        money: for a price.
        telling: the telling beside which it stands.
        features: what speaks for and against it.
    """

    count: Count | None
    year: YearMention | None
    money: Money | None
    telling: Telling
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the parts of deals are looked for.

    Attributes:
        sentences: sentences of the article by number; the title has -1.
        year: year of publication.
    """

    sentences: dict[int, Parsed]
    year: int | None


def list_parts(group: Sequence[Telling], found: Found, around: Surroundings) -> list[Part]:
    """Numbers, years and prices that may belong to a deal.

    Args:
        group: tellings of the deal.
        found: what the rules found.
        around: the article.
    """
    parts: list[Part] = []
    for telling in sorted(group, key=lambda t: (not t.odds.is_kept, -t.odds.chance))[:_TELLINGS]:
        if telling.count is not None:
            own = "own" if telling.mention is not None and telling.mention.count is not None else "apart"
            features = ["bias", own, *_of_count(telling.count, found), *_of_telling(telling, found)]
            parts.append(Part(telling.count, None, None, telling, tuple(features)))
        here = telling.sentence.index
        for number in range(here - _BEFORE, here + _AFTER + 1) if here >= 0 else (here,):
            parsed = around.sentences.get(number)
            if parsed is not None and (number >= 0 or here < 0):
                parts += _parts_of(parsed, telling, found, around.year)
    return parts


def _parts_of(parsed: Parsed, telling: Telling, found: Found, published: int | None) -> list[Part]:
    """Parts of one sentence beside one telling."""
    items = parsed.items
    offset = parsed.sentence.index - telling.sentence.index
    parts = []
    order = {"N": 0, "Y": 0, "M": 0}
    for place, item in enumerate(items):
        if item.kind not in order:
            continue
        nth = order[item.kind]
        order[item.kind] += 1
        if item.number is not None and offset == 0 and item.number == telling.count:
            continue
        where = _beside(items, telling.odds.place, place) if offset == 0 else _apart(parsed, telling, place, offset)
        features = ["bias", f"nth:{min(nth, 3)}", *where, *_around(items, place), *_of_telling(telling, found)]
        if item.number is not None:
            features += ["free", *_of_count(item.number, found)]
        elif item.year is not None:
            features += _of_year(item.year, telling, found, published)
        elif item.money is not None:
            features.append("ruled" if item.money == found.money else "other ruled" if found.money else "none ruled")
        parts.append(Part(item.number, item.year, item.money, telling, tuple(features)))
    return parts


def _of_count(count: Count, found: Found) -> list[str]:
    """Features of a number by itself and against the rules'."""
    most = count.most or 0
    size = "none" if not most else "1" if most == 1 else "2-9" if most < 10 else "10-99" if most < 100 else "100+"
    ruled = "none ruled" if found.count is None else "ruled" if found.count.most == count.most else "other ruled"
    more = ["less than ruled"] if found.count is not None and 0 < most < (found.count.most or 0) else []
    return [f"size:{size}", "approximate" if count.is_approximate else "exact", ruled, *more]


def _of_telling(telling: Telling, found: Found) -> list[str]:
    """Features of the telling that a part may belong to."""
    steps = telling.rule.split("+")
    return [
        f"status:{telling.status}",
        f"deal status:{found.status}",
        f"opens:{steps[0]}",
        f"core:{steps[-1]}",
        "ruled telling" if telling.odds.is_ruled else "soft telling",
        "standing for" if telling.mention is None else "named",
    ]


def _of_year(year: YearMention, telling: Telling, found: Found, published: int | None) -> list[str]:
    """Features of a year by itself and against the rules'."""
    when = name_time(year, published)
    features = [
        "estimate" if year.is_estimate else "told year",
        "range" if year.first != year.last else "single",
        f"when:{when}",
        f"when:{when}:{telling.status}",
        f"when:{when}:{'estimate' if year.is_estimate else 'told'}",
    ]
    for name, ruled in (("order", found.order), ("delivery", found.delivery)):
        said = "none" if ruled is None else "same" if ruled.first == year.first else "other"
        features.append(f"{name} ruled:{said}")
    return features


def is_past(year: YearMention, published: int | None) -> bool:
    """Whether an order of that year can be news."""
    return published is None or year.first <= published


def _beside(items: list[Item], weapon: int, place: int) -> list[str]:
    """Where a part stands beside the weapon in its sentence."""
    low, high = sorted((place, weapon))
    between = items[low + 1 : high]
    side = "before" if place < weapon else "after"
    distance = high - low
    far = "1" if distance < 2 else "2-4" if distance < 5 else "5-9" if distance < 10 else "10+"
    weapons = sum(i.kind == "W" for i in between)
    verbs = sum(i.kind in "VT" for i in between)
    found = [f"{side}:{far}", f"{side} weapons:{min(weapons, 2)}", f"{side} verbs:{min(verbs, 2)}"]
    if any(i.kind in ";:-S" for i in between):
        found.append(f"{side} apart")
    if any(i.kind == "(" for i in between):
        found.append(f"{side} bracket")
    others = [abs(p - place) for p, i in enumerate(items) if i.kind == "W" and p != weapon]
    found.append("nearest weapon" if not others or min(others) > distance else "other weapon nearer")
    found.append(f"weapons here:{min(len(others), 3)}")
    return found


def _apart(parsed: Parsed, telling: Telling, place: int, offset: int) -> list[str]:
    """Where a part stands in another sentence than the weapon."""
    items = parsed.items
    others = [i for i in items if i.weapon is not None and i.weapon.counts]
    same = any(i.weapon is not None and i.weapon.family == telling.weapon.family for i in others)
    actors = {i.actor for i in items if i.actor is not None}
    weapon = "alone" if not others else "same weapon" if same else "other weapon"
    where = "paragraph" if parsed.sentence.paragraph == telling.sentence.paragraph else "next paragraph"
    party = "party" if telling.recipient in actors or telling.supplier in actors else "others" if actors else "nobody"
    found = [f"sentence:{offset}", *(f"sentence:{offset}:{name}" for name in (weapon, where, party))]
    before = {i.word for i in items[max(0, place - 10) : place]}
    if before & DEAL_WORDS:
        found.append(f"sentence:{offset}:deal words")
    if before & DELIVERY_WORDS:
        found.append(f"sentence:{offset}:delivery words")
    return found


def _around(items: list[Item], place: int) -> list[str]:
    """The words around a part, and the trigger nearest to it."""
    found = []
    for offset in (-1, -2, -3):
        found.append(f"{offset}:{_shape(items[place + offset] if place + offset >= 0 else None)}")
    found.append(f"+1:{_shape(items[place + 1] if place + 1 < len(items) else None)}")
    triggers = [(abs(p - place), p) for p, i in enumerate(items) if i.triggers]
    if triggers:
        _, at = min(triggers)
        trigger = items[at].triggers[0]
        side = "<" if at < place else ">"
        found += (
            f"by {side}{trigger.lemma}",
            f"by {side}{trigger.frame}:{trigger.form}",
            f"by status:{trigger.status}",
        )
    found += [f"left:{other.word}" for other in items[max(0, place - 5) : place] if other.kind in "vo"]
    found += [f"right:{other.word}" for other in items[place + 1 : place + 4] if other.kind in "vo"]
    return found


def _shape(item: Item | None) -> str:
    """A neighbour: small words as they are, all others by kind."""
    if item is None:
        return "^"
    return item.word if item.kind in "PoVTvDE&" else item.kind


@dataclass(frozen=True, slots=True)
class Attacher:
    """Trained choice of parts and status.

    Attributes:
        weights: log-odds by head and feature; heads are ``quantity``, ``order``, ``delivery`` and ``price``, each
            against none, and the statuses.
    """

    weights: dict[str, dict[str, float]]

    def attach(self, group: Sequence[Telling], found: Found, around: Surroundings) -> Found:
        """Choose number, years, price and status of a deal."""
        chosen = self.choose_parts(group, found, around)
        return replace(chosen, status=self._tell_status(describe_status(group, found, chosen, around)))

    def choose_parts(self, group: Sequence[Telling], found: Found, around: Surroundings) -> Found:
        """Choose number, years and price of a deal; its status stays that of the rules."""
        parts = list_parts(group, found, around)
        count = self._best("quantity", parts, lambda p: p.count is not None)
        order = self._best("order", parts, lambda p: p.year is not None and is_past(p.year, around.year))
        # no weapon is handed over before it is ordered (the lag is never negative in SIPRI's registers)
        least = order.year.first if order is not None and order.year is not None else 0
        delivery = self._best("delivery", parts, lambda p: p.year is not None and p.year.first >= least)
        price = self._best("price", parts, lambda p: p.money is not None)
        return Found(
            count.count if count else None,
            order.year if order else None,
            delivery.year if delivery else None,
            price.money if price else None,
            found.status,
        )

    def _tell_status(self, features: list[str]) -> str:
        """The likeliest status."""
        return max(STATUSES, key=lambda s: self._weigh(s, features))

    def _weigh(self, head: str, features: Iterable[str]) -> float:
        # each feature once, in the order given: the order of a set, and so the sum's last bit, differs between runs
        return sum(map(self.weights[head].get, dict.fromkeys(features), repeat(0.0)))

    def _best(self, head: str, parts: list[Part], fits: Callable[[Part], bool]) -> Part | None:
        """The likeliest part of a kind, where it is likelier than none."""
        rated = [(self._weigh(head, part.features), -number, part) for number, part in enumerate(parts) if fits(part)]
        if not rated:
            return None
        score, _, part = max(rated, key=lambda r: r[:2])
        return part if score >= _NONE else None
