"""Files of a folder, HTML or text, to articles."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from extract.errors import InputError, SourceUnreachable
from extract.parsing.dates import find_written_date, is_plausible, parse_date
from extract.parsing.decode import decode_html
from extract.parsing.page import Article, FetchedPage, PageContent, Unusable, build_article, read_page
from extract.parsing.text import join_wrapped_lines
from extract.parsing.urls import article_id
from extract.state import Refusal
from warehouse import clock

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from datetime import datetime

    from extract.fetching.policy import FetchPolicy
    from extract.sources import Source

_SUFFIXES = frozenset({".html", ".htm", ".txt"})
_NAME_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?!\d)")
_HEAD_LINES = 6  # the date of a text stands under its title, with at most a byline and empty lines between
_MAX_DATE_LINE = 80  # characters; a longer line that holds a date is a sentence of the text


def parse_file(content: bytes, *, url: str, read_at: datetime) -> Article | Unusable:
    """Turn a file into an article; the date is the page's own, else the one before the name, else of the first lines.

    Args:
        content: bytes of the file.
        url: file URL.
        read_at: when it was read, UTC.
    """
    name = Path(unquote(urlsplit(url).path)).name
    if name.lower().endswith(".txt"):
        page = _read_text(content, read_at=read_at)
    else:
        page = read_page(FetchedPage(content, url, None, read_at))
    match = _NAME_DATE.match(name)
    named = parse_date(match.group(1)) if match else None
    if is_plausible(named, fetched_at=read_at) and (page.published_at is None or page.published_at_origin == "file"):
        page = replace(page, published_at=named, published_at_origin="file")
    return build_article(page, url=url, fetched_at=read_at)


def _read_text(content: bytes, *, read_at: datetime) -> PageContent:
    """Read a text file: title in the first line, perhaps a byline with a date, then paragraphs."""
    decoded = decode_html(content)
    lines = [" ".join(line.split()) for line in decoded.text.splitlines()]
    told = [number for number, line in enumerate(lines) if line]
    title = lines[told[0]] if told else None
    body = lines[told[0] + 1 :] if told else []
    moment = None
    for number, line in enumerate(body[:_HEAD_LINES]):
        if len(line) <= _MAX_DATE_LINE:
            moment = find_written_date(line, fetched_at=read_at)
        if moment:
            body = [*body[:number], *body[number + 1 :]]
            break
    text = join_wrapped_lines(body)
    return PageContent(title, None, moment, "file" if moment else None, text, None, decoded)


def list_files(folder: Path) -> list[Path]:
    """Return the HTML and text files of a folder, sorted; a link out of the folder is no file of it.

    Raises:
        InputError: there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder")
    inside = folder.resolve()
    files = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in _SUFFIXES and path.is_file())
    return [path for path in files if path.resolve().is_relative_to(inside)]


def read_files(
    source: Source, policy: FetchPolicy, known: Container[str], refusals: list[Refusal]
) -> Iterator[tuple[str, bytes, datetime]]:
    """Yield URL, content and time of reading of the files of a folder that aren't known, by name.

    Args:
        source: folder.
        policy: cap on a file.
        known: ids of the articles in the lake.
        refusals: takes the files that can't be read.

    Raises:
        SourceUnreachable: there is no such folder.
    """
    try:
        paths = list_files(Path(source.location))
    except InputError as error:
        raise SourceUnreachable(source.id, "no_such_folder", str(error)) from error
    for path in paths:
        url = path.as_uri()
        if article_id(url) in known:
            continue
        try:
            size = path.stat().st_size
            if size > policy.max_page_bytes:
                detail = f"{size} bytes, {policy.max_page_bytes} allowed"
                refusals.append(Refusal(url, "fetch", "too_large", detail))
                continue
            content = path.read_bytes()
        except OSError as error:
            refusals.append(Refusal(url, "fetch", "unreadable_file", str(error), is_retried=True))
            continue
        yield url, content, clock.now().replace(microsecond=0)
