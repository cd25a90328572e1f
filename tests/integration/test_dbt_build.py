"""The dbt project on a real database: it builds, says what it holds, and keeps its sums."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from dbt_candidate import Lake, fetch, run_dbt, write_candidate

from warehouse.contracts import OPS_TABLES
from warehouse.database import list_relations, read_relation

if TYPE_CHECKING:
    from pathlib import Path

MARTS = [
    "bridge_deals_articles",
    "bridge_restatements_claims",
    "dim_articles",
    "dim_countries",
    "dim_dates",
    "dim_deal_keys",
    "dim_sources",
    "dim_weapon_categories",
    "dim_weapons",
    "dim_years",
    "fct_country_year_transfers",
    "fct_deal_status_changes",
    "fct_deals",
    "fct_register_deliveries",
    "fct_transfer_claims",
    "rpt_category_mix",
    "rpt_market_concentration",
    "rpt_recipient_shares_5y",
    "rpt_register_reconciliation",
    "rpt_restatements",
    "rpt_review_queue",
    "rpt_source_coverage",
    "rpt_supplier_recipient_network",
    "rpt_supplier_shares_5y",
    "rpt_top_traders",
]

pytestmark = pytest.mark.slow


def plant_lake() -> Lake:
    """Make a lake with one of each: a follow-up, a reprint, twins, a package, a ceiling, a spread, a domestic order."""
    lake = Lake()
    signing = lake.add_article("rafale-signed", "2016-09-23")
    lake.add_claim(
        signing, "FRA", "IND", "Rafale", quantity=36, order_year=2016, value_min=7.8e9, value_max=7.8e9,
        value_currency="EUR", value_type="contract",
    )  # fmt: skip
    reprint = lake.add_article("rafale-again", "2016-09-24", text="rafale-signed", source="quay_post")
    lake.add_claim(
        reprint, "FRA", "IND", "Rafale", quantity=36, order_year=2016, value_min=7.8e9, value_max=7.8e9,
        value_currency="EUR", value_type="contract",
    )  # fmt: skip
    arrival = lake.add_article("rafale-arrived", "2022-12-16", source="quay_post")
    lake.add_claim(
        arrival, "FRA", "IND", "Rafale", quantity=35, status="delivered", delivery_year_first=2019,
        delivery_year_last=2022,
    )  # fmt: skip
    naval = lake.add_article("rafale-naval", "2025-04-28")
    lake.add_claim(naval, "FRA", "IND", "Rafale", quantity=26, order_year=2025, delivery_year_first=2028)
    lake.add_claim(
        naval, "FRA", "IND", "Rafale", ordinal=2, quantity=36, order_year=2016, status="delivered", is_background=True
    )
    package = lake.add_article("package", "2022-07-27")
    for weapon, quantity in (("F-16", 12), ("AH-64 Apache", 8)):
        lake.add_claim(
            package, "USA", "POL", weapon, quantity=quantity, order_year=2022, value_min=5e9, value_max=5e9,
            value_currency="USD", value_type="package_share",
        )  # fmt: skip
    ceiling = lake.add_article("ceiling", "2020-11-10")
    lake.add_claim(
        ceiling, "USA", "ARE", "F-35", quantity=50, status="approved", value_max=10.4e9, value_currency="USD",
        value_type="ceiling",
    )  # fmt: skip
    undated = lake.add_article("undated", "2021-03-03")
    lake.add_claim(undated, "TUR", None, "Bayraktar TB2", is_background=True)
    lake.add_claim(undated, "POL", "POL", "Borsuk", weapon_category="armoured_vehicle", order_year=2023)
    return lake


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the planted lake once; the test fails here with dbt's own words."""
    database = write_candidate(tmp_path_factory.mktemp("candidate"), plant_lake())
    outcome = run_dbt(database, "build")
    assert outcome.returncode == 0, outcome.stdout[-4000:]
    return database


def test_a_build_gives_no_warning(built: Path) -> None:
    results = json.loads((built.parent / "dbt" / "run_results.json").read_text(encoding="utf-8"))["results"]
    log = (built.parent / "dbt" / "dbt.log").read_text(encoding="utf-8")

    assert {result["status"] for result in results} <= {"success", "pass"}
    assert "[WARNING]" not in log  # deprecations are warnings too


def test_marts_and_ops_are_the_published_tables(built: Path) -> None:
    assert list_relations(built, "marts") == MARTS
    told = {table.name for table in OPS_TABLES}
    assert set(list_relations(built, "ops")) == told | {"orphan_reviews", "rejected_claims"}
    kinds = fetch(
        built,
        "select distinct table_type from information_schema.tables where table_schema in ('marts', 'ops')",
    )
    assert [row["table_type"] for row in kinds] == ["BASE TABLE"]


def test_every_column_of_every_relation_is_documented_and_no_other(built: Path) -> None:
    manifest = json.loads((built.parent / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    for node in manifest["nodes"].values():
        if node["resource_type"] not in ("model", "seed"):
            continue
        actual = fetch(
            built,
            "select column_name from information_schema.columns "
            f"where table_schema = '{node['schema']}' and table_name = '{node['alias']}'",
        )
        assert sorted(row["column_name"] for row in actual) == sorted(node["columns"]), node["name"]


def test_the_published_database_explains_itself(built: Path) -> None:
    silent = fetch(
        built,
        "select table_name || '.' || column_name as name from duckdb_columns() "
        "where schema_name in ('marts', 'ops') and comment is null",
    )
    assert silent == []


def test_a_deal_is_told_once_whatever_the_number_of_reports(built: Path) -> None:
    deals = fetch(
        built,
        "select order_year, deal_status, quantity_ordered, quantity_delivered, article_count, "
        "independent_report_count, source_count, independent_source_count, delivery_year_first, delivery_year_last, "
        "has_quantity_conflict "
        "from marts.fct_deals where recipient_code = 'IND' order by order_year",
    )
    assert deals == [
        {
            "order_year": 2016,
            "deal_status": "delivered",
            "quantity_ordered": 36,
            "quantity_delivered": 36,
            "article_count": 4,
            "independent_report_count": 3,
            "source_count": 2,
            "independent_source_count": 2,
            "delivery_year_first": 2019,
            "delivery_year_last": 2022,
            "has_quantity_conflict": False,
        },
        {
            "order_year": 2025,
            "deal_status": "ordered",
            "quantity_ordered": 26,
            "quantity_delivered": None,
            "article_count": 1,
            "independent_report_count": 1,
            "source_count": 1,
            "independent_source_count": 1,
            "delivery_year_first": 2028,
            "delivery_year_last": 2028,
            "has_quantity_conflict": False,
        },
    ]


def test_delivered_units_are_spread_over_their_years_and_none_is_lost(built: Path) -> None:
    years = fetch(
        built,
        "select transfer_year, quantity, is_apportioned from marts.fct_country_year_transfers "
        "where recipient_code = 'IND' and basis = 'delivered' order by transfer_year",
    )
    assert [(row["transfer_year"], row["quantity"]) for row in years] == [(y, 9.0) for y in range(2019, 2023)]
    assert all(row["is_apportioned"] for row in years)


def test_money_is_converted_once_and_packages_count_once(built: Path) -> None:
    rate = fetch(built, "select currency_per_usd from seeds.exchange_rates where currency_code = 'EUR' and year = 2016")
    rafale = fetch(built, "select value_usd from marts.fct_deals where recipient_code = 'IND' and order_year = 2016")
    package = fetch(
        built,
        "select sum(value_usd) as value_usd, count(distinct package_key) as packages, count(*) as deals "
        "from marts.fct_deals where recipient_code = 'POL'",
    )
    ceiling = fetch(built, "select value_usd, value_ceiling_usd from marts.fct_deals where recipient_code = 'ARE'")
    prices = fetch(built, "select year, cpi_index from seeds.us_cpi where year in (2016, 2024) order by year")
    constant = fetch(
        built,
        "select value_constant_usd as told from marts.fct_deals where recipient_code = 'IND' and order_year = 2016",
    )
    growth = prices[1]["cpi_index"] / prices[0]["cpi_index"]

    assert constant[0]["told"] == pytest.approx(rafale[0]["value_usd"] * growth)
    assert rafale[0]["value_usd"] == pytest.approx(7.8e9 / rate[0]["currency_per_usd"])
    assert package == [{"value_usd": 5e9, "packages": 1, "deals": 2}]
    assert ceiling == [{"value_usd": None, "value_ceiling_usd": 10.4e9}]


def test_what_nobody_told_goes_to_unknown_members(built: Path) -> None:
    rows = fetch(
        built,
        "select c.country_name, y.year_name, t.quantity, t.quantity_unknown_deal_count "
        "from marts.fct_country_year_transfers t "
        "join marts.dim_countries c on c.country_key = t.recipient_country_key "
        "join marts.dim_years y on y.year_key = t.transfer_year_key where t.supplier_code = 'TUR'",
    )
    assert rows == [
        {"country_name": "Unknown", "year_name": "unknown", "quantity": None, "quantity_unknown_deal_count": 1}
    ]


def test_domestic_claims_are_kept_outside_the_deals(built: Path) -> None:
    claims = fetch(built, "select deal_key, is_domestic from marts.fct_transfer_claims where supplier_code = 'POL'")
    deals = fetch(built, "select count(*) as deals from marts.fct_deals where supplier_code = 'POL'")
    coverage = fetch(built, "select sum(domestic_claim_count) as claims from marts.rpt_source_coverage")

    assert claims == [{"deal_key": None, "is_domestic": True}]
    assert deals == [{"deals": 0}]
    assert coverage == [{"claims": 1}]


def test_unit_tests_of_the_models_pass(built: Path) -> None:
    outcome = run_dbt(built, "test", "--select", "test_type:unit")

    assert outcome.returncode == 0, outcome.stdout[-4000:]
    assert "Nothing to do" not in outcome.stdout


def test_the_same_lake_gives_the_same_marts(built: Path, tmp_path: Path) -> None:
    again = write_candidate(tmp_path, plant_lake())
    outcome = run_dbt(again, "build", "--exclude-resource-type", "test")
    assert outcome.returncode == 0, outcome.stdout[-4000:]

    for mart in MARTS:
        first, second = (read_relation(path, f"marts.{mart}") for path in (built, again))
        order = [(name, "ascending") for name in first.column_names[:1]]
        assert first.sort_by(order).equals(second.sort_by(order)), mart


def test_an_empty_lake_builds(tmp_path: Path) -> None:
    database = write_candidate(tmp_path, Lake())
    outcome = run_dbt(database, "build")

    assert outcome.returncode == 0, outcome.stdout[-4000:]
    assert list_relations(database, "marts") == MARTS
    assert fetch(database, "select count(*) as deals from marts.fct_deals") == [{"deals": 0}]


def test_a_claim_about_an_unlisted_country_fails_by_name(tmp_path: Path) -> None:
    lake = Lake()
    lake.add_claim(lake.add_article("atlantis", "2022-01-01"), "FRA", "QQQ", "Rafale", order_year=2022)
    database = write_candidate(tmp_path, lake)
    outcome = run_dbt(database, "build", "--select", "+stg_lake__transfer_claims")

    assert outcome.returncode == 1
    assert "relationships_stg_lake__transfer_claims_recipient_code" in outcome.stdout
