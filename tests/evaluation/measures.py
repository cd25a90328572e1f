"""What the evaluation measures: scores with counts and intervals, false positives, calibration of confidence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import score

from extract.claims import extract_article
from extract.claims.exchange import read_article_lines, to_events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from extract.claims.model import ArticleText
    from extract.claims.weighing.models import Models

HERE = Path(__file__).resolve().parent
_VALIDATION_DIGITS = frozenset("0123")
_BIN = 0.1  # width of a bin of the reliability table
_Z = 1.96  # two-sided 95 %


@dataclass(frozen=True)
class Share:
    """A count out of a total, with its Wilson interval.

    Attributes:
        hits: how many.
        total: out of how many.
    """

    hits: int
    total: int

    @property
    def rate(self) -> float:
        """The share; 0 of an empty total."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % score interval (Wilson 1927), which stays inside 0 to 1 and holds for few cases too."""
        if not self.total:
            return (0.0, 1.0)
        n, p = self.total, self.rate
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        return (max(0.0, middle - half), min(1.0, middle + half))

    def as_json(self) -> dict[str, Any]:
        """The share as an object of the JSON output."""
        low, high = self.interval
        return {"hits": self.hits, "of": self.total, "rate": self.rate, "low": low, "high": high}


@dataclass(frozen=True)
class Bin:
    """Claims of about one confidence.

    Attributes:
        low: least confidence of the bin.
        claimed: mean confidence.
        observed: how many of them match a label.
    """

    low: float
    claimed: float
    observed: Share


@dataclass(frozen=True)
class Reliability:
    """How well confidence tells the probability of being right.

    Attributes:
        bins: bins that hold claims, lowest first.
        error: expected calibration error: mean distance of claimed and observed, weighted by claims.
    """

    bins: tuple[Bin, ...]
    error: float


@dataclass(frozen=True)
class Result:
    """Scores of one labelled set.

    Attributes:
        name: what the set is called.
        articles: how many it has.
        shares: precision, recall, all_fields, negatives, and one for each scored field; ``value`` is amount with
            currency.
        f1: of precision and recall.
        inversions: claims with supplier and recipient exchanged.
        reliability: calibration.
        raw: the scorer's own result; out of the repr, since a failing test must not print errors of the held-out sets.
    """

    name: str
    articles: int
    shares: dict[str, Share]
    f1: float
    inversions: int
    reliability: Reliability
    raw: dict[str, Any] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """The result as an object of the JSON output; errors by article are left out."""
        return {
            "articles": self.articles,
            **{name: share.as_json() for name, share in self.shares.items()},
            "f1": self.f1,
            "inversions": self.inversions,
            "calibration_error": self.reliability.error,
            "reliability": [
                {"low": b.low, "claimed": b.claimed, **b.observed.as_json()} for b in self.reliability.bins
            ],
            "recall_by": self.raw["recall_by"],
            "side_accuracy": self.raw["side_accuracy"],
        }


Events = dict[str, list[dict[str, Any]]]


def is_validation(article_id: str) -> bool:
    """Whether an article of the development set is kept for validation: first hex digit of its id's SHA-1 is 0-3."""
    return hashlib.sha1(article_id.encode(), usedforsecurity=False).hexdigest()[0] in _VALIDATION_DIGITS


def extract_events(articles: Path) -> Events:
    """Run the extractor over a file of articles.

    Args:
        articles: JSON lines with ``id``, ``title``, ``published``, ``text``.

    Returns:
        Events by article id, each with the ``confidence`` of its claim; domestic claims are left out.
    """
    return {line.id: list_events(line.article) for line in read_article_lines(articles)}


def list_events(article: ArticleText, models: Models | None = None) -> list[dict[str, Any]]:
    """Events of one article with their confidence.

    Args:
        article: the article.
        models: trained weights; by default those of the package.
    """
    claims = [claim for claim in extract_article(article, models) if not claim.is_domestic]
    events = zip(to_events(claims), claims, strict=True)
    return [{**event, "confidence": claim.confidence} for event, claim in events]


def measure(name: str, found: Events, labels: Events, *, keep: Callable[[str], bool] | None = None) -> Result:
    """Score events against labels.

    Args:
        name: what the set is called.
        found: events by article.
        labels: labels by article.
        keep: which articles belong to the set; by default all.
    """
    labels = {key: value for key, value in labels.items() if keep is None or keep(key)}
    raw = score.score(found, labels)
    matched = raw["tp"]
    shares = {
        "precision": Share(matched, matched + raw["fp"]),
        "recall": Share(matched, matched + raw["fn"]),
        "all_fields": Share(round(raw["all_fields_right_rate"] * matched), matched),
        "negatives": Share(raw["negatives_with_false_positive"], raw["negatives"]),
        "value": Share(_count_values(found, labels), matched),
        **{field: Share(round(rate * matched), matched) for field, rate in raw["field_accuracy"].items()},
    }
    return Result(name, len(labels), shares, raw["f1"], raw["inversions"], measure_reliability(found, labels), raw)


def _pairs(found: Events, labels: Events) -> Iterable[tuple[list[dict[str, Any]], list[dict[str, Any]], list[Any]]]:
    """Yield the events, labels and matching pairs of each article."""
    for key, wanted in labels.items():
        events = found.get(key, [])
        yield events, wanted, score.pair_up(events, wanted)


def _count_values(found: Events, labels: Events) -> int:
    """Count the matches whose amount and currency are both right."""
    return sum(
        score.field_ok(events[i], wanted[j], "value_amount") and score.field_ok(events[i], wanted[j], "value_currency")
        for events, wanted, pairs in _pairs(found, labels)
        for i, j in pairs
        if not wanted[j].get("optional")
    )


def measure_reliability(found: Events, labels: Events) -> Reliability:
    """Compare confidence with how often it was right; events that match an optional label count neither way.

    Args:
        found: events with ``confidence``.
        labels: labels.
    """
    bins: dict[int, list[tuple[float, bool]]] = {}
    for events, wanted, pairs in _pairs(found, labels):
        hit = {i: bool(wanted[j].get("optional")) for i, j in pairs}
        for number, event in enumerate(events):
            if not hit.get(number, False):
                sure = float(event["confidence"])
                # 0.7 / 0.1 is 6.999…: rounded first, so that a value on the edge lies in the bin above
                place = min(int(round(sure / _BIN, 6)), int(1 / _BIN) - 1)
                bins.setdefault(place, []).append((sure, number in hit))
    total = sum(len(entries) for entries in bins.values())
    result = []
    for place, entries in sorted(bins.items()):
        claimed = sum(sure for sure, _ in entries) / len(entries)
        result.append(Bin(round(place * _BIN, 2), claimed, Share(sum(ok for _, ok in entries), len(entries))))
    error = sum(abs(b.claimed - b.observed.rate) * b.observed.total for b in result) / total if total else 0.0
    return Reliability(tuple(result), error)


def measure_hard_negatives(articles: Path) -> tuple[Share, list[str]]:
    """Count texts that tell no transfer and yield a claim all the same.

    Args:
        articles: JSON lines like the articles of a labelled set.

    Returns:
        How many yield a claim, and their ids.
    """
    found = extract_events(articles)
    hits = [key for key, events in found.items() if events]
    return Share(len(hits), len(found)), hits


def measure_all() -> tuple[list[Result], Share]:
    """Measure the committed sets.

    Returns:
        Results of the texts that the weights were trained on, of the validation part and of the held-out set, and the
        false positives on the hard negatives.
    """
    devset, held, training = HERE / "devset", HERE / "heldout", HERE / "training"
    found, labels = extract_events(devset / "articles.jsonl"), score.read(devset / "labels.jsonl")
    seen = {key: value for key, value in labels.items() if not is_validation(key)} | score.read(
        training / "labels.jsonl"
    )
    results = [
        measure("training", found | extract_events(training / "articles.jsonl"), seen),
        measure("validation", found, labels, keep=is_validation),
        measure("held-out", extract_events(held / "articles.jsonl"), score.read(held / "labels.jsonl")),
    ]
    return results, measure_hard_negatives(HERE / "hard_negatives.jsonl")[0]


def dump(results: list[Result], hard: Share | None) -> str:
    """The measurements as JSON."""
    content: dict[str, Any] = {result.name: result.as_json() for result in results}
    if hard is not None:
        content["hard_negatives"] = hard.as_json()
    return json.dumps(content, indent=1, ensure_ascii=False)
