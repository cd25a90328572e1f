"""A user's own articles in JSONL or Parquet, row by row."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from extract.errors import InputError, SourceUnreachable
from extract.parsing.dates import is_plausible, parse_date
from extract.parsing.decode import DecodedText
from extract.parsing.page import Article, PageContent, Unusable, build_article
from extract.parsing.text import join_wrapped_lines
from extract.parsing.urls import article_id, canonical_url
from extract.state import Refusal
from warehouse import clock

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from extract.fetching.policy import FetchPolicy
    from extract.sources import Source

SUFFIXES = frozenset({".jsonl", ".ndjson", ".parquet"})
FIELDS = ("id", "url", "title", "published", "published_at", "author", "text")
"""What is read of a row; ``published`` and ``published_at`` mean the same, other fields are left alone."""
_BATCH_ROWS = 500  # rows of Parquet held at once


def list_article_files(place: Path) -> list[Path]:
    """Return the files at a path: itself, or those of the folder, sorted.

    Raises:
        InputError: there is nothing, or a file of another kind.
    """
    if place.is_dir():
        return sorted(path for path in place.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if not place.is_file():
        raise InputError(f"{place}: no such file or folder")
    if place.suffix.lower() not in SUFFIXES:
        raise InputError(f"{place}: articles are read from files in {', '.join(sorted(SUFFIXES))}")
    return [place]


def read_rows(
    source: Source, policy: FetchPolicy, known: Container[str], refusals: list[Refusal]
) -> Iterator[tuple[str, bytes, datetime]]:
    """Yield URL, row as JSON and time of reading of the rows that aren't known, in their order.

    Args:
        source: one file, or a folder of them.
        policy: cap on a row.
        known: ids of the articles in the lake.
        refusals: takes rows and files that can't be read.

    Raises:
        SourceUnreachable: there is no such file.
    """
    try:
        paths = list_article_files(Path(source.location))
    except InputError as error:
        raise SourceUnreachable(source.id, "no_such_file", str(error)) from error
    read_at = clock.now().replace(microsecond=0)
    for path in paths:
        rows = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_lines(path, policy.max_page_bytes)
        try:
            for number, row in rows:
                place = f"{path.as_uri()}#{number}"
                if isinstance(row, Unusable):
                    refusals.append(Refusal(place, "parse", row.reason, row.detail))
                    continue
                url = _address(row) or f"{path.as_uri()}#{quote(str(row.get('id') or number), safe='')}"
                if article_id(url) not in known:
                    yield url, json.dumps(row, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace"), read_at
        except (OSError, pa.ArrowException) as error:
            refusals.append(Refusal(path.as_uri(), "feed", "broken_file", f"{error}", is_retried=True))


def parse_row(content: bytes, *, url: str, read_at: datetime) -> Article | Unusable:
    """Turn a row into an article.

    Args:
        content: row as JSON.
        url: canonical URL of the row, or its place in the file.
        read_at: when it was read, UTC.
    """
    row = json.loads(content)
    for name in ("title", "text", "author", "published", "published_at"):
        if row.get(name) is not None and not isinstance(row[name], str):
            return Unusable("broken_row", f"field {name} is {type(row[name]).__name__}, not text")
    told = row.get("published") or row.get("published_at")
    moment = parse_date(told)
    if told and not is_plausible(moment, fetched_at=read_at):
        return Unusable("no_date", f"field published: {told!r} is no believable ISO 8601 day or time")
    text = join_wrapped_lines((row.get("text") or "").splitlines())
    page = PageContent(
        title=" ".join((row.get("title") or "").split()) or None,
        author=row.get("author") or None,
        published_at=moment,
        published_at_origin="file" if moment else None,
        text=text,
        canonical=None,
        decoded=DecodedText(text, "utf-8"),
    )
    return build_article(page, url=url, fetched_at=read_at)


def _read_lines(path: Path, max_bytes: int) -> Iterator[tuple[int, dict[str, Any] | Unusable]]:
    """Yield number and row of each line of JSONL that isn't blank, or why it is none."""
    with path.open("rb") as lines:
        number = 0
        while line := lines.readline(max_bytes + 1):
            number += 1
            if len(line) > max_bytes:
                while line and not line.endswith(b"\n"):
                    line = lines.readline(max_bytes + 1)
                yield number, Unusable("too_large", f"line {number} has more than {max_bytes} bytes")
            elif line.strip():
                yield number, _read_line(line, number)


def _read_line(line: bytes, number: int) -> dict[str, Any] | Unusable:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Unusable("broken_row", f"line {number} is not JSON: {error}")
    if not isinstance(row, dict):
        return Unusable("broken_row", f"line {number} is no JSON object")
    return {name: row[name] for name in FIELDS if name in row}


def _read_parquet(path: Path) -> Iterator[tuple[int, dict[str, Any] | Unusable]]:
    """Yield number and row of a Parquet file; times and days become ISO 8601."""
    with pq.ParquetFile(path) as file:
        columns = [name for name in FIELDS if name in file.schema_arrow.names]
        number = 0
        for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=columns):
            for row in batch.to_pylist():
                number += 1
                yield number, {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC).isoformat()
    return value if isinstance(value, str | int | float | bool | None) else repr(value)


def _address(row: dict[str, Any]) -> str | None:
    told = row.get("url")
    is_web = isinstance(told, str) and told.startswith(("http://", "https://")) and len(told.split()) == 1
    return canonical_url(str(told)) if is_web else None
