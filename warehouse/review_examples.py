"""Reviewers' verdicts as labelled examples for ``make eval``: articles all of whose claims somebody decided on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from warehouse import database, lake, releases
from warehouse.contracts import ARTICLES
from warehouse.errors import ReleaseError

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import DataDirectory

_EVENTS = """
select
    articles.article_id,
    claims.supplier_code as supplier,
    claims.recipient_code as recipient,
    claims.weapon_designation as weapon,
    claims.weapon_category as category,
    claims.quantity_min,
    claims.quantity_max,
    claims.quantity_is_approximate,
    claims.value_max as value_amount,
    claims.value_currency,
    coalesce(claims.value_type = 'package_share', false) as value_shared,
    claims.claim_status as status,
    claims.weapon_condition as condition,
    claims.deal_type,
    claims.order_year,
    claims.delivery_year_first as delivery_year,
    not claims.is_background as headline,
    claims.supplier_is_inferred as supplier_inferred,
    claims.evidence_text as evidence,
    claims.review_verdict,
    claims.is_domestic
from marts.fct_transfer_claims as claims
inner join marts.dim_articles as articles on claims.article_key = articles.article_key
order by articles.article_id, claims.evidence_start
"""
_REJECTED = "select distinct article_id from ops.rejected_claims"


@dataclass(frozen=True)
class Examples:
    """What was written.

    Attributes:
        articles: articles, those without any event included.
        events: labelled events.
        undecided: articles with a verdict that were left out, since another claim of theirs has none.
        articles_file: JSONL of articles.
        labels_file: JSONL of labels.
    """

    articles: int
    events: int
    undecided: int
    articles_file: Path
    labels_file: Path


def write_examples(data: DataDirectory, folder: Path) -> Examples:
    """Write decided articles of the published release in the form that ``make eval`` reads.

    Labels are the claims that reviewers accepted or corrected. What the extractor missed in an article nobody has told,
    so precision and fields are measured by them, recall is an upper bound.

    Args:
        data: data directory.
        folder: made if it doesn't exist; gets ``articles.jsonl`` and ``labels.jsonl``.

    Raises:
        ReleaseError: nothing is published yet, or nobody has decided on a whole article.
    """
    published = releases.find_published(data)
    if published is None:
        raise ReleaseError(f"{data.published} doesn't exist yet; run `make run`, then decide on its claims")
    labels: dict[str, list[dict[str, Any]]] = {
        row["article_id"]: [] for row in database.query(published, _REJECTED).to_pylist()
    }
    open_articles, touched = set(), set(labels)
    for row in database.query(published, _EVENTS).to_pylist():
        article_id, verdict = row.pop("article_id"), row.pop("review_verdict")
        if verdict is None:
            open_articles.add(article_id)
            continue
        touched.add(article_id)
        labels.setdefault(article_id, [])
        if not row.pop("is_domestic"):
            labels[article_id].append(_as_event(row))
    decided = {article_id: events for article_id, events in labels.items() if article_id not in open_articles}
    if not decided:
        raise ReleaseError("no article has a decision on each of its claims yet; marts.rpt_review_queue ranks them")
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "articles.jsonl", folder / "labels.jsonl"
    _write(files[0], _read_articles(data, sorted(decided)))
    _write(files[1], [{"id": one, "events": events} for one, events in sorted(decided.items())])
    count = sum(map(len, decided.values()))
    return Examples(len(decided), count, len(touched & open_articles), *files)


def _as_event(row: dict[str, Any]) -> dict[str, Any]:
    least, greatest = row.pop("quantity_min"), row.pop("quantity_max")
    return {**row, "quantity": greatest if greatest is not None else least, "optional": False}


def _read_articles(data: DataDirectory, article_ids: list[str]) -> list[dict[str, Any]]:
    columns = ["article_id", "url", "title", "published_at", "text"]
    rows = lake.read_current(data, ARTICLES.name, columns=columns)
    newest = {
        row["article_id"]: row
        for row in rows.filter(pc.is_in(rows["article_id"], value_set=pa.array(article_ids, pa.string()))).to_pylist()
    }
    return [
        {
            "id": one,
            "url": newest[one]["url"],
            "title": newest[one]["title"],
            "published": newest[one]["published_at"].date().isoformat(),
            "text": newest[one]["text"],
        }
        for one in article_ids
        if one in newest
    ]


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
