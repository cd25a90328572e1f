"""Registers in the warehouse: sums are kept, shares are shares, editions stay apart, and news deals find theirs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from dbt_candidate import Lake, fetch, run_dbt, write_candidate
from register_files import Deal, generate_old, old_text, write

from extract.trade_registers.importing import import_register
from warehouse import lake as lake_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def read_rows(settings: Any, path: Path, **options: Any) -> list[dict[str, Any]]:
    """Import a register file and return the rows as they wait for their gate."""
    result = import_register(settings, "sipri", path, **options)
    return lake_of.read_staged(settings.data, "register_deliveries", result.load_id).read().to_pylist()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Give a lake with news of three deals, and a register in two editions and one schema each."""
    from warehouse.settings import DataDirectory, Settings

    folder = tmp_path_factory.mktemp("register")
    settings = Settings(data=DataDirectory(folder / "data"), sources=folder / "sources.toml")
    planted = Lake()
    signing = planted.add_article("rafale-signed", "2016-09-23")
    planted.add_claim(signing, "FRA", "IND", "Rafale", quantity=36, order_year=2016)
    plan = planted.add_article("rafale-plan", "2020-01-23")
    planted.add_claim(plan, "FRA", "IDN", "Rafale", quantity=42, status="proposed")
    newer = planted.add_article("k9-again", "2023-09-23")
    planted.add_claim(newer, "KOR", "POL", "K9 Thunder", quantity=212, order_year=2022, weapon_category="artillery")
    deals = (
        Deal("India", "France", "2016", "", "36", "", "Rafale", "FGA aircraft", "36", "", "2019-2022", "New", "",
             "55", "1980", "1980"),
        Deal("India", "Russia", "2016", "", "4", "", "Invented-700", "frigate", "2", "", "2022", "New", "",
             "300", "1200", "600"),
        Deal("Poland", "South Korea", "2023", "", "152", "", "K9 Thunder", "self-propelled gun", "", "", "", "New", "",
             "2", "304", ""),
        Deal("unknown recipient(s)", "Germany", "2018", "?", "", "", "Leopard-2A4", "tank", "10", "?", "2020",
             "Second hand", "", "", "", ""),
    )  # fmt: skip
    planted.deliveries += read_rows(settings, write(folder / "a.csv", old_text(*deals), "iso-8859-1"), edition="2024")
    planted.deliveries += read_rows(settings, write(folder / "b.csv", generate_old(300)), edition="2023")
    return planted


@pytest.fixture(scope="module")
def built(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = write_candidate(tmp_path_factory.mktemp("candidate"), lake)
    outcome = run_dbt(database, "build")
    assert outcome.returncode == 0, outcome.stdout[-6000:]
    return database


def test_a_deal_over_four_years_is_counted_once_in_each_sum(built: Path) -> None:
    rows = fetch(
        built,
        "select transfer_year, register_quantity, tiv, register_deal_count, register_is_apportioned, deal_count "
        "from marts.fct_country_year_transfers where supplier_code = 'FRA' and recipient_code = 'IND' "
        "and basis = 'delivered' order by 1",
    )
    assert [row["transfer_year"] for row in rows] == [2019, 2020, 2021, 2022]
    assert sum(row["tiv"] for row in rows) == pytest.approx(1980)
    assert sum(row["register_quantity"] for row in rows) == pytest.approx(36)
    assert {(row["register_deal_count"], row["register_is_apportioned"], row["deal_count"]) for row in rows} == {
        (1, True, 0)
    }


def test_the_world_of_each_edition_is_that_of_its_file(built: Path, lake: Lake) -> None:
    for edition in ("2023", "2024"):
        told = sum(row["tiv_delivered"] or 0 for row in lake.deliveries if row["edition"] == edition)
        (found,) = fetch(
            built, f"select sum(tiv_delivered) as tiv from marts.fct_register_deliveries where edition = '{edition}'"
        )
        assert found["tiv"] == pytest.approx(told)


def test_orders_and_deliveries_of_a_deal_are_apart_and_null_is_not_zero(built: Path) -> None:
    rows = fetch(
        built,
        "select basis, register_quantity, tiv from marts.fct_country_year_transfers "
        "where supplier_code = 'KOR' and register_deal_count > 0 order by basis",
    )
    assert rows == [{"basis": "ordered", "register_quantity": 152.0, "tiv": 304.0}]
    unknown = fetch(
        built,
        "select basis, register_quantity, tiv from marts.fct_country_year_transfers "
        "where recipient_code = 'unknown' and supplier_code = 'DEU' order by basis",
    )
    assert unknown == [
        {"basis": "delivered", "register_quantity": 10.0, "tiv": None},
        {"basis": "ordered", "register_quantity": None, "tiv": None},
    ]


def test_five_year_shares_are_there_for_any_end_year_and_edition(built: Path) -> None:
    shares = fetch(
        built,
        "select end_year, supplier_code, tiv, round(tiv_share, 6) as tiv_share, is_full_window, tiv_moving_average "
        "from marts.rpt_supplier_shares_5y where evidence_source = 'sipri' and edition = '2024' "
        "and basis = 'delivered' and end_year in (2019, 2022) order by end_year, share_rank",
    )
    assert [(row["end_year"], row["supplier_code"], row["tiv"]) for row in shares] == [
        (2019, "FRA", 495.0),
        (2022, "FRA", 1980.0),
        (2022, "RUS", 600.0),
        (2022, "DEU", None),
    ]
    assert shares[1]["tiv_share"] == pytest.approx(1980 / 2580, abs=1e-6)
    assert shares[3]["tiv_share"] is None
    assert [row["tiv_moving_average"] for row in shares] == [None] * 4, "the register begins in 2019 here"
    ends = fetch(
        built,
        "select distinct end_year, is_latest_edition from marts.rpt_recipient_shares_5y where edition = '2023' "
        "and basis = 'delivered' order by 1",
    )
    years = [row["end_year"] for row in ends]
    assert years == list(range(years[0], years[-1] + 1)), "no end year is left out"
    assert {row["is_latest_edition"] for row in ends} == {False}


def test_moving_averages_are_the_mean_of_five_years(built: Path) -> None:
    (wrong,) = fetch(
        built,
        """
        with yearly as (
            select supplier_code, delivery_year as year, sum(tiv_delivered) as tiv
            from marts.fct_register_deliveries where edition = '2023' and delivery_year is not null group by all
        ),
        expected as (
            select shares.end_year, shares.supplier_code, shares.tiv_moving_average,
                sum(yearly.tiv) / 5 as recomputed
            from marts.rpt_supplier_shares_5y as shares
            join yearly on yearly.supplier_code = shares.supplier_code
                and yearly.year between shares.end_year - 4 and shares.end_year
            where shares.edition = '2023' and shares.basis = 'delivered' and shares.is_full_window
            group by all
        )
        select count(*) filter (where abs(tiv_moving_average - recomputed) > 1e-9) as wrong, count(*) as compared
        from expected
        """,
    )
    assert wrong["wrong"] == 0
    assert wrong["compared"] > 300


def test_dependence_is_the_share_of_imports(built: Path) -> None:
    rows = fetch(
        built,
        "select supplier_code, round(recipient_import_share, 6) as share, supplier_rank "
        "from marts.rpt_supplier_recipient_network where recipient_code = 'IND' and evidence_source = 'sipri' "
        "and basis = 'delivered' and window_years = 5 and end_year = 2022 order by supplier_rank",
    )
    assert rows == [
        {"supplier_code": "FRA", "share": round(1980 / 2580, 6), "supplier_rank": 1},
        {"supplier_code": "RUS", "share": round(600 / 2580, 6), "supplier_rank": 2},
    ]
    (index,) = fetch(
        built,
        "select herfindahl_index from marts.rpt_market_concentration where evidence_source = 'sipri' "
        "and trade_role = 'supplier' and basis = 'delivered' and window_years = 5 and end_year = 2022",
    )
    assert index["herfindahl_index"] == pytest.approx((1980 / 2580) ** 2 + (600 / 2580) ** 2)


def test_news_deals_find_their_register_deals_or_say_why_not(built: Path) -> None:
    rows = fetch(
        built,
        "select supplier_code, recipient_code, reconciliation_status, reconciliation_reason, quantity_difference "
        "from marts.rpt_register_reconciliation order by all",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("DEU", "unknown", "only_in_register", "party_unknown", None),
        ("FRA", "IDN", "only_in_news", "not_ordered", None),
        ("FRA", "IND", "matched", "matched", 0.0),
        ("KOR", "POL", "matched", "matched", 60.0),
        ("RUS", "IND", "only_in_register", "parties_absent", None),
    ]


def test_sources_that_stand_still_are_told(lake: Lake, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    fresh = Lake(
        articles=[{**row, "fetched_at": now} for row in lake.articles],
        claims=lake.claims,
        deliveries=[{**row, "imported_at": now - timedelta(days=500)} for row in lake.deliveries],
    )
    outcome = run_dbt(write_candidate(tmp_path, fresh), "source", "freshness")
    assert outcome.returncode == 0, outcome.stdout
    told = json.loads((tmp_path / "dbt" / "sources.json").read_text(encoding="utf-8"))["results"]
    assert {result["unique_id"].rsplit(".", 1)[-1]: result["status"] for result in told} == {
        "articles": "pass",
        "register_deliveries": "warn",
    }


def test_a_year_that_repeats_its_total_stops_the_release(lake: Lake, tmp_path: Path) -> None:
    """The best-known mistake with registers, made on purpose in the mart: dbt's own test finds it."""
    from warehouse.database import write_database

    database = write_candidate(tmp_path, lake)
    outcome = run_dbt(database, "build", "--select", "+fct_register_deliveries", "--exclude-resource-type", "test")
    assert outcome.returncode == 0, outcome.stdout[-3000:]
    with write_database(database) as connection:
        connection.execute(
            "update marts.fct_register_deliveries set tiv_delivered = tiv_delivered * delivery_year_count"
        )
    outcome = run_dbt(database, "test", "--select", "assert_register_tiv_is_that_of_the_lake")
    assert outcome.returncode == 1
    assert "Failure in test assert_register_tiv_is_that_of_the_lake" in outcome.stdout
