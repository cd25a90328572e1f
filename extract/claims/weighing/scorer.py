"""Weigh the pairs of actors beside each weapon of a sentence.

A conditional logit (McFadden 1974): the features of the weapon, the supplier, the recipient and the pair add up to the
log-odds of the pair against none, and the pairs of a weapon are rivals of each other. Since the features add up, each
actor is weighed once, whatever it is paired with.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import repeat
from math import exp
from typing import TYPE_CHECKING, Protocol

from extract.claims.tellings import Odds
from extract.claims.weighing.features import describe_actor, describe_mention, describe_pair
from extract.claims.weighing.scene import find_mentions, list_parties
from extract.claims.weighing.sequel import Before
from extract.claims.weighing.soft import tell_softly

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extract.claims.model import Actor
    from extract.claims.tellings import Telling
    from extract.claims.weighing.scene import Mention, Scene

_PAIRS = 8  # pairs of a weapon that are looked at
_ALONE = -6.0  # log-odds that stand for the rival of a pair without one
_ROUNDING = 1e-6  # far above what adding in another order changes
_KEPT = 5  # actors of each role that are paired; more changes nothing on the tuning texts


@dataclass(frozen=True, slots=True)
class PairWeights:
    """Weights of pairs beside a weapon.

    Attributes:
        weights: log-odds by feature; the first character tells whose it is: "M" the weapon's, "S" the supplier's,
            "R" the recipient's, "P" the pair's.
        accept: probability from which a weapon's best pair is claimed.
        also: probability from which further pairs of the same weapon are claimed.
        floor: probability below which a pair isn't looked at again.
    """

    weights: dict[str, float]
    accept: float = 0.4
    also: float = 0.5
    floor: float = 0.04
    _by_role: dict[str, dict[str, float]] = field(init=False, repr=False, compare=False)
    _most: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_role: dict[str, dict[str, float]] = {role: {} for role in "MSRP"}
        for name, weight in self.weights.items():
            by_role[name[0]][name[1:]] = weight
        object.__setattr__(self, "_by_role", by_role)
        object.__setattr__(self, "_most", sum(w for w in by_role["P"].values() if w > 0))

    def weigh(self, role: str, features: Iterable[str]) -> float:
        """Sum of the weights of some features."""
        return sum(map(self._by_role[role].get, features, repeat(0.0)))

    def may_reach_floor(self, score: float) -> bool:
        """Whether a pair that no rule told may be looked at again, given the log-odds of all but its own features.

        Such a pair has each feature at most once, so its own weights add at most the sum of all positive ones; its
        rivals only lower its probability.
        """
        return 1 / (1 + exp(-(score + self._most + _ROUNDING))) >= self.floor


class Chooser(Protocol):
    """What turns the rules' tellings of a sentence into those that are kept."""

    def choose(self, scene: Scene, tellings: list[Telling]) -> list[Telling]:
        """Return the tellings that may stand, each with its odds; those that aren't kept wait for the whole article."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """The trained chooser."""

    model: PairWeights

    def choose(self, scene: Scene, tellings: list[Telling]) -> list[Telling]:
        """Score the pairs of each weapon, and return those above the floor, the best first."""
        kept: list[Telling] = []
        before = Before.earlier(scene.context)
        for mention in find_mentions(scene, tellings):
            pairs = self.choose_pairs(scene, mention, before)
            before = Before.of(mention, pairs) or before
            kept += pairs
        return kept

    def choose_pairs(self, scene: Scene, mention: Mention, before: Before | None) -> list[Telling]:
        """Tellings of one weapon, given the one before it in the sentence."""
        model = self.model
        cues = describe_mention(scene, mention)
        base = model.weigh("M", cues)
        givers, takers = list_parties(scene, mention)
        weighed = {actor: describe_actor(scene, mention, actor) for actor in dict.fromkeys((*givers, *takers)) if actor}
        give = {a: model.weigh("S", weighed[a]) if a else 0.0 for a in givers}
        take = {a: model.weigh("R", weighed[a]) for a in takers}
        surest = base + max(give.values(), default=0.0) + max(take.values(), default=0.0)
        if not mention.told and not model.may_reach_floor(surest):
            return []
        best_givers = sorted(give, key=lambda a: -give[a])[:_KEPT]
        best_takers = sorted(take, key=lambda a: -take[a])[:_KEPT]
        scored: list[tuple[float, Actor | None, Actor]] = []
        for giver in best_givers:
            for taker in best_takers:
                if giver != taker:
                    score = base + give[giver] + take[taker]
                    cues_of_pair = describe_pair(scene, mention, giver, taker, before)
                    scored.append((score + model.weigh("P", cues_of_pair), giver, taker))
        scored.sort(key=lambda s: (-s[0], s[1].code if s[1] else "", s[2].code))
        ruled = {(t.supplier, t.recipient) for t in mention.told}
        shares = [exp(score) for score, _, _ in scored]
        whole = 1 + sum(shares)
        beside = sum(share for share, (_, *pair) in zip(shares, scored, strict=True) if tuple(pair) in ruled)
        kept = []
        for rank, (score, giver, taker) in enumerate(scored[:_PAIRS]):
            share = shares[rank]
            chance = share / (whole - beside + share if (giver, taker) in ruled else whole)
            if chance < model.floor:
                break
            is_ruled = (giver, taker) in ruled
            # what the rules told side by side ("France and Italy pledged") are no rivals
            rival = next(
                (s for s, *pair in scored if pair != [giver, taker] and not (is_ruled and tuple(pair) in ruled)), _ALONE
            )
            odds = Odds(
                chance,
                chance >= (model.also if rank else model.accept),
                base,
                give[giver],
                take[taker],
                rank,
                score - rival,
                is_ruled,
                mention.place,
            )
            kept.append(replace(tell_softly(scene, mention, giver, taker), odds=odds, cues=tuple(cues)))
        return kept
