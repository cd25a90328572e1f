"""The marts that dbt builds on Spark, beside those that it builds on DuckDB from the same lake."""

from __future__ import annotations

import datetime
import math
import os
import random
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from dbt_candidate import Lake
from floor_samples import pass_receipt
from spark_cluster import Cluster, count_executors, why_not

from expectations import gate
from warehouse import build, lake, releases
from warehouse.contracts import ARTICLES, REVIEWS, TRANSFER_CLAIMS
from warehouse.database import list_relations, query
from warehouse.settings import DataDirectory, Settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),  # three Java processes beside this one
    pytest.mark.skipif(why_not() is not None, reason=str(why_not())),
]

WITHOUT_TESTS = {"DBT_EXCLUDE_RESOURCE_TYPES": "test unit_test analysis exposure"}
"""dbt's own setting. What its tests look at is compared row for row here."""

SUPPLIERS = ("FRA", "USA", "KOR", None)
RECIPIENTS = ("IND", "POL", "ARE")
WEAPONS = ("Rafale", "F-16", "K9 Thunder", "fighter aircraft")


def plant_crowd(count: int) -> Lake:
    """Make claims that crowd: few parties and weapons, so that deals meet, numbers contradict and ranks tie."""
    chance = random.Random(8)
    crowd = Lake()
    for number in range(count):
        day = datetime.date(2015, 1, 1) + datetime.timedelta(days=chance.randrange(3600))
        article = crowd.add_article(
            f"story-{number}",
            day.isoformat(),
            text=f"text-{chance.randrange(count)}",
            source=chance.choice(["harbour_wire", "quay_post", "pier_news"]),
            rewritten=chance.choice([0, 0, 3]),
        )
        for ordinal in range(1, chance.randrange(1, 4)):
            parties = chance.choice(SUPPLIERS), chance.choice(RECIPIENTS)
            crowd.add_claim(article, *parties, chance.choice(WEAPONS), ordinal=ordinal, **tell(chance, day.year))
    for claim in chance.sample(crowd.claims, 12):
        crowd.add_review(claim["claim_id"], chance.choice(["accept", "reject"]))
    return crowd


def tell(chance: random.Random, year: int) -> dict[str, Any]:
    """Return what a claim of the crowd tells."""
    amount = chance.choice([None, None, 2.5e8, 1.2345678e9, 7.8e9])
    return {
        "quantity": chance.choice([None, 6, 12, 12, 24, 36]),
        "quantity_is_approximate": chance.random() < 0.2,
        "order_year": chance.choice([None, year, year, year - 1]),
        "order_year_is_estimate": chance.random() < 0.2,
        "value_min": amount,
        "value_max": amount,
        "value_currency": amount and chance.choice(["USD", "EUR", "INR"]),
        "value_type": amount and chance.choice(["contract", "contract", "ceiling", "package_share"]),
        "status": chance.choice(["proposed", "approved", "ordered", "ordered", "delivered", "cancelled"]),
        "delivery_year_first": chance.choice([None, year + 1]),
        "delivery_year_last": chance.choice([None, year + 3]),
        "is_background": chance.random() < 0.2,
        "confidence": round(chance.random(), 3),
    }


def promote_rows(settings: Settings, crowd: Lake) -> None:
    for table, rows in ((ARTICLES, crowd.articles), (TRANSFER_CLAIMS, crowd.claims), (REVIEWS, crowd.reviews)):
        with lake.LoadWriter(settings.data, table, "crowd") as writer:
            writer.write(pa.Table.from_pylist([{**row, "load_id": "crowd"} for row in rows], schema=table.schema))
        staged = lake.read_staged(settings.data, table.name, "crowd")
        lake.promote(settings.data, table.name, "crowd", pass_receipt(staged))


@pytest.fixture(scope="module")
def settings(published: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give a copy of the published warehouse, with a crowd of news in the lake since."""
    root = tmp_path_factory.mktemp("crowded") / "data"
    shutil.copytree(published.data.root, root)
    settings = Settings(DataDirectory(root), published.sources)
    promote_rows(settings, plant_crowd(150))
    return settings


@pytest.fixture(scope="module")
def candidates(cluster: Cluster, settings: Settings) -> tuple[build.Candidate, build.Candidate]:
    """Build the lake on DuckDB and on the cluster."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in WITHOUT_TESTS.items():
            patch.setenv(name, value)
        here = build.build(settings)
    before = count_executors(cluster)
    ended = subprocess.run(
        [sys.executable, "-m", "warehouse", "build", "--engine", "spark"],
        env={**os.environ, **cluster.environment, **WITHOUT_TESTS, "ARMSLEDGER_DATA": str(settings.data.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert count_executors(cluster) == before + 2, "both workers took part"
    return here, build.read_candidate(settings, ended.stdout.strip())


def test_every_mart_is_that_of_duckdb_row_for_row(candidates: tuple[build.Candidate, build.Candidate]) -> None:
    here, there = candidates
    assert there.inputs == here.inputs
    names = list_relations(here.database, "marts")
    assert len(names) >= 25
    assert list_relations(there.database, "marts") == names
    empty = {name for name in names if not query(here.database, f"select 1 from marts.{name} limit 1").num_rows}
    assert empty == set(), "nothing is compared in these"
    for name in names:
        assert describe(there.database, name) == describe(here.database, name), name
        assert_equal_rows(here, there, f"marts.{name}")


def test_changes_for_the_history_are_those_of_duckdb(candidates: tuple[build.Candidate, build.Candidate]) -> None:
    here, there = candidates
    for name in ("published_claims", "published_deal_years", "published_country_years"):
        first, second = (f"'{one.folder / 'history' / name}.parquet'" for one in candidates)
        assert query(here.database, f"select 1 from {first} limit 1").num_rows, name
        assert_equal_rows(here, there, first, second)


def test_a_candidate_of_spark_passes_gate_3_and_is_published(
    settings: Settings, candidates: tuple[build.Candidate, build.Candidate]
) -> None:
    _, there = candidates
    receipt = gate.settle_candidate(settings, there.build_id)
    assert receipt.has_passed, receipt.failures
    release = releases.publish(settings, there)
    count = "select count(*) as deals from marts.fct_deals"
    assert query(settings.data.published, count) == query(there.database, count)
    assert releases.list_releases(settings.data)[0].release_id == release.release_id


def assert_equal_rows(here: build.Candidate, there: build.Candidate, relation: str, other: str | None = None) -> None:
    """Compare two relations row for row, in the order of all columns that are no doubles.

    Those are compared exactly, doubles to 12 digits: neither engine adds them up in a set order, which moves the last
    of their 15 to 17 digits.
    """
    rows, others = read_rows(here, relation), read_rows(there, other or relation)
    assert [exact for exact, _ in others] == [exact for exact, _ in rows], relation
    assert len({exact for exact, _ in rows}) == len(rows), f"{relation}: the order isn't total"
    for (exact, doubles), (_, other_doubles) in zip(rows, others, strict=True):
        apart = {
            name: (value, other_doubles[name])
            for name, value in doubles.items()
            if not is_equal(value, other_doubles[name])
        }
        assert apart == {}, f"{relation} {exact}"


def is_equal(value: float | None, other: float | None) -> bool:
    if value is None or other is None:
        return value is other
    return math.isclose(value, other, rel_tol=1e-12, abs_tol=1e-9)


def read_rows(candidate: build.Candidate, relation: str) -> list[tuple[tuple[Any, ...], dict[str, float | None]]]:
    """Return each row as its values that are no doubles, and its doubles by name; ordered by the former."""
    kinds = query(candidate.database, f"describe select * from {relation}").to_pylist()
    exact = [column["column_name"] for column in kinds if column["column_type"] != "DOUBLE"]
    rows = query(candidate.database, f"select * from {relation} order by {', '.join(exact)}").to_pylist()
    return [(tuple(str(row.pop(name)) for name in exact), row) for row in rows]


def describe(path: Path, table: str) -> list[dict[str, Any]]:
    """Return names, types and descriptions of a mart's columns."""
    told = query(
        path,
        "select column_name, data_type, is_nullable, comment from duckdb_columns() "
        "where schema_name = 'marts' and table_name = ? order by column_index",
        [table],
    )
    return list(told.to_pylist())
