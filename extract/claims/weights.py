"""Which side of a deal each relation speaks for, by the frame of the predicate.

A pair of weights per relation: for the supplier and for the recipient. The heaviest actor takes the role. The
order of the weights matters, not their size: a subject outranks a "from", a preposition outranks an adjective.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extract.claims.frame_model import Frame

_SUPPLY_ACTIVE = {
    "subject": (10, 0),
    "principal": (0, 4),
    "object": (0, 10),
    "to": (0, 10),
    "for": (0, 7),
    "from": (4, 0),
    "by": (8, 0),
    "judge": (4, 0),
    "with": (2, 0),
    "under": (1, 0),
    "in": (1, 2),
    "owner": (6, 0),
    "adjective": (3, 0),
}
_SUPPLY_PASSIVE = {
    "subject": (0, 9),
    "by": (10, 0),
    "to": (0, 10),
    "from": (9, 0),
    "for": (0, 8),
    "in": (0, 3),
    "with": (2, 0),
    "owner": (0, 4),
    "adjective": (3, 0),
    "object": (0, 6),
}
ACQUIRE_ACTIVE = {
    "subject": (0, 10),
    "from": (10, 0),
    "with": (6, 0),
    "in": (4, 0),
    "at": (4, 0),
    "by": (3, 0),
    "for": (0, 4),
    "owner": (0, 6),
    "adjective": (2, 1),
    "via": (2, 0),
    "through": (2, 0),
    "to": (0, 0),
}
_ACQUIRE_PASSIVE = {
    "by": (0, 10),
    "from": (10, 0),
    "for": (0, 8),
    "subject": (0, 3),
    "in": (3, 1),
    "with": (6, 0),
    "owner": (0, 4),
    "adjective": (2, 0),
}
_ARRIVE = {
    "from": (10, 0),
    "to": (0, 8),
    "in": (0, 7),
    "at": (0, 5),
    "into": (0, 7),
    "object": (0, 9),
    "for": (0, 7),
    "owner": (0, 4),
    "adjective": (3, 0),
    "by": (1, 0),
}
_SUPPLY_NOUN = {
    "judge": (4, 0),
    "to": (0, 10),
    "from": (9, 0),
    "by": (9, 0),
    "for": (0, 7),
    "owner": (6, 1),
    "adjective": (5, 0),
    "subject": (5, 1),
    "in": (0, 2),
    "with": (2, 3),
}
_ACQUIRE_NOUN = {
    "judge": (2, 2),
    "from": (10, 0),
    "with": (8, 0),
    "by": (0, 9),
    "owner": (0, 9),
    "adjective": (1, 6),
    "subject": (0, 6),
    "for": (0, 5),
    "in": (3, 1),
    "to": (2, 3),
}
_DEAL = {
    "to": (0, 6),
    "from": (6, 0),
    "for": (0, 6),
    "with": (4, 3),
    "between": (3, 3),
    "owner": (2, 5),
    "adjective": (2, 4),
    "subject": (3, 5),
    "by": (2, 3),
    "under": (0, 0),
}
_WIN = {
    "subject": (10, 0),
    "from": (0, 10),
    "for": (0, 6),
    "to": (0, 7),
    "with": (0, 6),
    "in": (0, 5),
    "adjective": (0, 5),
    "owner": (0, 5),
    "by": (3, 0),
}
_PLACE = {"subject": (0, 10), "with": (9, 0), "to": (8, 0), "from": (8, 0), "in": (3, 0), "by": (0, 8), "for": (0, 3)}
_APPROVE = {
    "subject": (7, 2),
    "to": (0, 10),
    "for": (0, 8),
    "from": (8, 0),
    "by": (7, 2),
    "owner": (1, 6),
    "adjective": (2, 3),
    "with": (3, 2),
    "in": (1, 1),
}
# "Hanwha won an order from Norway to build howitzers": whoever is asked supplies.
_SUPPLY_ORDERED = {
    **_SUPPLY_ACTIVE,
    "from": (0, 9),
    "with": (3, 6),
    "subject": (4, 6),
    "object": (9, 0),
    "owner": (1, 5),
    "adjective": (1, 4),
}
# Who pays is no party; the producing state supplies.
_FUND = {"for": (0, 10), "to": (0, 10), "from": (9, 0), "in": (3, 0), "adjective": (3, 0)}
LICENCE = {
    "subject": (0, 8),
    "in": (0, 8),
    "by": (1, 4),
    "from": (9, 0),
    "owner": (2, 3),
    "adjective": (6, 1),
    "with": (5, 2),
    "under": (8, 0),
    "to": (0, 6),
    "for": (0, 5),
    "at": (0, 3),
}


_ORDERS = frozenset({"order", "contract", "commission", "request", "award", "ask", "deal", "agreement"})
_WINNERS = (
    "win",
    "bag",
    "clinch",
    "secure",
    "receive+order",
    "receive+contract",
    "get+order",
    "get+contract",
    "obtain+order",
    "lose+order",
    "lose+contract",
)


def weights_of(frame: Frame) -> dict[str, tuple[int, int]]:  # noqa: PLR0911 - one return a table
    """Weights that hold for a frame."""
    noun = frame.core is not None and frame.core.form == "noun"
    if frame.rule.startswith(_WINNERS) and frame.frame in ("acquire", "win", "deal") and noun:
        return _WIN
    if frame.rule.startswith(("place", "award")) and noun:
        return _PLACE
    if frame.frame in ("approve", "cancel", "resume"):
        return _APPROVE
    if frame.frame == "fund":
        return _FUND
    lemmas = frame.rule.split("+")
    if frame.frame in ("supply", "equip") and not noun and not frame.is_passive and _ORDERS & set(lemmas[:-1]):
        return _SUPPLY_ORDERED
    if frame.frame in ("supply", "equip"):
        return _SUPPLY_NOUN if noun else _SUPPLY_PASSIVE if frame.is_passive else _SUPPLY_ACTIVE
    if frame.frame == "acquire":
        return _ACQUIRE_NOUN if noun else _ACQUIRE_PASSIVE if frame.is_passive else ACQUIRE_ACTIVE
    return {"arrive": _ARRIVE, "win": _WIN, "place": _PLACE, "licence": LICENCE}.get(frame.frame, _DEAL)
