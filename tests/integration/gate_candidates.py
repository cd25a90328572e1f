"""A small candidate made by hand, with figures worked out on paper, for the tests of gate 3."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from expectations.seed_gate import SEEDS_RECEIPT, settle_seeds
from warehouse import lake, manifests
from warehouse.contracts import ARTICLES, TRANSFER_CLAIMS
from warehouse.database import write_database
from warehouse.files import write_json
from warehouse.parquet import write_rows
from warehouse.settings import DataDirectory, Settings

BUILD_ID = "20260310T120000Z-abcdef01"

MARTS_SQL = """
create schema if not exists marts;
create table marts.dim_countries as
    select 'k-' || lower(code) as country_key, code as country_code
    from (select unnest(['KOR', 'NOR', 'POL', 'USA']) as code);
create table marts.dim_weapon_categories as select 'g-art' as weapon_category_key, 'artillery' as weapon_category;
create table marts.dim_years as
    select 'y-unknown' as year_key, cast(null as integer) as year
    union all select 'y-' || y, y from range(2015, 2030) as years (y);
create table marts.dim_dates as
    select cast(d as date) as date_day, cast(date_trunc('month', d) as date) as month_start_date,
        cast(date_trunc('year', d) as date) as year_start_date
    from range(date '2019-12-01', date '2020-02-01', interval 1 day) as days (d);
create table marts.dim_weapons as
    select 'w-k9' as weapon_key, 'g-art' as weapon_category_key, 'KOR' as origin_country_code;
create table marts.dim_sources as select 's-1' as source_key, 'harbour_wire' as source_id;
create table marts.dim_articles as
    select unnest(['a-1', 'a-2']) as article_key, 's-1' as source_key, 'Guns for Norway' as title,
        'a-1' as article_group_key;
create table marts.fct_transfer_claims as
    select
        claim_key, 'a-1' as article_key, 'a-1' as article_group_key, 's-1' as source_key, deal_key,
        'k-kor' as supplier_country_key, 'k-nor' as recipient_country_key,
        'w-k9' as weapon_key, 'g-art' as weapon_category_key,
        'ordered' as claim_status, cast(0.9 as double) as confidence,
        'Norway has ordered guns.' as evidence_text, 0 as evidence_start, 24 as evidence_end
    from (values ('c-1', 'd-1'), ('c-2', 'd-1'), ('c-3', 'd-2'), ('c-4', 'd-3'), ('c-5', null))
        as t (claim_key, deal_key);
create table marts.fct_deals as
    select
        deal_key, 'k-kor' as supplier_country_key, recipient_country_key,
        'w-k9' as weapon_key, 'g-art' as weapon_category_key, 'y-2019' as order_year_key,
        'KOR' as supplier_code, recipient_code, 'artillery' as weapon_category, deal_status,
        cast(order_year as integer) as order_year,
        cast(first_year as integer) as delivery_year_first, cast(last_year as integer) as delivery_year_last,
        cast(quantity_ordered as bigint) as quantity_ordered, cast(quantity_delivered as bigint) as quantity_delivered,
        cast(value_usd as double) as value_usd, cast(0.9 as double) as confidence,
        first_claim_key, first_claim_key as quantity_claim_key, first_claim_key as value_claim_key,
        cast(claim_count as bigint) as claim_count
    from (values
        ('d-1', 'k-nor', 'NOR', 'ordered', 2026, 2028, 2028, 24, null, 180e6, 'c-1', 2),
        ('d-2', 'k-pol', 'POL', 'delivered', 2019, 2020, 2022, 10, 10, null, 'c-3', 1),
        ('d-3', 'k-nor', 'NOR', 'proposed', null, null, null, 40, null, null, 'c-4', 1)
    ) as t (deal_key, recipient_country_key, recipient_code, deal_status, order_year, first_year, last_year,
            quantity_ordered, quantity_delivered, value_usd, first_claim_key, claim_count);
create table marts.fct_deal_status_changes as
    select 'h-' || deal_key as deal_status_change_key, deal_key, first_claim_key,
        'a-1' as first_article_key, 's-1' as first_source_key
    from marts.fct_deals;
create table marts.bridge_deals_articles as
    select 'b-' || deal_key as deal_article_key, deal_key, 'a-1' as article_key from marts.fct_deals;
create table marts.fct_country_year_transfers as
    select
        'f-' || number as country_year_transfer_key,
        'k-kor' as supplier_country_key, recipient_country_key, 'y-2019' as transfer_year_key,
        'g-art' as weapon_category_key, 'KOR' as supplier_code, recipient_code,
        cast(transfer_year as integer) as transfer_year, 'artillery' as weapon_category, basis,
        cast(1 as bigint) as deal_count, cast(quantity as double) as quantity,
        cast(0 as bigint) as quantity_unknown_deal_count,
        cast(value_usd as double) as value_usd, cast(no_value as bigint) as value_unknown_deal_count
    from (values
        (1, 'k-nor', 'NOR', 2026, 'ordered', 24.0, 180e6, 0),
        (2, 'k-pol', 'POL', 2019, 'ordered', 10.0, null, 1),
        (3, 'k-pol', 'POL', 2020, 'delivered', 10 / 3, null, 1),
        (4, 'k-pol', 'POL', 2021, 'delivered', 10 / 3, null, 1),
        (5, 'k-pol', 'POL', 2022, 'delivered', 10 / 3, null, 1)
    ) as t (number, recipient_country_key, recipient_code, transfer_year, basis, quantity, value_usd, no_value);
create table marts.fct_register_deliveries as
    select
        'r-1' as register_delivery_key, 'k-kor' as supplier_country_key, 'k-nor' as recipient_country_key,
        'w-k9' as weapon_key, 'g-art' as weapon_category_key, 'y-2019' as order_year_key, 'y-2020' as delivery_year_key,
        cast(0.5 as double) as quantity_ordered, cast(1.5 as double) as tiv_delivered;
create table marts.rpt_supplier_shares_5y as
    select 'p-1' as supplier_share_key, 'k-kor' as supplier_country_key, 'KOR' as supplier_code, five_years.*
    from (
        select 'y-2020' as end_year_key, 'sipri' as evidence_source, '2024' as edition, 'delivered' as basis,
            cast(2016 as integer) as start_year, cast(2020 as integer) as end_year,
            cast(5 as bigint) as deal_count, cast(1 as double) as deal_share,
            cast(1 as double) as deal_count_moving_average,
            cast(null as double) as value_share, cast(10 as double) as tiv, cast(1 as double) as tiv_share,
            cast(1 as double) as market_share, cast(1 as bigint) as share_rank
    ) as five_years;
create table marts.rpt_recipient_shares_5y as
    select 'p-2' as recipient_share_key, 'k-nor' as recipient_country_key, 'NOR' as recipient_code,
        * exclude (supplier_share_key, supplier_country_key, supplier_code)
    from marts.rpt_supplier_shares_5y;
create table marts.rpt_supplier_recipient_network as
    select 'p-3' as supplier_recipient_key, 'k-kor' as supplier_country_key, 'k-nor' as recipient_country_key,
        'KOR' as supplier_code, 'NOR' as recipient_code, end_year_key, evidence_source, edition, basis,
        cast(5 as integer) as window_years, end_year, deal_count, cast(1 as bigint) as category_count,
        cast(1 as double) as recipient_import_share, cast(1 as double) as supplier_export_share,
        cast(1 as bigint) as supplier_rank
    from marts.rpt_supplier_shares_5y;
create table marts.rpt_top_traders as
    select 'p-4' as top_trader_key, 'k-kor' as country_key, 'KOR' as country_code, 'supplier' as trade_role,
        end_year_key, evidence_source, edition, basis, cast(5 as integer) as window_years, end_year, deal_count,
        market_share, share_rank, cast(1 as bigint) as partner_count, cast(1 as double) as partner_herfindahl_index
    from marts.rpt_supplier_shares_5y;
create table marts.rpt_category_mix as
    select 'p-5' as category_mix_key, 'k-kor' as country_key, 'g-art' as weapon_category_key, 'KOR' as country_code,
        'supplier' as trade_role, 'artillery' as weapon_category, end_year_key, evidence_source, edition, basis,
        cast(5 as integer) as window_years, end_year, deal_count, cast(1 as double) as category_share
    from marts.rpt_supplier_shares_5y;
create table marts.rpt_market_concentration as
    select 'p-6' as market_concentration_key, 'supplier' as trade_role, end_year_key, evidence_source, edition, basis,
        cast(5 as integer) as window_years, end_year, cast(1 as bigint) as party_count, deal_count,
        cast(1 as double) as herfindahl_index, cast(1 as double) as top_party_share
    from marts.rpt_supplier_shares_5y;
create table marts.rpt_register_reconciliation as
    select 'p-7' as reconciliation_key, 'd-1' as deal_key, 'k-kor' as supplier_country_key,
        'k-nor' as recipient_country_key, 'only_in_news' as reconciliation_status,
        'no_register' as reconciliation_reason, 'KOR' as supplier_code, 'NOR' as recipient_code;
create table marts.dim_deal_keys as
    select deal_key, deal_key as current_deal_key, cast(null as varchar) as split_from_deal_key,
        'current' as resolution, 'candidate' as first_release_id
    from marts.fct_deals;
create table marts.rpt_restatements as
    select 't-1' as restatement_key, 'k-kor' as supplier_country_key, 'k-nor' as recipient_country_key,
        'y-2019' as transfer_year_key, 'g-art' as weapon_category_key, 'candidate' as release_id,
        'KOR' as supplier_code, 'NOR' as recipient_code, 'artillery' as weapon_category, 'ordered' as basis,
        'changed' as change, 'claims' as reason, cast(2 as bigint) as deal_count, cast(1 as double) as previous_tiv;
create table marts.bridge_restatements_claims as
    select 'u-1' as restatement_claim_key, 't-1' as restatement_key, 'c-gone' as claim_key, 'removed' as change;
create table marts.rpt_review_queue as
    select claim_key, deal_key, cast(0.4 as double) as priority, confidence from marts.fct_transfer_claims;
create table marts.rpt_source_coverage as
    select 'v-1' as source_week_key, 's-1' as source_key, 'harbour_wire' as source_id,
        date '2019-03-04' as week_start_date, cast(2 as bigint) as article_count, cast(0 as bigint) as reprint_count,
        cast(5 as bigint) as claim_count, cast(1 as bigint) as domestic_claim_count,
        cast(3 as bigint) as deal_count, cast(3 as bigint) as new_deal_count;
"""

PASSED = {
    "name": "unique_fct_deals_deal_key",
    "model": "fct_deals",
    "column": "deal_key",
    "severity": "critical",
    "is_success": True,
    "failures": 0,
    "message": None,
}


@cache
def _sound_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.duckdb"
        with write_database(path) as connection:
            connection.execute(MARTS_SQL)
        return path.read_bytes()


def write_marts(path: Path, *changes: str) -> None:
    """Write a database with the marts, then change it by SQL."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_sound_database())
    if changes:
        with write_database(path) as connection:
            for change in changes:
                connection.execute(change)


@cache
def _pass_seeds() -> bytes:
    """Return the receipt of the bundled seeds: a warehouse in use has it, and validating them takes a second."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=DataDirectory(Path(folder)), sources=Path(folder) / "sources.toml")
        lake.initialise(settings.data)
        assert settle_seeds(settings).has_passed
        return (settings.data.warehouse / SEEDS_RECEIPT).read_bytes()


def make_candidate(settings: Settings, *changes: str, tests: list[dict[str, Any]] | None = None) -> Path:
    """Write a candidate as ``python -m warehouse build`` leaves it, its seeds validated; returns its folder."""
    settings.data.warehouse.mkdir(parents=True, exist_ok=True)
    (settings.data.warehouse / SEEDS_RECEIPT).write_bytes(_pass_seeds())
    folder = settings.data.candidates / BUILD_ID
    write_marts(folder / "armsledger.duckdb", *changes)
    results = [PASSED] if tests is None else tests
    (folder / "dbt_results.json").write_text(json.dumps(results))
    tables = {"articles": {"rows": 2, "sequence": 1}, "transfer_claims": {"rows": 5, "sequence": 1}}
    inputs = {"fingerprint": "abcdef01", "code_version": "0.1.0", "dbt_project": "1", "tables": tables}
    (folder / "inputs.json").write_text(json.dumps(inputs))
    _write_lake(settings, folder)
    return folder


def _write_lake(settings: Settings, folder: Path) -> None:
    """Write the rows that the marts are made of, and beside the marts the manifests that name them."""
    keys = {ARTICLES: ["a-1", "a-2"], TRANSFER_CLAIMS: ["c-1", "c-2", "c-3", "c-4", "c-5"]}
    for table, ids in keys.items():
        rows = [{field.name: None for field in table.schema} | {table.key: one} for one in ids]
        relaxed = pa.schema([field.with_nullable(True) for field in table.schema])
        name = f"v{table.version}/load=load-0/part-0.parquet"
        write_rows(settings.data.raw / table.name / name, pa.Table.from_pylist(rows, schema=relaxed))
        entry = manifests.LoadEntry("load-0", (name,), len(ids), "0", "2026-03-10T12:00:00+00:00")
        manifest = manifests.Manifest(table.name, 1, (entry,), {})
        write_json(folder / f"{table.name}.manifest.json", asdict(manifest))
