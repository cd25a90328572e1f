"""Where rules and model differ about an article."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from extract.claims import Claim

COMPARED = (
    "weapon_category",
    "quantity_max",
    "value_max",
    "value_currency",
    "status",
    "condition",
    "deal_type",
    "order_year",
    "delivery_year_first",
    "is_background",
)
"""Fields that are compared on a pair; those that `make eval` scores, and what a reviewer asks for beside them."""

_TOLERANCE = 0.02
"""Share by which two values may differ, as in the evaluation's scorer: "nearly $3 billion" and "$2.98 billion"."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that rules and model tell differently about one article.

    Attributes:
        article_id: article.
        kind: a claim that only one of them makes, or a field of a claim that both make.
        claim: the claim; of the rules where they make it.
        field_name: field that differs, or None.
        rules_value: its value by the rules, as text; None where they don't tell it.
        model_value: its value by the model.
    """

    article_id: str
    kind: Literal["only_rules", "only_model", "field"]
    claim: Claim
    field_name: str | None = None
    rules_value: str | None = None
    model_value: str | None = None


@dataclass(frozen=True)
class Comparison:
    """Rules beside model for one article.

    Attributes:
        pairs: claims that both make.
        differences: what only one tells, and fields that differ on pairs.
    """

    pairs: int
    differences: tuple[Difference, ...]


def compare_claims(rules: Sequence[Claim], model: Sequence[Claim]) -> Comparison:
    """Pair the claims of one article by supplier, recipient and weapon family, those alike first, and compare them.

    Args:
        rules: claims of the rules.
        model: claims of the model about the same article.
    """
    left = list(model)
    pairs: list[tuple[Claim, Claim]] = []
    lonely: list[Claim] = []
    for claim in sorted(rules, key=lambda one: -_best(one, left)):
        partners = [other for other in left if _key(other) == _key(claim)]
        if not partners:
            lonely.append(claim)
            continue
        partner = max(partners, key=lambda other: _agreement(claim, other))
        left.remove(partner)
        pairs.append((claim, partner))
    differences = [Difference(c.article_id, "only_rules", c) for c in rules if c in lonely]
    differences += [Difference(c.article_id, "only_model", c) for c in left]
    for claim, other in sorted(pairs, key=lambda pair: pair[0].evidence_start):
        differences += _compare_fields(claim, other)
    return Comparison(len(pairs), tuple(differences))


def _compare_fields(claim: Claim, other: Claim) -> Iterable[Difference]:
    for name in COMPARED:
        mine, theirs = getattr(claim, name), getattr(other, name)
        if not _agree(mine, theirs, name):
            yield Difference(claim.article_id, "field", claim, name, _text(mine), _text(theirs))


def _key(claim: Claim) -> tuple[str | None, str | None, str]:
    return claim.supplier_code, claim.recipient_code, claim.weapon_family


def _best(claim: Claim, others: Sequence[Claim]) -> int:
    return max((_agreement(claim, other) for other in others if _key(other) == _key(claim)), default=-1)


def _agreement(claim: Claim, other: Claim) -> int:
    return sum(_agree(getattr(claim, name), getattr(other, name), name) for name in COMPARED)


def _agree(mine: object, theirs: object, name: str) -> bool:
    if name == "value_max" and isinstance(mine, float) and isinstance(theirs, float):
        return math.isclose(mine, theirs, rel_tol=_TOLERANCE)
    return mine == theirs


def _text(value: object) -> str | None:
    if value is None:
        return None
    return f"{value:.0f}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)
