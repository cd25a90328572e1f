"""Records of both schemas to rows at delivery-year grain. A total is divided by its years, never repeated."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from extract.trade_registers.model import Delivery, Schema
from extract.trade_registers.values import (
    CellError,
    parse_condition,
    parse_flag,
    parse_number,
    parse_text,
    parse_year,
    parse_years,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from extract.trade_registers.layout import Layout
    from extract.trade_registers.model import Record


class RowReader:
    """Reads the rows of one file, record by record.

    Args:
        layout: layout of the file.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._read: Callable[[Record], tuple[Delivery, ...]] = (
            self._read_deal if layout.schema is Schema.DEALS else self._read_delivery
        )
        self._deals: Counter[tuple[str | None, ...]] = Counter()
        self._first_lines: dict[tuple[str, int], int] = {}

    def read(self, record: Record) -> tuple[Delivery, ...]:
        """Return the rows of a record: one, or one per delivery year.

        Raises:
            CellError: a cell can't be read, or an earlier record has the same key; the message names it.
        """
        return self._read(record)

    def _read_delivery(self, record: Record) -> tuple[Delivery, ...]:
        """Read a record that is one delivery year already."""
        deal_id = self._need(record, "sipri at database id")
        year = parse_year(self._need(record, "delivery year"), "Delivery year") or 0
        row = Delivery(
            line=record.line,
            deal_id=deal_id,
            supplier=self._need(record, "supplier"),
            recipient=self._need(record, "recipient"),
            designation=self._need(record, "designation"),
            description=self._text(record, "description"),
            armament_category=self._text(record, "armament category"),
            order_year=parse_year(self._cell(record, "order date"), "Order date"),
            order_year_is_estimate=self._flag(record, "order date is estimate"),
            quantity_ordered=None,
            quantity_ordered_is_estimate=None,
            quantity_delivered=self._number(record, "numbers delivered"),
            quantity_delivered_is_estimate=self._flag(record, "numbers delivered is estimate"),
            delivery_year=year,
            delivery_year_is_estimate=self._flag(record, "delivery year is estimate"),
            condition=parse_condition(self._cell(record, "status"), "Status"),
            tiv_unit_new=self._number(record, "sipri estimate"),
            tiv_unit=self._number(record, "tiv deal unit"),
            tiv_ordered=None,
            tiv_delivered=self._number(record, "tiv delivery values"),
            is_apportioned=False,
            delivery_year_count=1,
            is_local_production=self._flag(record, "local production"),
            comments=None,
        )
        first = self._first_lines.setdefault((deal_id, year), record.line)
        if first != record.line:
            raise CellError(f"deal {deal_id} has delivery year {year} on line {first} already")
        return (row,)

    def _read_deal(self, record: Record) -> tuple[Delivery, ...]:
        """Read a record that is one deal, and spread its totals evenly over its delivery years."""
        column = "Year(s) of delivery"
        years: tuple[int | None, ...] = parse_years(self._cell(record, column.casefold()), column) or (None,)
        parts = len(years)
        supplier, recipient = self._need(record, "supplier"), self._need(record, "recipient")
        designation, description = self._need(record, "weapon designation"), self._text(record, "weapon description")
        order_year = parse_year(self._cell(record, "year of order"), "Year of order")
        whole = Delivery(
            line=record.line,
            deal_id="",
            supplier=supplier,
            recipient=recipient,
            designation=designation,
            description=description,
            armament_category=None,
            order_year=order_year,
            order_year_is_estimate=self._sign(record, "year of order"),
            quantity_ordered=self._number(record, "number ordered"),
            quantity_ordered_is_estimate=self._sign(record, "number ordered"),
            quantity_delivered=self._number(record, "number delivered"),
            quantity_delivered_is_estimate=self._sign(record, "number delivered"),
            delivery_year=None,
            delivery_year_is_estimate=None,
            condition=parse_condition(self._cell(record, "status"), "status"),
            tiv_unit_new=None,
            tiv_unit=self._number(record, "sipri tiv per unit"),
            tiv_ordered=self._number(record, "sipri tiv for total order"),
            tiv_delivered=self._number(record, "sipri tiv of delivered weapons"),
            is_apportioned=parts > 1,
            delivery_year_count=parts,
            is_local_production=None,
            comments=self._cell(record, "comments").strip() or None,
        )
        deal_id = self._name_deal(recipient, supplier, str(order_year), designation, description)
        ordered, delivered = divide(whole.quantity_ordered, parts), divide(whole.quantity_delivered, parts)
        tiv_ordered, tiv_delivered = divide(whole.tiv_ordered, parts), divide(whole.tiv_delivered, parts)
        return tuple(
            _part(whole, deal_id, year, (ordered[n], delivered[n], tiv_ordered[n], tiv_delivered[n]))
            for n, year in enumerate(years)
        )

    def _name_deal(self, *identity: str | None) -> str:
        """Name a deal of a schema without ids: by what a later edition doesn't restate, and its place among equals."""
        self._deals[identity] += 1
        text = "|".join((*map(str, identity), str(self._deals[identity])))
        return f"d{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def _cell(self, record: Record, column: str) -> str:
        return record.fields[self._layout.positions[column]]

    def _text(self, record: Record, column: str) -> str | None:
        return parse_text(self._cell(record, column))

    def _need(self, record: Record, column: str) -> str:
        text = self._text(record, column)
        if text is None:
            raise CellError(f"{_title(column)} is blank")
        return text

    def _number(self, record: Record, column: str) -> float | None:
        return parse_number(self._cell(record, column), _title(column))

    def _flag(self, record: Record, column: str) -> bool:
        return parse_flag(self._cell(record, column), _title(column))

    def _sign(self, record: Record, column: str) -> bool | None:
        """Read the nameless cell behind a column; None where the file has none."""
        place = self._layout.flags.get(column)
        return None if place is None else parse_flag(record.fields[place], f"the cell behind {_title(column)}")


def divide(total: float | None, parts: int) -> tuple[float | None, ...]:
    """Divide a total evenly; the last part takes what rounding leaves, so that the parts add up to the total.

    >>> divide(1.0, 3)[0] < 0.34, sum(divide(1.0, 3)), divide(None, 2)
    (True, 1.0, (None, None))
    """
    if total is None:
        return (None,) * parts
    share = total / parts
    return (*(share,) * (parts - 1), total - sum((share,) * (parts - 1)))


def _part(whole: Delivery, deal_id: str, year: int | None, shares: tuple[float | None, ...]) -> Delivery:
    ordered, delivered, tiv_ordered, tiv_delivered = shares
    values = {
        **vars(whole),
        "deal_id": deal_id,
        "delivery_year": year,
        "quantity_ordered": ordered,
        "quantity_delivered": delivered,
        "tiv_ordered": tiv_ordered,
        "tiv_delivered": tiv_delivered,
    }
    return Delivery(**values)


def _title(column: str) -> str:
    """Name a column as a message should.

    >>> _title("number ordered"), _title("sipri tiv per unit")
    ('Number ordered', 'SIPRI TIV per unit')
    """
    text = column.replace("sipri", "SIPRI").replace("tiv", "TIV").replace(" at database id", " AT Database ID")
    return text[:1].upper() + text[1:]
