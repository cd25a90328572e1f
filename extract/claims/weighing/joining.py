"""Which tellings of the same parties and the same weapon are one deal, and which are further contracts or batches.

"Twelve in 2018 and six more a year later" are two deals; "twelve jets" in the lead and "the aircraft" below are one. A
small boosted forest compares two tellings; it is trained on the labelled texts that tell several deals of one pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extract.claims.status import STATUS_RANK

if TYPE_CHECKING:
    from extract.claims.tellings import Telling
    from extract.claims.weighing.forest import Forest

SAME = 0.5  # probability from which two tellings are one deal
_MEMORY = 6  # tellings of a deal that a new one is compared with, the first and the last; keeps the work linear


def compare(first: Telling, second: Telling) -> list[float]:
    """Numbers that tell how two tellings of the same parties and weapon family differ.

    Args:
        first: the earlier one in the text.
        second: the later one.
    """
    apart = second.sentence.index - first.sentence.index
    is_title = first.sentence.field == "title"
    return [
        _differ(first.count.most if first.count else None, second.count.most if second.count else None),
        _ratio(first, second),
        _differ(
            first.order_year.first if first.order_year else None, second.order_year.first if second.order_year else None
        ),
        _differ(
            first.delivery_year.first if first.delivery_year else None,
            second.delivery_year.first if second.delivery_year else None,
        ),
        _differ(first.money.most if first.money else None, second.money.most if second.money else None),
        _differ(first.deal_type, second.deal_type),
        _differ(first.condition, second.condition),
        float(first.designation == second.designation),
        float(is_version(first.designation, second.designation)),
        float(first.is_extra),
        float(second.is_extra),
        float(first.is_anaphoric),
        float(second.is_anaphoric),
        float(first.mention is None),
        float(second.mention is None),
        float(first.mention is not None and first.mention is second.mention),
        float(second.mention is not None and second.mention.is_definite),
        float(second.mention is not None and second.mention.is_indefinite),
        float(first.weapon.is_generic) + float(second.weapon.is_generic),
        float(STATUS_RANK[first.status]),
        float(STATUS_RANK[second.status]),
        float(is_title),
        -1.0 if is_title else float(min(apart, 12)),
        float(first.sentence.paragraph == second.sentence.paragraph),
        float(first.odds.is_ruled),
        float(second.odds.is_ruled),
        first.odds.chance,
        second.odds.chance,
        float(first.count is not None),
        float(second.count is not None),
        float(first.order_year is not None),
        float(second.order_year is not None),
        float("batch" in second.cues),
    ]


def _differ(first: object, second: object) -> float:
    """Whether two details agree: 1 equal, -1 different, 0 where one isn't told."""
    if first is None or second is None:
        return 0.0
    return 1.0 if first == second else -1.0


def _ratio(first: Telling, second: Telling) -> float:
    """Second number over the first, within 0 to 9; -1 where one isn't told."""
    if first.count is None or second.count is None or not first.count.most or not second.count.most:
        return -1.0
    return min(9.0, second.count.most / first.count.most)


def is_version(first: str, second: str) -> bool:
    """Whether two designations are versions of one weapon, as AH-64D and AH-64E are."""
    one, other = (name.lower().replace("-", "") for name in (first, second))
    return one != other and one[:-1] == other[:-1] and one[-1:].isalnum() and other[-1:].isalnum()


def is_same_family(first: str, second: str) -> bool:
    """Whether two families are one: equal, or one is the other's short name ("Leopard", "Leopard 2")."""
    short, long = sorted((first, second), key=len)
    return short == long or long.startswith(f"{short} ")


def parties_of(telling: Telling) -> tuple[str, str]:
    """Codes of supplier and recipient, empty where nobody names them."""
    supplier, recipient = telling.supplier, telling.recipient
    return (supplier.code if supplier else "", recipient.code if recipient else "")


def group_by_deal(tellings: list[Telling], joiner: Forest) -> list[list[Telling]]:
    """Group tellings by candidate deal: each joins the likeliest deal before it, or begins one.

    Args:
        tellings: in the order of the text.
        joiner: tells which are one deal.

    Returns:
        Tellings by deal, in the order of each deal's first.
    """
    groups: list[list[Telling]] = []
    by_parties: dict[tuple[str, str], list[list[Telling]]] = {}
    for telling in tellings:
        known = by_parties.setdefault(parties_of(telling), [])
        rated = [
            (_rate(group, telling, joiner), -number)
            for number, group in enumerate(known)
            if is_same_family(group[0].weapon.family, telling.weapon.family)
        ]
        chance, number = max(rated, default=(0.0, 0))
        if chance >= SAME:
            known[-number].append(telling)
        else:
            known.append([telling])
            groups.append(known[-1])
    return groups


def _rate(group: list[Telling], telling: Telling, joiner: Forest) -> float:
    """Mean probability that a telling is the deal of a group."""
    near = [group[0], *group[1:][-_MEMORY:]]
    return sum(joiner.rate(compare(other, telling)) for other in near) / len(near)
