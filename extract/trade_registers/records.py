"""Physical lines to logical records. A record that a stray newline or comma broke is put together again.

A newline belongs into a quoted cell. In a few records of the older schema it stands unquoted inside Comments, so that
the record is spread over several lines, none of which has all cells.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from extract.errors import InputError
from extract.trade_registers.model import BrokenRecord, Record, Schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extract.trade_registers.layout import Layout

_NEWLINE = "\x1e"
"""Stands for a newline while a record of several lines is split into cells; no text has it."""
_MOST_LINES = 12
"""A comment of more lines than this is no comment, but a lost quotation mark that swallows the file."""
_NUMBER = re.compile(r"\s*(?:\d+(?:\.\d+)?)?\s*")


def split_records(lines: list[str], layout: Layout, *, name: str) -> Iterator[Record | BrokenRecord]:
    """Yield the records behind the header, broken ones included, in their order.

    Args:
        lines: physical lines of the file, without their ends.
        layout: layout of the file.
        name: file name, for messages.

    Raises:
        InputError: the file ends within a record.
    """
    number, end = layout.header_line, len(lines)
    while end > number and _is_blank(lines[end - 1]):
        end -= 1
    lines = lines[:end]
    while number < end:
        if _is_blank(lines[number]):
            number += 1
            continue
        record, taken = _read_record(lines, number, layout)
        if number + taken == end and (
            isinstance(record, BrokenRecord) or _lacks_its_end(lines[number + taken - 1], layout)
        ):
            raise InputError(
                f"{name} is truncated: its last record, on line {number + 1}, ends early ({_reason(record)}); "
                "download the export again"
            )
        yield record
        number += taken


def _read_record(lines: list[str], start: int, layout: Layout) -> tuple[Record | BrokenRecord, int]:
    """Read the record that begins on a line; give it with the number of lines that it takes."""
    text = lines[start]
    for taken in range(1, _MOST_LINES + 1):
        cells = _split(text, layout)
        if len(cells) == layout.width and (taken == 1 or _ends_as_it_must(cells, layout)):
            restored = tuple(cell.replace(_NEWLINE, "\n") for cell in cells)
            return Record(start + 1, restored, is_repaired=taken > 1 and not _is_quoted(text)), taken
        if len(cells) > layout.width:
            mended = _mend(cells, layout)
            if mended:
                return Record(start + 1, mended, is_repaired=True), taken
            break
        following = start + taken
        if following >= len(lines) or len(_split(lines[following], layout)) == layout.width:
            break
        if not _may_go_on(cells, layout):
            break
        text = f"{text}{_NEWLINE}{lines[following]}"
    found = len(_split(lines[start], layout))
    reason = f"it has {found} cells, the header has {layout.width}"
    return BrokenRecord(start + 1, lines[start], reason), 1


def _may_go_on(cells: list[str], layout: Layout) -> bool:
    """Whether a record without all its cells may go on on the next line: it has got as far as Comments, not to its end.

    A line that lost some of its cells elsewhere must not swallow the next record.
    """
    if layout.schema is not Schema.DEALS or len(cells) <= layout.positions["comments"]:
        return False
    behind = layout.width - layout.positions["comments"] - 1
    return not all(_NUMBER.fullmatch(cell) for cell in cells[-behind:])


def _ends_as_it_must(cells: list[str], layout: Layout) -> bool:
    """Whether the cells behind Comments are the numbers that must be there."""
    behind = cells[layout.positions["comments"] + 1 :] if layout.schema is Schema.DEALS else []
    return all(_NUMBER.fullmatch(cell) for cell in behind)


def _split(text: str, layout: Layout) -> list[str]:
    if layout.ends_with_semicolon:
        text = text.rstrip().removesuffix(";")
    return next(csv.reader([text], delimiter=layout.delimiter), [])


def _mend(cells: list[str], layout: Layout) -> tuple[str, ...] | None:
    """Put commas that nobody quoted back into Comments, if the cells behind it are the numbers that must be there."""
    if layout.schema is not Schema.DEALS:
        return None
    place = layout.positions["comments"]
    behind = layout.width - place - 1
    tail = cells[len(cells) - behind :]
    if behind < 1 or not all(_NUMBER.fullmatch(cell) for cell in tail):
        return None
    comment = layout.delimiter.join(cells[place : len(cells) - behind])
    return tuple(cell.replace(_NEWLINE, "\n") for cell in (*cells[:place], comment, *tail))


def _is_quoted(text: str) -> bool:
    """Whether every newline of a record stands between quotation marks, as it should."""
    return all(part.count('"') % 2 for part in _prefixes(text))


def _prefixes(text: str) -> Iterator[str]:
    place = text.find(_NEWLINE)
    while place >= 0:
        yield text[:place]
        place = text.find(_NEWLINE, place + 1)


def _is_blank(line: str) -> bool:
    return not line.strip(" ;\t,")


def _lacks_its_end(line: str, layout: Layout) -> bool:
    return layout.ends_with_semicolon and not line.rstrip().endswith(";")


def _reason(record: Record | BrokenRecord) -> str:
    return record.reason if isinstance(record, BrokenRecord) else "the semicolon that ends each line is missing"
