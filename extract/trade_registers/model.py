"""What passes between the stages of a register import."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Schema(Enum):
    """Export schema of a register file; the value is stored with each row."""

    DEALS = "deals"
    """The older schema: one record per deal, its delivery years in one cell."""
    DELIVERIES = "deliveries"
    """The newer schema: one record per delivery year of a deal."""


@dataclass(frozen=True)
class Record:
    """One logical record of a file.

    Attributes:
        line: physical line on which it begins, from 1.
        fields: its cells, one per header cell.
        is_repaired: whether cells had to be put together again.
    """

    line: int
    fields: tuple[str, ...]
    is_repaired: bool = False


@dataclass(frozen=True)
class BrokenRecord:
    """One record that can't be read; it is set aside, never dropped.

    Attributes:
        line: physical line on which it begins, from 1.
        text: the record as it stands in the file.
        reason: what is wrong, in plain words, with the field's name where one is known.
    """

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Delivery:
    """One delivery year of one deal, as the register tells it.

    Attributes:
        line: line of the file on which its record begins.
        deal_id: deal within the edition.
        supplier: supplier as written.
        recipient: recipient as written.
        designation: weapon as written.
        description: kind of weapon as written, or None.
        armament_category: the register's category as written, or None where the schema has none.
        order_year: year of the order, or None.
        order_year_is_estimate: whether the register estimates it; None where the file has no such flag.
        quantity_ordered: units ordered; the part that falls on this row where the deal is spread.
        quantity_ordered_is_estimate: likewise.
        quantity_delivered: units delivered in the year; a fraction where the deal is spread.
        quantity_delivered_is_estimate: likewise.
        delivery_year: year, or None for a deal without deliveries.
        delivery_year_is_estimate: likewise.
        condition: new, second_hand, modernised, or None.
        tiv_unit_new: TIV of a new unit, millions, or None.
        tiv_unit: TIV of one unit of the deal, millions, or None.
        tiv_ordered: TIV of the whole order, millions; the part of this row where the deal is spread.
        tiv_delivered: TIV delivered in the year, millions, or None where none is identified.
        is_apportioned: whether the deal's numbers were spread evenly over its delivery years.
        delivery_year_count: years that the record covers; 1 where it covers none or one.
        is_local_production: whether it was produced under licence in the recipient country; None if not told.
        comments: the register's notes, or None.
    """

    line: int
    deal_id: str
    supplier: str
    recipient: str
    designation: str
    description: str | None
    armament_category: str | None
    order_year: int | None
    order_year_is_estimate: bool | None
    quantity_ordered: float | None
    quantity_ordered_is_estimate: bool | None
    quantity_delivered: float | None
    quantity_delivered_is_estimate: bool | None
    delivery_year: int | None
    delivery_year_is_estimate: bool | None
    condition: str | None
    tiv_unit_new: float | None
    tiv_unit: float | None
    tiv_ordered: float | None
    tiv_delivered: float | None
    is_apportioned: bool
    delivery_year_count: int
    is_local_production: bool | None
    comments: str | None


@dataclass(frozen=True)
class RegisterFile:
    """A register file, read.

    Attributes:
        name: file name without its folder.
        schema: export schema.
        edition: edition told by its preamble, or None.
        encoding: how its bytes were read.
        records: logical records that were met, broken ones included.
        repaired: records whose cells had to be put together again.
        deliveries: rows at delivery-year grain.
        broken: records set aside.
        unknown_columns: header cells that neither schema knows; their cells are left out.
    """

    name: str
    schema: Schema
    edition: str | None
    encoding: str
    records: int
    repaired: int
    deliveries: tuple[Delivery, ...]
    broken: tuple[BrokenRecord, ...]
    unknown_columns: tuple[str, ...]
