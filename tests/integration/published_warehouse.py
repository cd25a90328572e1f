"""A published warehouse over planted news and registers, made by the product's own build, gate and publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from dbt_candidate import Lake
from register_files import Deal, generate_old, old_text, write

from expectations import gate
from extract.trade_registers.importing import import_register
from warehouse import build, releases
from warehouse import lake as lake_of
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.receipts import AuditReceipt
from warehouse.settings import DataDirectory, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.contracts import Table
    from warehouse.lake import StagedLoad

DEALS = (
    Deal("India", "France", "2016", "", "36", "", "Rafale", "FGA aircraft", "36", "", "2019-2022", "New", "",
         "55", "1980", "1980"),
    Deal("Poland", "South Korea", "2022", "", "212", "", "K9 Thunder", "self-propelled gun", "30", "", "2022; 2023",
         "New", "", "2", "424", "60"),
)  # fmt: skip


def plant_news() -> Lake:
    """Give news of four deals: one delivered, one ordered with conflicting numbers, one old and one planned."""
    news = Lake()
    for name, day, quantity in (("signed", "2016-09-23", 36), ("again", "2016-10-02", 36)):
        article = news.add_article(f"rafale-{name}", day)
        news.add_claim(
            article, "FRA", "IND", "Rafale", quantity=quantity, order_year=2016, value_max=7.8e9, value_currency="EUR",
            value_type="contract",
        )  # fmt: skip
    arrived = news.add_article("rafale-arrived", "2022-12-16", source="quay_post")
    news.add_claim(
        arrived, "FRA", "IND", "Rafale", quantity=36, status="delivered", delivery_year_first=2019,
        delivery_year_last=2022,
    )  # fmt: skip
    howitzers = news.add_article("k9-signed", "2022-08-26")
    news.add_claim(
        howitzers, "KOR", "POL", "K9 Thunder", quantity=212, order_year=2022, weapon_category="artillery",
        delivery_year_first=2026,
    )  # fmt: skip
    other = news.add_article("k9-other", "2022-08-28", source="quay_post")
    news.add_claim(
        other, "KOR", "POL", "K9 Thunder", quantity=152, order_year=2022, weapon_category="artillery"
    )  # fmt: skip
    lonely = news.add_article("himars-signed", "2019-02-13")
    news.add_claim(lonely, "USA", "POL", "M142 HIMARS", quantity=20, order_year=2019, weapon_category="artillery")
    return news


def publish_planted(root: Path) -> Settings:
    """Publish a warehouse into an empty data directory; every gate has passed it."""
    settings = Settings(data=DataDirectory(root / "data"), sources=root / "sources.toml")
    lake_of.initialise(settings.data)
    news = plant_news()
    promote_rows(settings, ARTICLES, news.articles)
    promote_rows(settings, TRANSFER_CLAIMS, news.claims)
    for edition, text in (("2023", generate_old(200)), ("2024", old_text(*DEALS))):
        path = write(root / f"register-{edition}.csv", text, "iso-8859-1")
        load_id = import_register(settings, "sipri", path, edition=edition).load_id
        assert gate.settle_load(settings, "register_deliveries", load_id).has_passed
    candidate = build.build(settings)
    receipt = gate.settle_candidate(settings, candidate.build_id)
    assert receipt.has_passed, receipt.failures
    releases.publish(settings, candidate)
    return settings


def promote_rows(settings: Settings, table: Table, rows: list[dict[str, object]]) -> None:
    """Promote rows as the load `load-1`, without a gate."""
    with lake_of.LoadWriter(settings.data, table, "load-1") as writer:
        relaxed = pa.schema([field.with_nullable(True) for field in table.schema])
        writer.write(pa.Table.from_pylist(rows, schema=relaxed))
    staged: StagedLoad = lake_of.read_staged(settings.data, table.name, "load-1")
    # gate 2 would ask for the planted sentences in the articles; what is tested here begins behind it
    receipt = AuditReceipt(staged.subject, staged.fingerprint, "v", "passed", (), (), None, "2026-01-01T00:00:00+00:00")
    lake_of.promote(settings.data, table.name, "load-1", receipt)


__all__ = ["plant_news", "promote_rows", "publish_planted"]
