"""Claims of two versions about one article: which are the same claim, and in which fields they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Row = dict[str, Any]

IDENTITY = ("supplier_code", "recipient_code", "weapon_family")
"""What a claim's id is made from, beside its article and its number."""

TOLD = (
    *IDENTITY,
    "weapon_designation",
    "weapon_category",
    "quantity_min",
    "quantity_max",
    "quantity_is_approximate",
    "value_min",
    "value_max",
    "value_currency",
    "value_type",
    "status",
    "condition",
    "deal_type",
    "order_year",
    "order_year_is_estimate",
    "delivery_year_first",
    "delivery_year_last",
    "delivery_year_is_estimate",
    "is_background",
    "is_domestic",
    "supplier_is_inferred",
    "evidence_text",
)
"""What is compared: all that a claim tells. Confidence and rule say how it was found, and differ with any training."""

PLACE = ("claim_id", "evidence_field", "evidence_start", "evidence_end")


@dataclass(frozen=True)
class Paired:
    """Claims of one article in two versions.

    Attributes:
        pairs: the same claim in the older and in the newer version.
        lost: claims that only the older version makes.
        gained: claims that only the newer one makes.
    """

    pairs: tuple[tuple[Row, Row], ...]
    lost: tuple[Row, ...]
    gained: tuple[Row, ...]


def pair_claims(older: Sequence[Row], newer: Sequence[Row]) -> Paired:
    """Pair the claims of one article, those most alike first, each once.

    Two are the same claim if supplier, recipient and weapon family are equal; of what is left then, if two of the three
    are and their evidence overlaps: the newer version reads the same words otherwise.

    Args:
        older: rows of ``transfer_claims`` with at least the columns `TOLD` and `PLACE`.
        newer: rows of the other version about the same article.
    """
    same, older, newer = _match(older, newer, lambda a, b: _count_equal(a, b, IDENTITY) == len(IDENTITY))
    alike, older, newer = _match(older, newer, lambda a, b: _count_equal(a, b, IDENTITY) >= 2 and _overlap(a, b))
    return Paired((*same, *alike), tuple(older), tuple(newer))


def list_differing(older: Row, newer: Row) -> list[str]:
    """Return the fields in which two versions of a claim differ."""
    return [name for name in TOLD if older[name] != newer[name]]


def _match(
    older: Sequence[Row], newer: Sequence[Row], may_pair: Callable[[Row, Row], bool]
) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    candidates = sorted(
        (-_count_equal(a, b, TOLD), i, j) for i, a in enumerate(older) for j, b in enumerate(newer) if may_pair(a, b)
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in candidates:
        if i not in found and j not in taken:
            found[i] = j
            taken.add(j)
    return (
        [(older[i], newer[j]) for i, j in sorted(found.items())],
        [row for i, row in enumerate(older) if i not in found],
        [row for j, row in enumerate(newer) if j not in taken],
    )


def _count_equal(one: Row, other: Row, names: Sequence[str]) -> int:
    return sum(one[name] == other[name] for name in names)


def _overlap(one: Row, other: Row) -> bool:
    return bool(
        one["evidence_field"] == other["evidence_field"]
        and one["evidence_start"] < other["evidence_end"]
        and other["evidence_start"] < one["evidence_end"]
    )
