"""A candidate database over hand-made articles and claims, and dbt as a child process, as a build runs it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.contracts import ARTICLES, HISTORY_TABLES, OPS_TABLES, REGISTER_DELIVERIES, REVIEWS, TRANSFER_CLAIMS
from warehouse.database import create_parquet_view, query, write_database
from warehouse.settings import DBT_PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.contracts import Table

SIGNATURE_VALUES = 16
"""Values of a text signature, as the parser writes them."""


def digest(*parts: object) -> str:
    """Return 16 hexadecimal digits, as the ids of the lake have."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:16]


@dataclass
class Lake:
    """Rows of the lake to be."""

    articles: list[dict[str, Any]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)

    def add_article(
        self, name: str, day: str, *, text: str | None = None, source: str = "harbour_wire", rewritten: int = 0
    ) -> str:
        """Add an article and return its id.

        Args:
            name: path of its URL.
            day: publication date.
            text: what it prints; articles with one text are reprints. None stands for a text of its own.
            source: source in the registry.
            rewritten: values of the signature, of 16, in which a reprint differs from the text it repeats.
        """
        text = text or name
        signature = [int(digest(text, place), 16) for place in range(SIGNATURE_VALUES)]
        for place in range(rewritten):
            signature[place * 2 % SIGNATURE_VALUES] = int(digest(name, place), 16)
        url = f"https://{source}.example/{name}"
        self.articles.append(
            {
                "article_id": digest(url),
                "load_id": "load-1",
                "source_id": source,
                "url": url,
                "title": name,
                "published_at": datetime.fromisoformat(day).replace(tzinfo=UTC),
                "published_at_origin": "feed",
                "language": "en",
                "text": text,
                "text_hash": digest(name, text) if rewritten else digest(text),
                "text_signature": signature,
                "fetched_at": datetime(2026, 1, 1, tzinfo=UTC),
                "publisher": source.replace("_", " ").title(),
                "terms_url": f"https://{source}.example/terms",
            }
        )
        return digest(url)

    def add_claim(self, article_id: str, supplier: str | None, recipient: str | None, weapon: str, **told: Any) -> str:
        """Add a claim and return its id; whatever isn't told takes the value of a plain order."""
        ordinal = told.pop("ordinal", 1)
        quantity = told.pop("quantity", None)
        claim = {
            "claim_id": digest(article_id, supplier, recipient, weapon, ordinal),
            "article_id": article_id,
            "load_id": "load-1",
            "ordinal": ordinal,
            "supplier_text": supplier,
            "supplier_code": supplier,
            "supplier_type": supplier and "state",
            "recipient_text": recipient,
            "recipient_code": recipient,
            "recipient_type": recipient and "state",
            "weapon_text": weapon,
            "weapon_designation": weapon,
            "weapon_family": weapon,
            "weapon_category": "aircraft",
            "quantity_min": quantity,
            "quantity_max": quantity,
            "quantity_is_approximate": False,
            "status": "ordered",
            "order_year_is_estimate": False,
            "delivery_year_is_estimate": False,
            "is_background": False,
            "is_domestic": supplier is not None and supplier == recipient,
            "supplier_is_inferred": False,
            "confidence": 0.9,
            "rule_id": "planted",
            "extractor_version": "1",
            "evidence_field": "text",
            "evidence_text": f"{supplier} {weapon} {recipient}",
            "evidence_start": 0,
            "evidence_end": 10,
        }
        claim.update(told)
        self.claims.append(claim)
        return str(claim["claim_id"])

    def add_review(self, claim_id: str | None, verdict: str, **told: Any) -> None:
        """Add a reviewer's decision; later ones stand further down in the file."""
        line = len(self.reviews) + 2
        row = {
            "review_id": digest("review", line),
            "load_id": "reviews-1",
            "line": line,
            "claim_id": claim_id,
            "verdict": verdict,
            "reviewer": "a reviewer",
            "reason": "read the article",
            "reviewed_on": "2026-01-02",
        }
        self.reviews.append({**row, **told})

    def add_delivery(self, supplier: str, recipient: str, year: int | None, tiv: float | None, **told: Any) -> str:
        """Add a delivery year of a register and return its id; each is a deal of its own unless ``deal`` names one.

        Args:
            supplier: code.
            recipient: code.
            year: delivery year.
            tiv: millions.
            **told: columns that differ from a plain delivery; ``deal`` for the register's id of the deal.
        """
        deal = told.pop("deal", f"{len(self.deliveries) + 1}")
        edition = told.get("edition", "2024")
        row = {
            "delivery_id": digest("sipri", edition, deal, year),
            "load_id": f"sipri-{edition}",
            "register_id": "sipri",
            "edition": edition,
            "export_schema": "deliveries",
            "source_file": "trade.csv",
            "source_line": 12 + len(self.deliveries),
            "register_deal_id": deal,
            "supplier_text": supplier,
            "supplier_code": supplier,
            "supplier_type": "state",
            "recipient_text": recipient,
            "recipient_code": recipient,
            "recipient_type": "state",
            "weapon_designation": "Rafale",
            "weapon_description": "FGA aircraft",
            "armament_category": "Aircraft",
            "weapon_family": "Rafale",
            "weapon_category": "aircraft",
            "order_year": year,
            "order_year_is_estimate": False,
            "quantity_delivered": 10.0,
            "quantity_delivered_is_estimate": False,
            "delivery_year": year,
            "delivery_year_is_estimate": False,
            "condition": "new",
            "tiv_delivered": tiv,
            "is_apportioned": False,
            "delivery_year_count": 1,
            "is_local_production": False,
            "imported_at": datetime(2026, 1, 1, tzinfo=UTC),
        }
        row.update(told)
        self.deliveries.append(row)
        return str(row["delivery_id"])


def write_candidate(folder: Path, lake: Lake) -> Path:
    """Write the rows as Parquet and a database with views over it; return the database."""
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "armsledger.duckdb"
    with write_database(database) as connection:
        for schema in ("raw", "raw_ops", "raw_history"):
            connection.execute(f"create schema {schema}")
        for table, rows in (
            (ARTICLES, lake.articles),
            (TRANSFER_CLAIMS, lake.claims),
            (REGISTER_DELIVERIES, lake.deliveries),
            (REVIEWS, lake.reviews),
        ):
            create_parquet_view(connection, f"raw.{table.name}", [_write_rows(folder, table, rows)])
        for table in OPS_TABLES:
            create_parquet_view(connection, f"raw_ops.{table.name}", [_write_rows(folder, table, [])])
        for table in HISTORY_TABLES:
            create_parquet_view(connection, f"raw_history.{table.name}", [_write_rows(folder, table, [])])
    return database


def run_dbt(database: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a dbt command on a candidate; its target folder is beside the database."""
    target = database.parent / "dbt"
    return subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", *arguments),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(target), "--log-path", str(target)),
        ],
        env={**os.environ, "ARMSLEDGER_CANDIDATE": database.name, "DO_NOT_TRACK": "1"},
        cwd=database.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def parse_project(folder: Path) -> Path:
    """Let dbt parse the project once; return the file with which it needn't for another candidate."""
    outcome = run_dbt(folder / "armsledger.duckdb", "parse")
    assert outcome.returncode == 0, outcome.stdout[-3000:]
    return folder / "dbt" / "partial_parse.msgpack"


def fetch(database: Path, sql: str) -> list[dict[str, Any]]:
    """Return the rows of a query."""
    return list(query(database, sql).to_pylist())


def _write_rows(folder: Path, table: Table, rows: list[dict[str, Any]]) -> Path:
    path = folder / f"{table.name}.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    return path
