"""A register file to rows: decode, find the layout, split into records, read their cells."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from extract.errors import InputError
from extract.trade_registers.decoding import decode_file
from extract.trade_registers.layout import find_layout
from extract.trade_registers.model import BrokenRecord, RegisterFile, Schema
from extract.trade_registers.records import split_records
from extract.trade_registers.rows import RowReader
from extract.trade_registers.values import CellError

if TYPE_CHECKING:
    from pathlib import Path

    from extract.trade_registers.model import Delivery

_GENERATED = re.compile(
    r"generated(?: on|:)?\s*(\d{4}-\d{2}-\d{2}|\d{1,2} [A-Za-z]+ \d{4}|[A-Za-z]+ \d{1,2},? \d{4})", re.IGNORECASE
)
_DATE_FORMS = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y")
_ROUNDING = 0.01
"""TIV cells have two decimals, so a product of two of them may be off by this share, or by half a unit of the last."""

MAX_BYTES = 256 * 1024 * 1024
"""The whole register since 1950 has some 30,000 deals in less than 10 MB; what is far beyond that is another file."""


def read_register(path: Path) -> RegisterFile:
    """Read a trade register of SIPRI's database, in either export schema.

    Args:
        path: CSV file as downloaded.

    Raises:
        InputError: the file can't be read, has the wrong schema, lacks columns, or is truncated; nothing of it is used.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                f"{path} has {size / 1e6:,.0f} MB, a register has at most {MAX_BYTES / 1e6:,.0f}; is it the right file?"
            )
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}") from error
    text, encoding = decode_file(content, name=path.name)
    # a carriage return alone ends no line here: inside a comment it is a blank
    lines = [line.removesuffix("\r").replace("\r", " ") for line in text.split("\n")]
    layout = find_layout(lines, name=path.name)
    reader = RowReader(layout)
    deliveries: list[Delivery] = []
    broken: list[BrokenRecord] = []
    records = repaired = 0
    for record in split_records(lines, layout, name=path.name):
        records += 1
        if isinstance(record, BrokenRecord):
            broken.append(record)
            continue
        try:
            deliveries += reader.read(record)
        except CellError as error:
            broken.append(BrokenRecord(record.line, layout.delimiter.join(record.fields), str(error)))
            continue
        repaired += record.is_repaired
    if not records:
        raise InputError(f"{path.name} has a header but no record; download the export again")
    if not deliveries:
        raise InputError(
            f"{path.name}: none of its {records} records can be read; the first, on line {broken[0].line}: "
            f"{broken[0].reason}"
        )
    if not text.endswith("\n"):
        _refuse_cut_number(deliveries, layout.schema, path.name)
    return RegisterFile(
        name=path.name,
        schema=layout.schema,
        edition=_find_edition(lines[: layout.header_line - 1]),
        encoding=encoding,
        records=records,
        repaired=repaired,
        deliveries=tuple(deliveries),
        broken=tuple(broken),
        unknown_columns=layout.unknown,
    )


def _find_edition(preamble: list[str]) -> str | None:
    """Return the day on which the register generated the file, ISO 8601, where the preamble tells it."""
    found = _GENERATED.search("\n".join(preamble))
    if not found:
        return None
    told = found[1].replace(",", "")
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(told, form).date().isoformat()
        except ValueError:
            continue
    return None


def _refuse_cut_number(deliveries: list[Delivery], schema: Schema, name: str) -> None:
    """Refuse a file whose last cell is cut off: it has no line end, and its TIV isn't units times TIV of one.

    Only the older schema needs it: in the newer one, each line ends with a semicolon.
    """
    last = deliveries[-1] if deliveries and schema is Schema.DEALS else None
    if last is None or last.tiv_unit is None or last.quantity_delivered is None:
        return
    expected = last.tiv_unit * last.quantity_delivered
    if last.tiv_delivered is None or abs(last.tiv_delivered - expected) > max(0.5, _ROUNDING * expected):
        raise InputError(
            f"{name} is truncated: it ends without a line end, within the last number of line {last.line}; "
            "download the export again"
        )
