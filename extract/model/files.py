"""The model on a file of articles in the exchange format: events to score, or a comparison with the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.claims import extract_article
from extract.claims.exchange import read_article_lines, to_events, write_event_lines
from extract.model.comparing import Comparison, compare_claims
from extract.model.extractor import ModelUnavailable
from extract.model.reading import Usage, read_articles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from extract.claims.exchange import ArticleLine
    from extract.model.reading import BatchReading
    from extract.model.refusal import Refusal
    from extract.model.settings import ModelSettings


@dataclass(frozen=True)
class FileResult:
    """What came of a file.

    Attributes:
        refusals: article id -> what was not believed.
        comparisons: article id -> rules beside model, for the articles that the model answered.
        usage: what asking cost.
    """

    refusals: dict[str, tuple[Refusal, ...]]
    comparisons: dict[str, Comparison]
    usage: Usage


def extract_file(settings: ModelSettings, folder: Path, *, input: Path, output: Path) -> FileResult:
    """Write the model's events of a file of articles, as ``extract.claims.exchange.run_file`` does with the rules'.

    Args:
        settings: which model, and where.
        folder: where answers are kept.
        input: articles, one JSON object per line.
        output: events, one line per article in the same order.

    Raises:
        ModelUnavailable: the endpoint is of no use now; nothing is written.
        ExchangeError: a file can't be read or written.
    """
    lines = list(read_article_lines(input))
    reading = _read(settings, folder, lines)
    pairs = zip(lines, reading.articles, strict=True)
    write_event_lines(((line.id, to_events(result.claims)) for line, result in pairs), output)
    return _summarise(lines, reading, {})


def compare_file(settings: ModelSettings, folder: Path, *, input: Path) -> FileResult:
    """Compare rules and model on a file of articles.

    Args:
        settings: which model, and where.
        folder: where answers are kept.
        input: articles, one JSON object per line.

    Raises:
        ModelUnavailable: the endpoint is of no use now.
        ExchangeError: the file can't be read.
    """
    lines = list(read_article_lines(input))
    reading = _read(settings, folder, lines)
    comparisons = {
        line.id: compare_claims(extract_article(line.article), result.claims)
        for line, result in zip(lines, reading.articles, strict=True)
        if result.is_answered
    }
    return _summarise(lines, reading, comparisons)


def _read(settings: ModelSettings, folder: Path, lines: Sequence[ArticleLine]) -> BatchReading:
    reading = read_articles(settings, folder, [line.article for line in lines])
    if reading.fault:
        raise ModelUnavailable.of(settings, reading.fault, reading.usage)
    return reading


def _summarise(lines: Sequence[ArticleLine], reading: BatchReading, comparisons: dict[str, Comparison]) -> FileResult:
    refused = {
        line.id: result.refusals for line, result in zip(lines, reading.articles, strict=True) if result.refusals
    }
    return FileResult(refused, comparisons, reading.usage)
