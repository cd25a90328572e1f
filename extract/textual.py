"""A folder of HTML files to one JSONL file of texts, on all cores."""

from __future__ import annotations

import json
import os
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from extract.errors import InputError
from extract.parsing.page import FetchedPage, read_page
from warehouse import clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SUFFIXES = frozenset({".html", ".htm"})
_CHUNK = 16  # files handed to a process at once: a page takes about 15 ms, handing it over under 1 ms


def list_pages(folder: Path) -> list[Path]:
    """Return the HTML files of a folder and its subfolders, sorted.

    Raises:
        InputError: there is no such folder, or no HTML file in it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: not a folder; --input wants a folder of HTML files")
    pages = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file())
    if not pages:
        raise InputError(f"{folder}: has no .html or .htm file")
    return pages


def read_texts(pages: list[Path], *, processes: int | None = None) -> Iterator[dict[str, str | None]]:
    """Yield ``id`` (file stem), ``title``, ``published`` (ISO day or None) and ``text`` of each page, in their order.

    Args:
        pages: HTML files.
        processes: number of processes; by default one per core.
    """
    count = min(processes or os.cpu_count() or 1, len(pages))
    if count == 1:
        yield from map(_read, pages)
        return
    with ProcessPoolExecutor(count) as pool:
        yield from pool.map(_read, pages, chunksize=_CHUNK)


def write_texts(folder: Path, output: Path, *, processes: int | None = None) -> Iterator[int]:
    """Write one JSON line per HTML file of a folder; the file appears when it is whole.

    Args:
        folder: folder of HTML files.
        output: JSONL file to write.
        processes: number of processes; by default one per core.

    Yields:
        The number of pages after each page, for a progress bar.

    Raises:
        InputError: there is no HTML file to read.
    """
    pages = list_pages(folder)
    output.parent.mkdir(parents=True, exist_ok=True)
    aside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with aside.open("w", encoding="utf-8") as lines:
            for number, text in enumerate(read_texts(pages, processes=processes), start=1):
                lines.write(json.dumps(text, ensure_ascii=False) + "\n")
                yield number
        aside.replace(output)
    finally:
        aside.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, str | None]:
    fetched = FetchedPage(path.read_bytes(), path.resolve().as_uri(), None, clock.now())
    page = read_page(fetched, needs_author=False)
    published = page.published_at.date().isoformat() if page.published_at else None
    # an unreadable byte must not end the file: JSON can't carry half a surrogate pair
    text = page.text.encode("utf-8", "replace").decode("utf-8")
    return {"id": path.stem, "title": page.title, "published": published, "text": text}
