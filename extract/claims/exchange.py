"""The exchange format of the evaluation set: JSON lines with articles in and events out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from extract.claims.engine import extract_article
from extract.claims.model import ArticleText, Claim
from warehouse.errors import ArmsledgerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class ExchangeError(ArmsledgerError):
    """A line of an exchange file can't be read; the message names file and line."""


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """One line of an article file."""

    id: str
    article: ArticleText


def read_article_lines(path: Path) -> Iterator[ArticleLine]:
    """Read articles, one JSON object per line with ``id``, ``title``, ``published`` and ``text``.

    Args:
        path: file of JSON lines; blank lines are skipped.

    Raises:
        ExchangeError: the file can't be read, or a line is no article.
    """
    try:
        handle = path.open(encoding="utf-8")
    except OSError as error:
        raise ExchangeError(f"{path}: {error.strerror}; give a file of JSON lines") from error
    with handle:
        number = 0
        try:
            for number, line in enumerate(handle, start=1):
                if line.strip():
                    yield _article_line(line, path, number)
        except UnicodeDecodeError as error:
            raise ExchangeError(f"{path}, after line {number}: not UTF-8; save the file as UTF-8") from error


def _article_line(line: str, path: Path, number: int) -> ArticleLine:
    """Parse one line."""
    where = f"{path}, line {number}"
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ExchangeError(f"{where}: not JSON: {error.msg} at character {error.pos + 1}") from error
    if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
        raise ExchangeError(f"{where}: an article is an object with a text field 'id'")
    for name in ("title", "text"):
        if not isinstance(row.get(name, ""), str | None):
            raise ExchangeError(f"{where}: field '{name}' must be text")
    published = row.get("published")
    day: date | None = None
    if published:
        try:
            day = date.fromisoformat(str(published)[:10])
        except ValueError as error:
            raise ExchangeError(
                f"{where}: field 'published' must be a date like 2021-09-07, not {published!r}"
            ) from error
    article = ArticleText(
        row["id"],
        "",
        row.get("title") or "",
        row.get("text") or "",
        day.year if day else None,
        day.month if day else None,
        str(row.get("language") or "en"),
    )
    return ArticleLine(row["id"], article)


def to_events(claims: Iterable[Claim]) -> list[dict[str, Any]]:
    """Turn claims into events of the exchange format; domestic claims are left out.

    Args:
        claims: claims of one article.

    Returns:
        Events in the order of the claims.
    """
    return [_event(claim) for claim in claims if not claim.is_domestic]


def _event(claim: Claim) -> dict[str, Any]:
    """Event of one claim."""
    return {
        "supplier": claim.supplier_code,
        "recipient": claim.recipient_code,
        "weapon": claim.weapon_designation,
        "category": claim.weapon_category,
        "quantity": claim.quantity_max,
        "quantity_is_approximate": claim.quantity_is_approximate,
        "value_amount": claim.value_max,
        "value_currency": claim.value_currency,
        "value_shared": claim.value_type == "package_share",
        "status": claim.status,
        "condition": claim.condition,
        "deal_type": claim.deal_type,
        "order_year": claim.order_year,
        "delivery_year": claim.delivery_year_first,
        "headline": not claim.is_background,
        "supplier_inferred": claim.supplier_is_inferred,
        "evidence": claim.evidence_text,
    }


def write_event_lines(lines: Iterable[tuple[str, list[dict[str, Any]]]], path: Path) -> int:
    """Write events, one JSON object per article.

    Args:
        lines: article id and its events.
        path: file to write; replaced if it exists.

    Returns:
        Number of lines written.

    Raises:
        ExchangeError: the file can't be written.
    """
    count = 0
    try:
        with path.open("w", encoding="utf-8") as handle:
            for article_id, events in lines:
                handle.write(json.dumps({"id": article_id, "events": events}, ensure_ascii=False) + "\n")
                count += 1
    except OSError as error:
        raise ExchangeError(f"{path}: can't be written: {error.strerror}") from error
    return count


def run_file(input: Path, output: Path) -> int:
    """Extract the events of a file of articles.

    Args:
        input: articles, see ``read_article_lines``.
        output: events, one line per article in the same order.

    Returns:
        Number of articles.

    Raises:
        ExchangeError: a file can't be read or written, or a line is no article.
    """
    articles = list(read_article_lines(input))
    return write_event_lines(((line.id, to_events(extract_article(line.article))) for line in articles), output)
