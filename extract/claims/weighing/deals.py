"""The article as a whole decides which candidate deals it tells.

A small boosted forest over what the scorer found: how sure its best telling is, how it compares with rival pairs for
the same weapon, and whether the article tells other deals of the same parties. Trained on the labelled texts.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING

from extract.claims.exporters import tier_of

if TYPE_CHECKING:
    from extract.claims.tellings import Telling
    from extract.claims.weighing.forest import Forest

_LIMIT = 6.0  # log-odds are held within this
_RIVALS = 20  # deals about one weapon that are compared with each other; keeps the work linear


def describe_groups(groups: list[list[Telling]]) -> list[list[float]]:
    """Numbers that tell how well the article bears out each candidate deal.

    Args:
        groups: tellings by candidate deal.

    Returns:
        A row of numbers for each group, the same names in the same order.
    """
    cases = [_Case.of(group) for group in groups]
    article = _Article()
    for case in cases:
        article.add(case)
    return [list(_describe(case, article).values()) for case in cases]


@dataclass(frozen=True, slots=True)
class _Case:
    """A candidate deal.

    Attributes:
        group: its tellings.
        head: the surest.
        chance: its probability.
        giver: code of the supplier, empty for none.
        taker: code of the recipient.
        ruled: sentences in which a rule told it.
    """

    group: list[Telling]
    head: Telling
    chance: float
    giver: str
    taker: str
    ruled: frozenset[int]

    @classmethod
    def of(cls, group: list[Telling]) -> _Case:
        head = max(group, key=lambda t: t.odds.chance)
        giver = head.supplier.code if head.supplier else ""
        taker = head.recipient.code if head.recipient else ""
        ruled = frozenset(t.sentence.index for t in group if t.odds.is_ruled)
        return cls(group, head, head.odds.chance, giver, taker, ruled)

    @property
    def family(self) -> str:
        return self.head.weapon.family


class _Greatest:
    """The greatest chance by key, leaving out one family: "the surest deal of this recipient for another weapon"."""

    def __init__(self) -> None:
        self._best: dict[object, list[tuple[float, str]]] = {}

    def add(self, key: object, chance: float, family: str) -> None:
        kept = {f: c for c, f in self._best.get(key, ())}
        kept[family] = max(chance, kept.get(family, 0.0))
        self._best[key] = sorted(((c, f) for f, c in kept.items()), reverse=True)[:2]

    def get(self, key: object, without: str | None = None) -> float:
        return _logit(next((c for c, f in self._best.get(key, ()) if f != without), 0.0))


@dataclass(slots=True)
class _Article:
    """What all candidate deals of an article say together."""

    families: dict[str, list[_Case]] = field(default_factory=lambda: defaultdict(list))
    greatest: _Greatest = field(default_factory=_Greatest)
    count: int = 0
    sure: int = 0
    top: float = 0.0

    def add(self, case: _Case) -> None:
        self.families[case.family].append(case)
        for key in (("gives", case.giver), ("takes", case.taker), ("pair", case.giver, case.taker)):
            self.greatest.add(key, case.chance, case.family)
        self.count += 1
        self.sure += case.chance > 0.5
        self.top = max(self.top, case.chance)

    def rivals_of(self, case: _Case) -> list[_Case]:
        """Other deals about the same weapon; a batch of its own and what the rules told beside it are no rivals."""
        near = sorted(self.families[case.family], key=lambda c: -c.chance)[:_RIVALS]
        return [c for c in near if (c.giver, c.taker) != (case.giver, case.taker) and not (c.ruled & case.ruled)]


def _describe(case: _Case, article: _Article) -> dict[str, float]:
    """The numbers of one candidate deal by name."""
    head, group, odds = case.head, case.group, case.head.odds
    chances = sorted((t.odds.chance for t in group), reverse=True)
    rivals = article.rivals_of(case)
    origin = head.weapon.origin
    return {
        "best chance": _logit(chances[0]),
        "second chance": _logit(chances[1]) if len(chances) > 1 else -_LIMIT,
        "sum of chances": sum(chances),
        "tellings": len(group),
        "weapon odds": odds.weapon,
        "supplier odds": odds.supplier,
        "recipient odds": odds.recipient,
        "rank": odds.rank,
        "lead": odds.lead,
        "ruled": odds.is_ruled,
        "ruled share": sum(t.odds.is_ruled for t in group) / len(group),
        "generic": head.weapon.is_generic,
        "rival": _logit(max((c.chance for c in rivals), default=0.0)),
        "rival recipient": _logit(max((c.chance for c in rivals if c.taker != case.taker), default=0.0)),
        "rival supplier": _logit(max((c.chance for c in rivals if c.giver != case.giver), default=0.0)),
        "same pair elsewhere": article.greatest.get(("pair", case.giver, case.taker), case.family),
        "same recipient elsewhere": article.greatest.get(("takes", case.taker), case.family),
        "same supplier elsewhere": article.greatest.get(("gives", case.giver), case.family),
        "recipient supplies": article.greatest.get(("gives", case.taker)),
        "supplier receives": article.greatest.get(("takes", case.giver)),
        "from its origin": 0 if origin is None else 1 if origin == case.giver else -1,
        "to its origin": origin is not None and origin == case.taker,
        "supplier tier": tier_of(case.giver),
        "recipient tier": tier_of(case.taker),
        "supplier named": any(t.supplier_text for t in group),
        "recipient named": any(t.recipient_text for t in group),
        "paragraph": min(t.sentence.paragraph for t in group),
        "title": any(t.sentence.field == "title" for t in group),
        "candidates": article.count,
        "sure candidates": article.sure,
        "greatest chance": _logit(article.top),
        "counted": any(t.count is not None for t in group),
        "doubtful name": head.weapon.needs_context,
        "anaphoric": all(t.is_anaphoric for t in group),
        "supplier known": bool(case.giver),
        "deals of the weapon": len(article.families[case.family]),
    }


def _logit(chance: float) -> float:
    """Log-odds of a probability, held within the limit."""
    return max(-_LIMIT, min(_LIMIT, log(max(chance, 1e-4) / max(1 - chance, 1e-4))))


_TOLD = 0.4  # chance from which what a rule read in so many words stands by itself; no worse in cross-validation


def rate_deal(group: list[Telling], row: list[float], forest: Forest) -> float:
    """Probability of a candidate deal.

    What a rule read in so many words, both parties in one sentence, the article needn't bear out: the scorer's
    probability holds where it is the greater one.

    Args:
        group: its tellings.
        row: its numbers, as ``describe_groups`` gives them.
        forest: the forest.
    """
    return max(forest.rate(row), _rate_told(group))


def rate_claimed(group: list[Telling], row: list[float], forest: Forest) -> float | None:
    """Probability of a candidate deal that is claimed, as ``rate_deal`` gives it; None for any other, told sooner.

    Args:
        group: its tellings.
        row: its numbers, as ``describe_groups`` gives them.
        forest: the forest.
    """
    told = _rate_told(group)
    return max(forest.rate(row), told) if told >= _TOLD else forest.rate_accepted(row)


def _rate_told(group: list[Telling]) -> float:
    """The scorer's greatest probability of what a rule read in so many words."""
    plain = (t for t in group if t.odds.is_ruled and t.supplier_basis == t.recipient_basis == "told")
    return max((t.odds.chance for t in plain), default=0.0)
