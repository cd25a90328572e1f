"""Years and prices: which frame of a sentence each of them belongs to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.words import SAYING

if TYPE_CHECKING:
    from extract.claims.context import Context
    from extract.claims.frame_model import Frame
    from extract.claims.items import Item
    from extract.claims.model import YearMention
    from extract.claims.tellings import Parsed, Telling

DELIVERY_WORDS = frozenset(
    [
        "deliver",
        "delivered",
        "delivery",
        "deliveries",
        "delivering",
        "due",
        "arrive",
        "arrived",
        "arrival",
        "handover",
        "handed",
        "hand",
        "received",
        "receive",
        "operational",
        "completed",
        "complete",
        "ready",
        "service",
        "commissioned",
        "landed",
        "reach",
        "shipped",
        "transferred",
        "expected",
        "first",
    ]
)


def attach_years(frame: Frame) -> tuple[YearMention | None, YearMention | None]:
    """Find the order year and the delivery year of a frame in its sentence.

    Args:
        frame: the frame.

    Returns:
        Order year and delivery year; None where the sentence doesn't tell.
    """
    order: YearMention | None = None
    delivery: YearMention | None = None
    items = list(frame.scope)
    for index in range(frame.left, len(items)):
        item = items[index]
        if item.year is None or not _is_near(items, frame, index):
            continue
        year = _joined(items, index, item.year)
        if _is_delivery(items, frame, index):
            delivery = year if delivery is None or year.first < delivery.first else delivery
        elif order is None:
            order = year
    return order, delivery


def _joined(items: list[Item], index: int, year: YearMention) -> YearMention:
    """Join "between 2013 and 2015", "in 2017 and 2021" to a range."""
    for later in items[index + 1 : index + 4]:
        if later.year is not None:
            if later.year.last > year.first and not later.year.is_estimate:
                return replace(year, last=later.year.last)
            break
        if later.kind not in "&P,":
            break
    return year


def _is_near(items: list[Item], frame: Frame, index: int) -> bool:
    """Whether a year stands in the frame's clause and no other trigger is nearer."""
    if index < frame.start:
        # A year before a verb is the verb's only where nothing before the year claims it: "In 2016 it ordered".
        return not any(_is_verb(i) for i in items[frame.left : frame.start])
    if items[index - 1].kind == "&":  # "has given tanks, and last year approved": the next verb's
        return False
    return not any(_is_verb(i) for i in items[frame.end : index])


def _is_verb(item: Item) -> bool:
    """Whether an item is a verb or trigger that a year beyond it belongs to; verbs of saying are none."""
    return item.kind in "VT" or (item.kind == "v" and item.word not in SAYING)


def _is_delivery(items: list[Item], frame: Frame, index: int) -> bool:
    """Whether a year tells the delivery rather than the order."""
    before = items[max(frame.left, index - 5) : index]
    if any(i.word in DELIVERY_WORDS for i in before):
        return True
    if frame.core is not None and frame.core.lemma in ("acquire", "obtain") and any(i.money for i in items):
        return False  # "acquired for 54 million dollars last year" tells the purchase
    if frame.status == "delivered":
        return True
    core = frame.core
    return core is not None and core.status == "delivered" and frame.frame in ("supply", "acquire", "arrive", "equip")


DEAL_WORDS = frozenset(
    [
        "contract",
        "deal",
        "agreement",
        "order",
        "purchase",
        "sale",
        "acquisition",
        "accord",
        "package",
        "price",
        "cost",
        "worth",
        "valued",
        "value",
        "pact",
        "transaction",
        "award",
        "programme",
        "program",
    ]
)


def attach_money(parsed: Parsed, frames: list[Frame], tellings: list[Telling], context: Context) -> list[Telling]:
    """Give the prices of a sentence to its tellings, or to the last deal where the sentence goes on about it.

    Args:
        parsed: the sentence.
        frames: its frames.
        tellings: tellings of the sentence.
        context: state of the article; a price told later is added to its tellings.

    Returns:
        The tellings with their prices.
    """
    amounts = [(index, item) for index, item in enumerate(parsed.items) if item.money is not None]
    if not amounts:
        return tellings
    if not tellings:
        _add_to_last(parsed, amounts, context)
        return tellings
    if all(t.weapon.is_generic for t in tellings):
        _add_to_last(parsed, amounts, context)
    shared = len({(t.weapon.family, t.recipient.code if t.recipient else "") for t in tellings}) > 1
    _, item = amounts[0]
    if len(amounts) == 1 or not shared:
        return [t if t.money else replace(t, money=item.money, money_shared=shared) for t in tellings]
    return _distributed(parsed, amounts, tellings)


def _distributed(parsed: Parsed, amounts: list[tuple[int, Item]], tellings: list[Telling]) -> list[Telling]:
    """Give each weapon the first price after it, before the next weapon's."""
    positions: dict[str, int] = {}
    for index, item in enumerate(parsed.items):
        if item.kind == "W" and item.weapon is not None:
            positions.setdefault(item.weapon.family, index)
    result = []
    for telling in tellings:
        place = positions.get(telling.weapon.family, 0)
        after = [item for index, item in amounts if index > place]
        chosen = (after or [item for _, item in amounts])[0]
        result.append(replace(telling, money=chosen.money))
    return result


def _add_to_last(parsed: Parsed, amounts: list[tuple[int, Item]], context: Context) -> None:
    """Add a price to the tellings of the sentence before: "The contract is worth $241 million"."""
    last = context.last_weapons()
    if not last or last[0].money is not None:
        return
    distance = parsed.sentence.index - last[0].sentence.index
    if distance > 3 or not any(i.word in DEAL_WORDS for i in parsed.items):
        return
    shared = len({(t.weapon.family, t.recipient) for t in last}) > 1
    for position in range(max(0, len(context.tellings) - len(last)), len(context.tellings)):
        telling = context.tellings[position]
        if telling in last:
            context.tellings[position] = replace(telling, money=amounts[0][1].money, money_shared=shared)


_SIGNING = frozenset(
    [
        "signed",
        "contract",
        "contracts",
        "ordered",
        "order",
        "agreement",
        "agreed",
        "concluded",
        "deal",
        "bought",
        "purchased",
    ]
)
_COMING = frozenset(
    [
        "deliver",
        "delivered",
        "delivery",
        "deliveries",
        "due",
        "arrive",
        "arrived",
        "handover",
        "handed",
        "ready",
        "completed",
        "commissioned",
        "shipped",
        "transferred",
        "received",
        "receive",
        "operational",
    ]
)
_REACH = 2  # sentences after a telling that may still date it; set on the tuning part


def date_last(parsed: Parsed, context: Context) -> None:
    """Date the last tellings by a sentence that tells no weapon of its own: "Delivery will start in 2023".

    Args:
        parsed: a sentence without tellings.
        context: state of the article; its last tellings get the years that they lack.
    """
    years = [(index, item.year) for index, item in enumerate(parsed.items) if item.year is not None]
    last = context.last_weapons()
    if not years or not last or parsed.sentence.index - last[0].sentence.index > _REACH:
        return
    if parsed.sentence.paragraph - last[0].sentence.paragraph > 1:
        return
    order: YearMention | None = None
    delivery: YearMention | None = None
    for index, year in years:
        before = [i.word for i in parsed.items[max(0, index - 8) : index]]
        coming = max((n for n, word in enumerate(before) if word in _COMING), default=-1)
        signing = max((n for n, word in enumerate(before) if word in _SIGNING), default=-1)
        if coming > signing and delivery is None:
            delivery = year
        elif signing > coming and order is None and not year.is_estimate:
            order = year
    for position in range(max(0, len(context.tellings) - len(last)), len(context.tellings)):
        telling = context.tellings[position]
        if telling in last:
            context.tellings[position] = replace(
                telling, order_year=telling.order_year or order, delivery_year=telling.delivery_year or delivery
            )
