"""Which export schema a file has, and where its columns stand."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from extract.errors import InputError
from extract.trade_registers.model import Schema

COLUMNS: dict[Schema, tuple[str, ...]] = {
    Schema.DEALS: (
        "recipient",
        "supplier",
        "year of order",
        "number ordered",
        "weapon designation",
        "weapon description",
        "number delivered",
        "year(s) of delivery",
        "status",
        "comments",
        "sipri tiv per unit",
        "sipri tiv for total order",
        "sipri tiv of delivered weapons",
    ),
    Schema.DELIVERIES: (
        "sipri at database id",
        "supplier",
        "recipient",
        "designation",
        "description",
        "armament category",
        "order date",
        "order date is estimate",
        "numbers delivered",
        "numbers delivered is estimate",
        "delivery year",
        "delivery year is estimate",
        "status",
        "sipri estimate",
        "tiv deal unit",
        "tiv delivery values",
        "local production",
    ),
}
"""Named columns of each schema, in lower case. Source: header lines of SIPRI's trade register exports."""

_SEARCHED_LINES = 60
"""The preamble has 11 lines in the newer schema; a file without a header within so many has none."""
_FEWEST_NAMES = 5
"""So many names of a schema make a line its header, even if others are missing; a preamble's sentence has none."""
_UNNAMED = re.compile(r"(?:unnamed: \d+)?")


@dataclass(frozen=True)
class Layout:
    """Where the columns of a file stand.

    Attributes:
        schema: export schema.
        delimiter: between cells.
        header_line: line of the header, from 1.
        width: cells of a record.
        positions: column -> place of its cell.
        flags: column -> place of the nameless cell behind it, which holds ``?`` for an estimate.
        ends_with_semicolon: whether each line ends with one.
        unknown: header cells that the schema doesn't know.
    """

    schema: Schema
    delimiter: str
    header_line: int
    width: int
    positions: dict[str, int]
    flags: dict[str, int]
    ends_with_semicolon: bool
    unknown: tuple[str, ...]


def find_layout(lines: list[str], *, name: str) -> Layout:
    """Find the header line and read the layout from it; what stands before it is the preamble.

    Raises:
        InputError: no line is a header of either schema, or columns are missing; the message names them.
    """
    best: tuple[int, int, str, Schema] | None = None
    for number, line in enumerate(lines[:_SEARCHED_LINES], start=1):
        for delimiter in (",", ";", "\t"):
            cells = set(_read_header(line, delimiter))
            for schema, columns in COLUMNS.items():
                found = len(cells & set(columns))
                if found >= _FEWEST_NAMES and (best is None or found > best[0]):
                    best = (found, number, delimiter, schema)
    if best is None:
        raise InputError(
            f"{name} has the wrong schema: none of its first {_SEARCHED_LINES} lines is a header of SIPRI's trade "
            f"register. Expected is a line that begins with {_begin(Schema.DELIVERIES)} or with {_begin(Schema.DEALS)}"
        )
    _, number, delimiter, schema = best
    return _read_layout(lines[number - 1], number, delimiter, schema, name)


def _begin(schema: Schema) -> str:
    return f"'{', '.join(COLUMNS[schema][:4])}'"


def _read_layout(line: str, number: int, delimiter: str, schema: Schema, name: str) -> Layout:
    cells = _read_header(line, delimiter)
    missing = [column for column in COLUMNS[schema] if column not in cells]
    if missing:
        raise InputError(
            f"{name}, line {number}: the header lacks the columns {', '.join(repr(m) for m in missing)} of the "
            f"{schema.value} schema; export the register again with all columns"
        )
    repeated = sorted({cell for cell in cells if cell in COLUMNS[schema] and cells.count(cell) > 1})
    if repeated:
        raise InputError(f"{name}, line {number}: the header names {', '.join(repeated)} twice; export it again")
    positions = {column: cells.index(column) for column in COLUMNS[schema]}
    flags = {
        column: place + 1
        for column, place in positions.items()
        if place + 1 < len(cells) and _UNNAMED.fullmatch(cells[place + 1])
    }
    known = {*positions.values(), *flags.values()}
    unknown = tuple(cell for place, cell in enumerate(cells) if place not in known and not _UNNAMED.fullmatch(cell))
    ends = line.rstrip().endswith(";") and delimiter != ";"
    return Layout(schema, delimiter, number, len(cells), positions, flags, ends, unknown)


def _read_header(line: str, delimiter: str) -> list[str]:
    """Return the header's cells in lower case; a semicolon that ends the line is none of them."""
    text = line.rstrip()
    if delimiter != ";":
        text = text.removesuffix(";")
    cells = next(csv.reader([text], delimiter=delimiter), [])
    return [" ".join(cell.replace("\ufeff", "").split()).casefold() for cell in cells]
