"""Reads web archives record by record; a cut or damaged one costs what is damaged, not what stands around it."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from fastwarc.warc import ArchiveIterator, WarcRecordType

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastwarc.warc import WarcRecord

_RECORD = b"WARC/"
# how a record begins: as a gzip member, or after the two line breaks that end the one before
_BEGINNING = re.compile(rb"\x1f\x8b\x08|\r\n\r\n(?=WARC/)")
_LONGEST = 9  # bytes that a beginning takes
_NO_RECORD = (WarcRecordType.unknown, WarcRecordType.no_type)
_WINDOW = 2**20  # bytes read at once when the next sound record is searched


@dataclass(frozen=True)
class ArchivedPage:
    """A response record as it stands in the archive.

    Attributes:
        url: address that was fetched.
        date: WARC-Date as written.
        block: HTTP head and body as sent.
        position: offset of the record in the file, bytes.
    """

    url: str
    date: str
    block: bytes
    position: int


@dataclass(frozen=True)
class Damage:
    """A place in an archive that can't be read.

    Attributes:
        reason: ``damaged_record``, ``truncated_archive`` or ``too_large``.
        position: offset in the file, bytes.
        detail: what is wrong, in plain words.
        url: address of the record, where its head could be read.
    """

    reason: str
    position: int
    detail: str
    url: str = ""


def read_archive(
    path: Path, *, max_bytes: int, start: int = 0, end: int | None = None
) -> Iterator[ArchivedPage | Damage]:
    """Yield the response records of an archive, and its damaged places.

    Slices of a gzip archive that lie end to end give together what the whole gives.

    Args:
        path: WARC file, plain or gzip with a member per record.
        max_bytes: larger records are left out.
        start: only records that begin from this offset on, bytes.
        end: and before this one; None for the end of the file.

    Raises:
        OSError: the file can't be opened.
    """
    with path.open("rb") as file:
        size = path.stat().st_size
        reader = _Reader(file, size, max_bytes, size if end is None else end)
        yield from reader.read(reader.find_sound(start) if start else 0)


@dataclass
class _Reader:
    """Reads one file.

    Attributes:
        file: open file.
        size: its size, bytes.
        max_bytes: cap on a record.
        end: from the first sound record on that begins here or later, all is left to others.
        reached: offset of the record that was read last, or is being read.
        has_records: whether there was any.
        is_done: whether a sound record beyond the end was reached.
    """

    file: IO[bytes]
    size: int
    max_bytes: int
    end: int
    reached: int = 0
    has_records: bool = False
    is_done: bool = False

    def read(self, start: int | None) -> Iterator[ArchivedPage | Damage]:
        """Read on after each damaged place, up to the first sound record beyond the end: another slice begins there."""
        while start is not None and start < self.end:
            self.reached = start
            try:
                yield from self._read_from(start)
            except (OSError, ValueError, LookupError) as error:
                start = self.find_sound(self.reached + 1)
                rest = "no sound record follows" if start is None else f"reading goes on at byte {start:,}"
                yield Damage("damaged_record", self.reached, f"{error}; {rest}")
            else:
                if not self.is_done:
                    yield from self._find_cut()
                return
        if not self.size:
            yield Damage("truncated_archive", 0, "the file is empty")

    def _read_from(self, start: int) -> Iterator[ArchivedPage | Damage]:
        self.file.seek(start)
        for record in ArchiveIterator(self.file, parse_http=False):
            self.reached = record.stream_pos
            if self.reached >= self.end and self._end_of_member(self.reached) is not None:
                self.is_done = True
                return
            self.has_records |= record.record_type not in _NO_RECORD
            if record.record_type == WarcRecordType.response:
                yield self._read_record(record)

    def _read_record(self, record: WarcRecord) -> ArchivedPage | Damage:
        url = (record.headers.get("WARC-Target-URI") or "").strip("<> ")  # WARC 1.0 allowed brackets
        told = int(record.headers.get("Content-Length") or 0)
        if told > self.max_bytes:
            return Damage("too_large", self.reached, f"{told} bytes, {self.max_bytes} allowed", url)
        block = record.reader.read()
        if len(block) < told:
            detail = f"the record ends after {len(block)} of {told} bytes"
            return Damage("truncated_archive", self.reached, detail, url)
        return ArchivedPage(url, record.headers.get("WARC-Date") or "", block, self.reached)

    def _find_cut(self) -> Iterator[Damage]:
        """Tell of bytes after the last record; an archive that was cut within a record's head ends so."""
        end = self._end_of_member(self.reached) if self.has_records else 0
        if end is not None and end < self.size:
            yield Damage("truncated_archive", end, f"the last {self.size - end} bytes are no whole record")

    def find_sound(self, start: int) -> int | None:
        """Return the offset of the next whole record, None where there is none."""
        offset = start
        while offset < self.size:
            self.file.seek(offset)
            window = self.file.read(_WINDOW)
            for match in _BEGINNING.finditer(window):
                is_plain = match.group() == b"\r\n\r\n"
                place = offset + (match.end() if is_plain else match.start())
                if is_plain or self._end_of_member(place) is not None:
                    return place
            offset += max(1, len(window) - _LONGEST + 1)  # a beginning may stand across two windows
        return None

    def _end_of_member(self, start: int) -> int | None:
        """Return where the gzip member at this offset ends, None where there is no whole member of a WARC record."""
        machine = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self.file.seek(start)
        begun = b""
        data = self.file.read(_WINDOW)
        try:
            while data:
                content = machine.decompress(data, _WINDOW)
                begun = begun or content[: len(_RECORD)]
                if begun and begun != _RECORD:
                    return None
                if machine.eof:
                    return self.file.tell() - len(machine.unused_data)
                data = machine.unconsumed_tail or self.file.read(_WINDOW)
        except zlib.error:
            return None
        return None
