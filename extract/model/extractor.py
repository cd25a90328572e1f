"""The model behind the interface of the extractor: batch of articles in, batch of claims out, facts to ``ops``."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import pyarrow as pa

from extract.claims import EXTRACTOR_VERSION, ArticleText, Claim, extract_claims
from extract.extractors import Extractor
from extract.model.comparing import Comparison, compare_claims
from extract.model.reading import ReadArticle, Usage, read_articles
from extract.model.settings import ModelSettings
from extract.model.version import describe_version
from warehouse import ops
from warehouse.contracts import TRANSFER_CLAIMS
from warehouse.errors import ArmsledgerError

if TYPE_CHECKING:
    from extract.model.answers import Fault
    from warehouse.settings import DataDirectory, Settings

Mode = Literal["llm", "both"]


class ModelUnavailable(ArmsledgerError):
    """The endpoint is down, refuses the key, or gives no usable answer at all."""

    @classmethod
    def of(cls, settings: ModelSettings, fault: Fault, usage: Usage) -> ModelUnavailable:
        """Say what was wrong, and that nothing is lost."""
        return cls(
            f"model {settings.model} at {settings.url}: {fault.detail} [{fault.reason}]; nothing was written, answers "
            f"are kept: run it again ({usage})"
        )


@dataclass(frozen=True)
class _Origin:
    """Where an article comes from."""

    article_id: str
    source_id: str
    url: str


def build_model_extractor(settings: Settings, mode: Mode) -> Extractor:
    """Return the extractor of a mode.

    ``llm``: the model's claims are staged, under the model's version. ``both``: the rules' claims are staged, under the
    rules' version, and where the model differs is told in ``ops.extractor_differences``; a model that fails then holds
    nothing up.

    Raises:
        SettingsError: a setting of the model is missing or can't be used.
    """
    run = ModelRun(ModelSettings.from_environment(), settings.data, mode)
    return Extractor(run.version if mode == "llm" else EXTRACTOR_VERSION, run.extract, run.tell)


class ModelRun:
    """One run of the extractor: it asks, and remembers what is to be told in the end.

    Args:
        settings: which model, and where.
        data: data directory: kept answers, ``ops``.
        mode: llm or both.
    """

    def __init__(self, settings: ModelSettings, data: DataDirectory, mode: Mode) -> None:
        self.version = describe_version(settings)
        self._settings = settings
        self._data = data
        self._mode = mode
        self._forget()

    def extract(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Extract the claims of a batch of articles.

        Args:
            batch: rows of the contract ``articles``.

        Returns:
            Rows of the contract ``transfer_claims``.

        Raises:
            ModelUnavailable: the model is to give the claims, and its endpoint is of no use now; answers so far are
                kept, so that the next run asks only for the rest.
        """
        began = time.monotonic()
        rows = batch.to_pylist()
        reading = read_articles(self._settings, self._data.model_answers, [_article(row) for row in rows])
        self._usage += reading.usage
        self._seconds += time.monotonic() - began
        if reading.fault and self._mode == "llm":
            raise ModelUnavailable.of(self._settings, reading.fault, self._usage)
        for row, result in zip(rows, reading.articles, strict=True):
            self._remember(_Origin(row["article_id"], row["source_id"], row["url"]), result)
        if self._mode == "llm":
            told = [asdict(claim) for result in reading.articles for claim in result.claims]
            versioned = [{**row, "extractor_version": self.version} for row in told]
            return pa.RecordBatch.from_pylist(versioned, schema=TRANSFER_CLAIMS.schema)
        found = extract_claims(batch)
        self._compare(rows, found, reading.articles)
        return found

    def tell(self, load_id: str) -> tuple[str, ...]:
        """Append what was refused, what differed and what it cost to ``ops``; return it in words.

        Args:
            load_id: claims load that the articles went into.
        """
        facts = {"load_id": load_id, "model": self._settings.model}
        ops.append(self._data, "refusals", [{**row, "load_id": load_id} for row in self._refusals])
        ops.append(self._data, "extractor_differences", [{**row, **facts} for row in self._differences])
        usage = {
            "extractor_mode": self._mode,
            "endpoint_host": urlsplit(self._settings.url).hostname,
            "articles_asked": self._usage.asked,
            "articles_kept": self._usage.kept,
            "articles_failed": self._usage.failed,
            "requests": self._usage.requests,
            "prompt_tokens": self._usage.prompt_tokens,
            "completion_tokens": self._usage.completion_tokens,
            "claims_told": self._told,
            "claims_kept": self._kept,
            "seconds": self._seconds,
        }
        ops.append(self._data, "model_usage", [{**usage, **facts}])
        words = [f"model {self._settings.model}: {self._usage}", f"{self._kept} of {self._told} claims hold"]
        if self._refusals:
            words.append(f"{len(self._refusals)} refusals are told in ops.refusals")
        if self._mode == "both":
            words.append(f"{self._pairs} claims in common, {len(self._differences)} differences: extract compare")
        self._forget()
        return tuple(words)

    def _forget(self) -> None:
        self._usage = Usage()
        self._told = self._kept = self._pairs = 0
        self._seconds = 0.0
        self._refusals: list[dict[str, Any]] = []
        self._differences: list[dict[str, Any]] = []

    def _remember(self, origin: _Origin, result: ReadArticle) -> None:
        self._told += result.told
        self._kept += len(result.claims)
        self._refusals += [
            {
                "source_id": origin.source_id,
                "url": origin.url,
                "stage": "model",
                "reason": refusal.reason,
                "detail": refusal.detail,
                "is_retried": False,
            }
            for refusal in result.refusals
        ]

    def _compare(self, rows: list[dict[str, Any]], found: pa.RecordBatch, results: tuple[ReadArticle, ...]) -> None:
        """Compare article by article; one that the model didn't answer tells nothing about the rules."""
        names = {field.name for field in fields(Claim)}
        rules: dict[str, list[Claim]] = {}
        for claim in found.to_pylist():
            known = rules.setdefault(claim["article_id"], [])
            known.append(Claim(**{name: claim[name] for name in names}))
        for row, result in zip(rows, results, strict=True):
            if result.is_answered:
                comparison = compare_claims(rules.get(row["article_id"], []), result.claims)
                self._pairs += comparison.pairs
                self._differences += _as_facts(comparison, row["url"])


def _article(row: dict[str, Any]) -> ArticleText:
    published = row["published_at"]
    return ArticleText(
        row["article_id"],
        row["load_id"],
        row["title"] or "",
        row["text"] or "",
        published.year if published else None,
        published.month if published else None,
        row["language"] or "",
    )


def _as_facts(comparison: Comparison, url: str) -> list[dict[str, Any]]:
    return [
        {
            "article_id": one.article_id,
            "url": url,
            "kind": one.kind,
            "claim_id": one.claim.claim_id,
            "supplier_code": one.claim.supplier_code,
            "recipient_code": one.claim.recipient_code,
            "weapon_family": one.claim.weapon_family,
            "field_name": one.field_name,
            "rules_value": one.rules_value,
            "model_value": one.model_value,
            "evidence_text": one.claim.evidence_text,
        }
        for one in comparison.differences
    ]
