"""An archive in slices that many machines read at once: whoever reads one takes the records that begin in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extract.bulk.reading import MAX_RECORD_BYTES, ReadBatch, read_batch
from extract.bulk.records import ArchivedPage, Damage, read_archive

if TYPE_CHECKING:
    from pathlib import Path

_SLICE_BYTES = 8 * 2**20  # of a gzip archive: about half a second of work
_BATCH_PAGES = 16  # as much is told of the progress at once
_GZIP = b"\x1f\x8b"

ReadSlice = list[Damage | tuple[list[ArchivedPage], ReadBatch]]
"""What a slice came to, in order: damaged places, and pages with what became of them; of those left out, the pages'
blocks are left out too."""


@dataclass(frozen=True)
class Slice:
    """A part of an archive.

    Attributes:
        path: file.
        start: records that begin from this offset on, bytes.
        end: and before this one.
    """

    path: Path
    start: int
    end: int


MapSlices = Callable[[Callable[[Slice], ReadSlice], Iterable[Slice]], Iterator[ReadSlice]]


def split_archive(path: Path, *, slice_bytes: int = _SLICE_BYTES) -> list[Slice]:
    """Cut an archive into slices; a plain one stays whole, since a page in it may hold what a record begins with.

    Args:
        path: archive.
        slice_bytes: size of a slice.

    Raises:
        OSError: it can't be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        is_gzip = file.read(len(_GZIP)) == _GZIP
    if not is_gzip:
        return [Slice(path, 0, size)]
    return [Slice(path, start, min(start + slice_bytes, size)) for start in range(0, size, slice_bytes)]


def read_slice(one: Slice) -> ReadSlice:
    """Read a slice: pure, for any process that sees the file."""
    found: ReadSlice = []
    pages: list[ArchivedPage] = []
    for record in read_archive(one.path, max_bytes=MAX_RECORD_BYTES, start=one.start, end=one.end):
        if isinstance(record, Damage):
            found.append(record)
            continue
        pages.append(record)
        if len(pages) == _BATCH_PAGES:
            found.append(_read(pages))
            pages = []
    return [*found, _read(pages)] if pages else found


def _read(pages: list[ArchivedPage]) -> tuple[list[ArchivedPage], ReadBatch]:
    read = read_batch(pages)
    kept = {page.number for page in read.pages}
    return [page if number in kept else replace(page, block=b"") for number, page in enumerate(pages)], read
