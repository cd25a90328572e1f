"""The file to explain: a text, an HTML page, or one line of JSONL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extract.claims.exchange import read_article_lines
from extract.claims.model import ArticleText
from extract.errors import InputError
from warehouse import clock

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

_HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})


def read_article(path: Path, *, published: date | None = None, article_id: str | None = None) -> ArticleText:
    """Read an article as the extractor would get it.

    Args:
        path: a text file (title in its first line), an HTML page, or JSON lines with ``id``, ``title``, ``published``
            and ``text``; told apart by what is in it.
        published: day of publication, in place of the one that the file tells.
        article_id: which line of a file of several.

    Raises:
        InputError: there is no such file, or it doesn't name one article.
        ExchangeError: a line of JSON is no article.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give a text file, an HTML page or a line of JSONL") from error
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        article = _read_line(path, article_id)
    elif article_id is not None:
        raise InputError(f"{path}: --id chooses a line of a JSONL file; this is none")
    elif path.suffix.lower() in _HTML_SUFFIXES or start.startswith(b"<"):
        article = _read_page(path, content)
    else:
        article = _read_text(path, content)
    return replace(article, year=published.year, month=published.month) if published else article


def _read_line(path: Path, article_id: str | None) -> ArticleText:
    """Read the only line of a JSONL file, or the one with an id."""
    lines = list(read_article_lines(path))
    chosen = [line.article for line in lines if article_id in (None, line.id)]
    if len(chosen) == 1:
        return chosen[0]
    if article_id is not None:
        raise InputError(f"{path}: {len(chosen)} of {len(lines)} lines have the id {article_id!r}; one is needed")
    raise InputError(f"{path}: has {len(lines)} articles; choose one with --id, for instance --id {lines[0].id}")


def _read_page(path: Path, content: bytes) -> ArticleText:
    """Read title, date and main text of a page."""
    from extract.parsing.language import detect_language  # noqa: PLC0415 - these take a second to import
    from extract.parsing.page import FetchedPage, read_page  # noqa: PLC0415

    page = read_page(FetchedPage(content, path.resolve().as_uri(), None, clock.now()), needs_author=False)
    if page.failure or not page.text:
        raise InputError(f"{path}: no main text found in this page{f' ({page.failure})' if page.failure else ''}")
    moment = page.published_at
    return ArticleText(
        path.stem,
        "",
        page.title or "",
        page.text,
        moment.year if moment else None,
        moment.month if moment else None,
        detect_language(page.text),
    )


def _read_text(path: Path, content: bytes) -> ArticleText:
    """Read a text as a folder of sources does; a single line is the text, not a title."""
    from extract.folders import _read_text as read_text_file  # noqa: PLC0415 - takes a second to import
    from extract.parsing.language import detect_language  # noqa: PLC0415

    page = read_text_file(content, read_at=clock.now())
    title, text = (page.title or "", page.text) if page.text else ("", page.title or "")
    if not text:
        raise InputError(f"{path}: is empty")
    moment = page.published_at
    return ArticleText(
        path.stem,
        "",
        title,
        text,
        moment.year if moment else None,
        moment.month if moment else None,
        detect_language(text),
    )
