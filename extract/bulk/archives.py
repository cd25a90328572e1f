"""One web archive to one staged load: read here, judged and extracted on all cores, written as it comes."""

from __future__ import annotations

import functools
import os
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from extract import cores
from extract.bulk.known import KnownIds
from extract.bulk.reading import MAX_RECORD_BYTES, ReadBatch, read_batch, read_response
from extract.bulk.records import ArchivedPage, Damage, read_archive
from extract.bulk.slices import read_slice, split_archive
from extract.claims.lexicon import load_lexicon
from extract.fetching.archive import ArchiveWriter
from extract.fetching.policy import FetchPolicy
from extract.parsing.page import Article
from extract.rows import build_rows
from warehouse import lake, ops
from warehouse.contracts import ARTICLES
from warehouse.lake import LoadWriter
from warehouse.manifests import read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from extract.bulk.places import ArchivePlace
    from extract.bulk.slices import MapSlices
    from warehouse.settings import DataDirectory, Settings

_BATCH_PAGES = 16  # pages handed to a process at once: some milliseconds of work, so handing over costs little
_BATCH_BYTES = 2 * 2**20  # or as many bytes, so that what is under way stays small whatever the pages are
_WRITE_ROWS = 500  # articles held before they are written

Outcome = Literal["staged", "empty", "already_loaded", "quarantined"]


@dataclass(frozen=True)
class BulkOptions:
    """How archives are read.

    Attributes:
        processes: number of processes; None for one per core.
        again: whether to read an archive again that was loaded, staged or refused before.
        report: is told of the progress after each batch.
        apply: what reads the slices of an archive in place of this machine's processes; see `extract.engines`.
        has_gate: whether pages that can't hold a claim are left out early; without it every page is parsed and kept.
    """

    processes: int | None = None
    again: bool = False
    report: Callable[[Progress], None] = lambda _: None
    apply: MapSlices | None = None
    has_gate: bool = True


@dataclass(frozen=True)
class Progress:
    """How far the reading of an archive is.

    Attributes:
        position: bytes of the file that were read.
        size: bytes of the file.
        pages: responses read.
        kept: those that passed the gate.
    """

    position: int
    size: int
    pages: int
    kept: int


@dataclass(frozen=True)
class ArchiveResult:
    """What became of one archive.

    Attributes:
        load_id: its load.
        outcome: ``staged``: waits for its gate; ``empty``: waits there too, without rows; ``already_loaded``: it went
            through its gate before; ``quarantined``: its gate refused it before.
        rows: articles in the load.
        pages: responses in the archive.
        counts: how many pages, records or damaged places by reason did not become articles.
        table: table of the load.
    """

    load_id: str
    outcome: Outcome
    rows: int = 0
    pages: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    table: str = ARTICLES.name


_DEFAULTS = BulkOptions()


def stage_archive(
    settings: Settings, place: ArchivePlace, path: Path, *, options: BulkOptions = _DEFAULTS
) -> ArchiveResult:
    """Bring the articles of one archive that may hold a claim to staging.

    The responses that passed the gate are archived with the load, so that a better parser can read them again without
    the archive. Memory doesn't grow with the archive: a bounded number of pages is under way.

    Args:
        settings: settings.
        place: archive; its load id tells whether it was read before.
        path: its file on this machine.
        options: how it is read.

    Raises:
        LakeError: the lake is damaged; the message names the file.
        OSError: the archive can't be read.
    """
    data = settings.data
    lake.initialise(data)
    with data.storage.exclusive(data.staging / ARTICLES.name / f".{place.load_id}.lock"):
        lake.finish_interrupted(data, ARTICLES.name)
        former = None if options.again else find_former(data, place.load_id)
        if former:
            return former
        return _Stage(data, place, path, options).run()


def find_former(data: DataDirectory, load_id: str) -> ArchiveResult | None:
    """Return what became of an archive before, None where it wasn't read yet."""
    if load_id in lake.list_staged(data, ARTICLES.name):
        staged = lake.read_staged(data, ARTICLES.name, load_id)
        told = staged.attributes
        outcome: Outcome = "staged" if staged.rows else "empty"
        return ArchiveResult(load_id, outcome, staged.rows, told.get("pages", 0), told.get("reasons", {}))
    entry = read_manifest(data, ARTICLES).load(load_id)
    # a load without rows leaves no trace in the manifest, but its responses are archived all the same
    if entry or data.storage.exists(data.archive / ARTICLES.name / f"load={load_id}"):
        return ArchiveResult(load_id, "already_loaded", entry.rows if entry else 0)
    if data.storage.exists(data.quarantine / ARTICLES.name / f"load={load_id}"):
        return ArchiveResult(load_id, "quarantined")
    return None


class _Stage:
    """Stages one archive.

    Args:
        data: data directory.
        place: archive.
        path: its file.
        options: how it is read.
    """

    def __init__(self, data: DataDirectory, place: ArchivePlace, path: Path, options: BulkOptions) -> None:
        self._data = data
        self._place = place
        self._path = path
        self._options = options
        self._size = path.stat().st_size
        self._known = KnownIds.read(data)
        self._counts: Counter[str] = Counter()
        self._refusals: list[dict[str, object]] = []
        self._waiting: list[Article] = []
        self._pages = self._kept = self._rows = 0

    def run(self) -> ArchiveResult:
        """Read, judge, extract and write."""
        started = time.monotonic()
        told = {"source_id": self._place.source.id, "archive": self._place.name}
        with LoadWriter(self._data, ARTICLES, self._place.load_id, **told) as writer:
            kept = ArchiveWriter(writer.folder, load_input=told, user_agent=FetchPolicy().user_agent)
            try:
                for batch, found in self._iterate():
                    self._take(batch, found, kept)
                    if len(self._waiting) >= _WRITE_ROWS:
                        self._write(writer)
                self._write(writer)
            finally:
                kept.close()
            reasons = dict(sorted(self._counts.items()))
            writer.set_attributes(pages=self._pages, refused=sum(reasons.values()), reasons=reasons)
        outcome: Outcome = "staged" if self._rows else "empty"
        result = ArchiveResult(self._place.load_id, outcome, self._rows, self._pages, reasons)
        self._tell(result, seconds=time.monotonic() - started)
        return result

    def _iterate(self) -> Iterator[tuple[list[ArchivedPage], ReadBatch]]:
        """Yield batches of pages with what they came to; damaged places are counted and told."""
        if not self._options.apply:
            processes = self._options.processes or os.cpu_count() or 1
            yield from iterate_batches(self._read_sound(), processes=processes, has_gate=self._options.has_gate)
            return
        for found in self._options.apply(read_slice, split_archive(self._path)):
            for one in found:
                if isinstance(one, Damage):
                    self._tell_damage(one)
                else:
                    yield one

    def _read_sound(self) -> Iterator[ArchivedPage]:
        """Yield the sound records; the others are counted and told."""
        for found in read_archive(self._path, max_bytes=MAX_RECORD_BYTES):
            if isinstance(found, Damage):
                self._tell_damage(found)
            else:
                yield found

    def _tell_damage(self, found: Damage) -> None:
        where = found.url or f"{self._place.name}#{found.position}"
        self._refuse(where, "fetch", found.reason, found.detail)

    def _take(self, batch: list[ArchivedPage], found: ReadBatch, kept: ArchiveWriter) -> None:
        """Take what a batch came to."""
        self._pages += len(batch)
        self._kept += len(found.pages)
        self._counts.update(found.left_out)
        for page in found.pages:
            kept.add(read_response(batch[page.number]))
            if not isinstance(page.found, Article):
                self._refuse(page.url, "parse", page.found.reason, page.found.detail)
            elif self._known.add(page.found.article_id):
                self._waiting.append(page.found)
            else:
                self._refuse(page.url, "duplicate", "same_article", f"{page.found.url} is known already")
        self._options.report(Progress(batch[-1].position, self._size, self._pages, self._kept))

    def _write(self, writer: LoadWriter) -> None:
        if self._waiting:
            writer.write(build_rows(self._waiting, source=self._place.source, load_id=self._place.load_id))
        self._rows += len(self._waiting)
        self._waiting.clear()

    def _refuse(self, url: str, stage: str, reason: str, detail: str) -> None:
        self._counts[reason] += 1
        told = {"load_id": self._place.load_id, "source_id": self._place.source.id, "url": url, "stage": stage}
        self._refusals.append({**told, "reason": reason, "detail": detail, "is_retried": False})

    def _tell(self, result: ArchiveResult, *, seconds: float) -> None:
        fact = {
            "load_id": result.load_id,
            "table_name": ARTICLES.name,
            "source_id": self._place.source.id,
            "stage": "ingest",
            "outcome": result.outcome,
            "rows_in": result.pages,
            "rows_out": result.rows,
            "reason": ", ".join(f"{count} {reason}" for reason, count in result.counts.items()) or None,
            "seconds": seconds,
        }
        ops.append(self._data, "refusals", self._refusals)
        ops.append(self._data, "loads", [fact])


def iterate_batches(
    pages: Iterable[ArchivedPage], *, processes: int, has_gate: bool = True
) -> Iterator[tuple[list[ArchivedPage], ReadBatch]]:
    """Yield batches of pages with what they came to, in the order of the archive.

    Args:
        pages: records of the archive.
        processes: number of processes; with one the work is done here.
        has_gate: whether pages that can't hold a claim are left out early.
    """
    under_way: deque[list[ArchivedPage]] = deque()

    def hand_out() -> Iterator[list[ArchivedPage]]:
        for batch in _batch(pages):
            under_way.append(batch)
            yield batch

    work = functools.partial(read_batch, has_gate=has_gate)
    for found in cores.map_items(work, hand_out(), prepare=load_lexicon, processes=processes):
        yield under_way.popleft(), found


def _batch(pages: Iterable[ArchivedPage]) -> Iterator[list[ArchivedPage]]:
    batch: list[ArchivedPage] = []
    size = 0
    for page in pages:
        batch.append(page)
        size += len(page.block)
        if len(batch) >= _BATCH_PAGES or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
