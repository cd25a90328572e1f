"""Rows for the tests of the load gates: a good one to begin with, and a staged load from any rows."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse import clock, lake
from warehouse.contracts import ARTICLES, REGISTER_DELIVERIES, TRANSFER_CLAIMS
from warehouse.manifests import LoadEntry, Manifest, change_manifest
from warehouse.settings import DataDirectory, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.lake import StagedLoad

DAY = datetime.timedelta(days=1)
FETCHED = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.UTC)
EVIDENCE = "Norway has ordered 24 K9 howitzers from South Korea for 180 million dollars."
TEXT = (
    f"{EVIDENCE} The guns replace older ones that have been in service for more than forty years.\n\n"
    "The first battery is to be formed two years from now, the army said, and the crews are being trained already."
)


def key(number: int) -> str:
    """Return an id of the contract's form."""
    return f"{number:016x}"


def make_settings(root: Path) -> Settings:
    """Return settings for an empty lake."""
    settings = Settings(data=DataDirectory(root), sources=root / "sources.toml")
    lake.initialise(settings.data)
    return settings


def make_article(number: int, **changes: Any) -> dict[str, Any]:
    """Return a good article, changed."""
    row = {
        "article_id": key(number),
        "load_id": "load-1",
        "source_id": "harbour_wire",
        "url": f"https://news.example/{number}",
        "title": "Norway orders howitzers",
        "author": None,
        "published_at": FETCHED - datetime.timedelta(hours=5),
        "published_at_origin": "json_ld",
        "language": "en",
        "text": TEXT,
        "text_hash": key(1000 + number),
        "text_signature": [1, 2, 3],
        "fetched_at": FETCHED,
        "publisher": "Harbour Wire",
        "terms_url": None,
    }
    return {**row, **changes}


def make_claim(number: int, **changes: Any) -> dict[str, Any]:
    """Return a good claim of article 1, changed."""
    row = {
        "claim_id": key(number),
        "article_id": key(1),
        "load_id": "load-1",
        "ordinal": 1,
        "supplier_text": "South Korea",
        "supplier_code": "KOR",
        "supplier_type": "state",
        "recipient_text": "Norway",
        "recipient_code": "NOR",
        "recipient_type": "state",
        "weapon_text": "K9 howitzers",
        "weapon_designation": "K9",
        "weapon_family": "K9",
        "weapon_category": "artillery",
        "quantity_min": 24,
        "quantity_max": 24,
        "quantity_is_approximate": False,
        "value_min": 180e6,
        "value_max": 180e6,
        "value_currency": "USD",
        "value_type": "contract",
        "status": "ordered",
        "condition": None,
        "deal_type": "sale",
        "order_year": 2026,
        "order_year_is_estimate": True,
        "delivery_year_first": 2028,
        "delivery_year_last": 2028,
        "delivery_year_is_estimate": False,
        "is_background": False,
        "is_domestic": False,
        "supplier_is_inferred": False,
        "confidence": 0.9,
        "rule_id": "order_from",
        "extractor_version": "1",
        "evidence_field": "text",
        "evidence_text": EVIDENCE,
        "evidence_start": 0,
        "evidence_end": len(EVIDENCE),
    }
    return {**row, **changes}


def make_delivery(number: int, **changes: Any) -> dict[str, Any]:
    """Return a good row of a register, changed."""
    row = {
        "delivery_id": key(number),
        "load_id": "load-1",
        "register_id": "sipri",
        "edition": "2024-03-11",
        "export_schema": "deliveries",
        "source_file": "trade.csv",
        "source_line": 12 + number,
        "register_deal_id": f"{90_000 + number}",
        "supplier_text": "South Korea",
        "supplier_code": "KOR",
        "supplier_type": "state",
        "recipient_text": "Poland",
        "recipient_code": "POL",
        "recipient_type": "state",
        "weapon_designation": "K9 Thunder",
        "weapon_description": "self-propelled gun",
        "armament_category": "Artillery",
        "weapon_family": "K9 Thunder",
        "weapon_category": "artillery",
        "order_year": 2022,
        "order_year_is_estimate": False,
        "quantity_ordered": None,
        "quantity_ordered_is_estimate": None,
        "quantity_delivered": 20.0,
        "quantity_delivered_is_estimate": False,
        "delivery_year": 2023,
        "delivery_year_is_estimate": False,
        "condition": "second_hand",
        "tiv_unit_new": 5.0,
        "tiv_unit": 2.0,
        "tiv_ordered": None,
        "tiv_delivered": 40.0,
        "is_apportioned": False,
        "delivery_year_count": 1,
        "is_local_production": False,
        "comments": None,
        "imported_at": FETCHED,
    }
    return {**row, **changes}


def make_rows(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    """Return rows with the contract's types, where NULL may stand anywhere."""
    return pa.Table.from_pylist(rows, schema=pa.schema([field.with_nullable(True) for field in table.schema]))


def stage(settings: Settings, table: Table, load_id: str, rows: list[dict[str, Any]], **attributes: Any) -> StagedLoad:
    """Stage a load; each row gets its load id."""
    with lake.LoadWriter(settings.data, table, load_id, **attributes) as writer:
        writer.write(make_rows(table, [{**row, "load_id": load_id} for row in rows]))
    assert writer.staged is not None
    return writer.staged


def pretend_loads(
    settings: Settings,
    rows: list[int],
    *,
    gap: datetime.timedelta = DAY,
    table: Table = ARTICLES,
    source_id: str = "harbour_wire",
    until: datetime.datetime | None = None,
) -> None:
    """Enter former loads of a source into the manifest, newest first: only how many rows they had matters."""
    newest = until or clock.now() - gap
    entries = [
        LoadEntry(
            f"former-{source_id}-{number}",
            (),
            count,
            "0",
            (newest - number * gap).isoformat(),
            {"source_id": source_id},
        )
        for number, count in enumerate(rows)
    ]

    def enter(manifest: Manifest) -> Manifest:
        for entry in reversed(entries):
            manifest = manifest.with_load(entry)
        return manifest

    change_manifest(settings.data, table, enter)


__all__ = [
    "ARTICLES",
    "DAY",
    "EVIDENCE",
    "FETCHED",
    "REGISTER_DELIVERIES",
    "TEXT",
    "TRANSFER_CLAIMS",
    "key",
    "make_article",
    "make_claim",
    "make_delivery",
    "make_rows",
    "make_settings",
    "pretend_loads",
    "stage",
]
