"""A register's file through Airflow: import, gate, lake, release; the same file again, and one with an unknown name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dag_runs import run_dags
from published_warehouse import DEALS, plant_news, promote_rows
from register_files import Deal, old_text, write

from warehouse import database, lake
from warehouse.contracts import ARTICLES, REGISTER_DELIVERIES, TRANSFER_CLAIMS
from warehouse.manifests import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import Settings


@pytest.mark.slow
def test_a_register_comes_through_airflow_into_a_release(settings: Settings, tmp_path: Path) -> None:
    lake.initialise(settings.data)
    news = plant_news()
    promote_rows(settings, ARTICLES, news.articles)
    promote_rows(settings, TRANSFER_CLAIMS, news.claims)
    good = write(tmp_path / "trade-register.csv", old_text(*DEALS), "iso-8859-1")
    unknown = write(tmp_path / "unknown.csv", old_text(Deal(supplier="Atlantis")))
    imported, again, refused, built = run_dags(
        settings,
        [
            ("import_register", {"file": str(good), "edition": "2024"}),
            ("import_register", {"file": str(good), "edition": "2024"}),
            ("import_register", {"file": str(unknown), "edition": "2025"}),
            ("build_warehouse", {}),
        ],
    )
    assert (imported.state, imported.tasks["gate_register"]) == ("success", "success"), imported.output[-3000:]
    assert (again.state, again.tasks["stage_register"], again.tasks["gate_register"]) == ("success", *["skipped"] * 2)
    assert (refused.state, refused.tasks["stage_register"]) == ("failed", "failed")
    assert "'Atlantis': 2 rows" in refused.output
    assert built.state == "success", built.output[-3000:]
    assert [entry.rows for entry in read_manifest(settings.data, REGISTER_DELIVERIES).loads] == [6]
    with database.read_database(settings.data.published) as connection:
        sums = connection.execute(
            "select edition, count(*), sum(tiv_delivered), sum(quantity_delivered) "
            "from marts.fct_register_deliveries group by edition"
        ).fetchall()
        (share,) = connection.execute(
            "select tiv_share from marts.rpt_supplier_shares_5y "
            "where evidence_source = 'sipri' and basis = 'delivered' and supplier_code = 'FRA' and end_year = 2022"
        ).fetchone()
        runs = connection.execute(
            "select distinct split_part(run_id, '/', 1) from ops.loads where table_name = 'register_deliveries'"
        ).fetchall()
    assert sums == [("2024", 6, pytest.approx(1980 + 60), pytest.approx(36 + 30))]
    assert share == pytest.approx(1980 / (1980 + 30)), "of Korea's 60 in two years, one year is in the window"
    assert runs == [("import_register",)]
