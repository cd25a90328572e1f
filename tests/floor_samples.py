"""Loads, receipts and candidates made by hand, for the tests of the floor; no dbt, no network."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse import clock, history, lake, ops
from warehouse.build import Candidate, describe_inputs
from warehouse.contracts import ARTICLES, OPS_TABLES
from warehouse.contracts.history import PUBLISHED_CLAIMS
from warehouse.database import write_database
from warehouse.files import write_json
from warehouse.manifests import read_manifest
from warehouse.parquet import write_rows
from warehouse.receipts import AuditReceipt

if TYPE_CHECKING:
    from warehouse.settings import DataDirectory


def build_articles(load_id: str, *, count: int = 3) -> pa.Table:
    """Make article rows whose ids and texts tell the load and the number of the row."""
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    rows = [
        {
            "article_id": hashlib.sha256(f"{load_id} {number}".encode()).hexdigest()[:16],
            "load_id": load_id,
            "source_id": "strait_monitor",
            "url": f"https://strait-monitor.example/{load_id}/{number}",
            "title": f"Story {number}",
            "published_at": moment,
            "published_at_origin": "feed",
            "language": "en",
            "text": f"Text {number} of load {load_id}.",
            "text_hash": f"{number:016x}",
            "text_signature": [number],
            "fetched_at": moment,
            "publisher": "Strait Monitor",
        }
        for number in range(count)
    ]
    return pa.Table.from_pylist(rows, schema=ARTICLES.schema)


def stage_articles(
    data: DataDirectory,
    load_id: str,
    *,
    count: int = 3,
    state: dict[str, Any] | None = None,
    archive: bytes | None = None,
    **attributes: Any,
) -> lake.StagedLoad:
    """Stage a load of articles, with its state and its archived responses where told."""
    with lake.LoadWriter(data, ARTICLES, load_id, source_id="strait_monitor", **attributes) as writer:
        if count:
            writer.write(build_articles(load_id, count=count))
        if state is not None:
            writer.set_state("strait_monitor", state)
        if archive is not None:
            (writer.folder / "responses.warc.gz").write_bytes(archive)
    assert writer.staged is not None
    return writer.staged


def pass_receipt(staged: lake.StagedLoad) -> AuditReceipt:
    """Make the receipt of a gate that let a load pass."""
    return AuditReceipt(
        subject=staged.subject,
        fingerprint=staged.fingerprint,
        validation_id=f"validation-{staged.load_id}",
        verdict="passed",
        failures=(),
        warnings=(),
        report_path=None,
        issued_at=clock.now().isoformat(),
    )


def fail_receipt(staged: lake.StagedLoad) -> AuditReceipt:
    """Make the receipt of a gate that refused a load."""
    return replace(
        pass_receipt(staged), verdict="failed", failures=("article_id is null in 1 row",), report_path="reports/x.html"
    )


def promote_articles(data: DataDirectory, load_id: str, **options: Any) -> lake.LoadEntry:
    """Stage a load of articles and promote it."""
    return lake.promote(data, "articles", load_id, pass_receipt(stage_articles(data, load_id, **options)))


def build_candidate(data: DataDirectory, build_id: str, *, deals: int = 5, verdict: str | None = "passed") -> Candidate:
    """Make a candidate of the present lake as a build leaves it, without dbt, with a receipt where a verdict is told.

    Its marts hold the articles of the lake, and deals numbered from 1.
    """
    candidate = Candidate(build_id, data.candidates / build_id, describe_inputs(data))
    candidate.folder.mkdir(parents=True)
    articles = lake.read_current(data, "articles", columns=["article_id", "load_id", "title"])  # noqa: F841
    with write_database(candidate.database) as connection:
        connection.execute("create schema marts")
        connection.execute("create schema ops")
        connection.execute("create table marts.dim_articles as select * from articles order by all")
        connection.execute(
            "create table marts.fct_deals as "
            "select i as deal_key, 'deal ' || i as title, date '2020-01-01' + i::integer as reported_date, "
            f"i / 7 as value_usd from range(1, {deals + 1}) t(i)"
        )
        connection.execute(
            "create table marts.fct_transfer_claims as select deal_key as claim_key from marts.fct_deals"
        )
        for table in OPS_TABLES:
            facts = ops.read(data, table.name)  # noqa: F841
            connection.execute(f"create table ops.{table.name} as select * from facts")
    change = {"release_id": history.UNPUBLISHED, "claim_key": f"claim of {build_id}", "change": "added"}
    write_rows(
        candidate.folder / "history" / "published_claims.parquet",
        pa.Table.from_pylist([change], schema=PUBLISHED_CLAIMS.schema),
    )
    write_json(candidate.manifest("articles"), asdict(read_manifest(data, ARTICLES)))
    write_json(candidate.folder / "inputs.json", candidate.inputs)
    if verdict is not None:
        pass_candidate(candidate, verdict=verdict)
    return candidate


def pass_candidate(candidate: Candidate, *, verdict: str = "passed") -> AuditReceipt:
    """Write the receipt of gate 3 for a candidate, into its folder."""
    receipt = AuditReceipt(
        subject=candidate.subject,
        fingerprint=candidate.fingerprint,
        validation_id=f"validation-{candidate.build_id}",
        verdict="passed" if verdict == "passed" else "failed",
        failures=() if verdict == "passed" else ("country-year sums differ from the facts",),
        warnings=("few articles this week",),
        report_path=None,
        issued_at=clock.now().isoformat(),
    )
    receipt.write(candidate.folder / "receipt.json")
    return receipt
