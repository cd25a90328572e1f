"""Sound rows for every suite there is, whose expectations are to be broken one by one."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import yaml
from gate_batches import FETCHED, TRANSFER_CLAIMS, key, make_article, make_claim, make_delivery, make_rows

from expectations.batch import BatchFacts
from expectations.marts import (
    CLAIM_COUNT_COLUMN,
    CONSERVATION_CHECK,
    COUNTRY_YEAR_CHECK,
    MARTS,
    MIX_CHECK,
    NULL_RATE_CHECK,
    RELEASE_CHECK,
    SHARE_CHECK,
    Mart,
    MartBatch,
    reference_column,
)
from warehouse.contracts import ARTICLES, REGISTER_DELIVERIES, REVIEWS
from warehouse.reference import read_seed
from warehouse.settings import DBT_PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 40
"""From 30 rows on, suites look at rates too."""
NOW = FETCHED + datetime.timedelta(minutes=1)
MODELS = DBT_PROJECT / "models" / "marts"
TYPES = {
    "string": pa.string(),
    "double": pa.float64(),
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True)
class Bench:
    """One suite with rows that it finds nothing against.

    Attributes:
        name: suite.
        build: builds it, from the facts of a load.
        rows: sound rows, with the reference columns that the gate appends.
        key: column that names a row.
        broken_facts: facts of a load that break what is said of loads as a whole; none where nothing is.
    """

    name: str
    build: Callable[[BatchFacts], Any]
    rows: pa.Table
    key: str
    broken_facts: dict[str, Any] | None = None

    @property
    def facts(self) -> BatchFacts:
        """What is known of a sound load of these rows."""
        return BatchFacts(load_id="load-1", rows=self.rows.num_rows, validated_at=NOW)

    @property
    def facts_that_break(self) -> BatchFacts:
        """The same of a load that is not sound."""
        return replace(self.facts, **(self.broken_facts or {}))


def list_benches() -> list[str]:
    """Name all suites: those of loads, of seeds, of marts and of comparisons."""
    from expectations.suites import LOAD_SUITES, seeds

    seeded = [f"seeds.{seed.name}" for seed in seeds.SEEDS]
    return [*LOAD_SUITES, *seeded, *(f"marts.{mart.name}" for mart in MARTS), *(f"marts.{name}" for name in COMPARED)]


def make_bench(name: str) -> Bench:
    """Return the bench of a suite."""
    kind, _, rest = name.partition(".")
    if kind == "seeds":
        return _make_seed(rest)
    if kind == "marts":
        return _make_comparison(rest) if rest in COMPARED else _make_mart(rest)
    return _LOADS[name]()


_FALLEN = {"former": (1000.0,) * 28, "newest_load_at": NOW + datetime.timedelta(days=1), "refused": 1000}


def _make_articles() -> Bench:
    from expectations.suites import articles

    rows = make_rows(ARTICLES, [make_article(number) for number in range(ROWS)])
    rows = rows.append_column(articles.NEW_TEXT, pa.array([True] * ROWS))
    return Bench("articles", articles.build_suite, rows, "article_id", _FALLEN)


def _make_claims() -> Bench:
    from expectations.suites import transfer_claims

    rows = make_rows(TRANSFER_CLAIMS, [make_claim(number) for number in range(ROWS)])
    looked_up = dict.fromkeys(transfer_claims.REFERENCES, True)
    looked_up |= {"reference_evidence_text": None, "reference_published_year": 2026, "reference_unit_value_usd": 7.5e6}
    types = {"reference_evidence_text": pa.string(), "reference_published_year": pa.int32()}
    for column in transfer_claims.REFERENCES:
        told = [looked_up[column]] * ROWS
        rows = rows.append_column(column, pa.array(told, types.get(column)))
    return Bench("transfer_claims", transfer_claims.build_suite, rows, "claim_id", _FALLEN)


def _make_register() -> Bench:
    from expectations.suites import register_deliveries

    rows = make_rows(REGISTER_DELIVERIES, [make_delivery(number) for number in range(ROWS)])
    return Bench("register_deliveries", register_deliveries.build_suite, rows, "delivery_id", _FALLEN)


def _make_reviews() -> Bench:
    from expectations.suites import reviews

    def make(number: int) -> dict[str, Any]:
        told = {"review_id": key(number), "load_id": "load-1", "line": number + 2, "claim_id": key(1)}
        verdict = {"verdict": "accept", "reviewer": "a reviewer", "reason": "read it", "reviewed_on": "2026-01-02"}
        return {**told, "deal_key": None, "field": None, "value": None, **verdict}

    rows = make_rows(REVIEWS, [make(number) for number in range(ROWS)])
    rows = rows.append_column(reviews.HAS_CLAIM, pa.array([True] * ROWS))
    return Bench("reviews", reviews.build_suite, rows, reviews.KEY, _FALLEN)


_LOADS = {
    "articles": _make_articles,
    "transfer_claims": _make_claims,
    "register_deliveries": _make_register,
    "reviews": _make_reviews,
}


def _make_seed(name: str) -> Bench:
    from expectations.suites import seeds

    (seed,) = [one for one in seeds.SEEDS if one.name == name]
    rows = seeds.build_rows(seed, read_seed(name))
    return Bench(f"seeds.{name}", lambda facts: seeds.build_suite(seed), rows, seeds.KEY)


def read_model(name: str) -> dict[str, Any]:
    """Return what a mart's .yml says of it."""
    (model,) = yaml.safe_load((MODELS / f"{name}.yml").read_text(encoding="utf-8"))["models"]
    return dict(model)


def _make_mart(name: str) -> Bench:
    from expectations.suites import marts

    (mart,) = [one for one in MARTS if one.name == name]
    fields = [pa.field(column["name"], TYPES[column["data_type"]]) for column in read_model(name)["columns"]]
    fields += [pa.field(reference_column(column), pa.bool_()) for column in mart.references]
    if name == "fct_deals":
        fields.append(pa.field(CLAIM_COUNT_COLUMN, pa.int64()))
    schema = pa.schema(fields)
    batch = MartBatch(name, mart.key, partial(pa.table, {}), mart)
    suite = marts.build_suite(batch, schema)
    rows = [_make_sound_row(schema, suite.expectations, mart, number) for number in range(ROWS)]
    table = pa.Table.from_pylist(rows, schema=schema)
    return Bench(f"marts.{name}", lambda facts: marts.build_suite(batch, schema), table, mart.key)


def _make_sound_row(schema: pa.Schema, expectations: list[Any], mart: Mart, number: int) -> dict[str, Any]:
    """Return a row by the columns' types, then by what the suite demands of single columns."""
    row = {field.name: _make_value(field, number) for field in schema}
    for one in expectations:
        kwargs = one.configuration.kwargs
        if one.expectation_type == "expect_column_values_to_be_in_set":
            row[kwargs["column"]] = kwargs["value_set"][0]
        if one.expectation_type == "expect_values_to_be_within_limits" and (kwargs.get("min_value") or 0) > 1:
            row[kwargs["column"]] = 2000
    if mart.name == "fct_transfer_claims":
        row |= {"evidence_start": 0, "evidence_end": 24}
    if mart.name == "dim_dates":
        day = row["date_day"]
        row |= {"month_start_date": day.replace(day=1), "year_start_date": day.replace(month=1, day=1)}
    return row


def _make_value(field: pa.Field, number: int) -> Any:
    if pa.types.is_string(field.type):
        return f"{field.name} {number}"
    if pa.types.is_boolean(field.type):
        return True
    if pa.types.is_date(field.type):
        return datetime.date(2000, 1, 1) + datetime.timedelta(days=number)
    return FETCHED if pa.types.is_timestamp(field.type) else 1


_MEASURES = ("deal_count", "quantity", "quantity_unknown_deal_count", "value_usd", "value_unknown_deal_count")
COMPARED: dict[str, dict[str, Any]] = {
    COUNTRY_YEAR_CHECK: {"figure": "f", **{f"{side}{name}": 1.0 for name in _MEASURES for side in ("", "recomputed_")}},
    SHARE_CHECK: {"figure": "f", "summed_share": 1.0, "whole": 1.0},
    RELEASE_CHECK: {"table_name": "t", "published_rows": 100, "candidate_rows": 100},
    MIX_CHECK: {
        "mix": "m", "published_rows": 100, "candidate_rows": 100, "distance": 0.1, "greatest": 0.15, "moved": "a, b",
    },
    NULL_RATE_CHECK: {
        "column": "c", "published_rows": 100, "candidate_rows": 100, "published_null_rate": 0.5,
        "candidate_null_rate": 0.5,
    },
    CONSERVATION_CHECK: {"step": "s", "rows_in": 10, "rows_out": 9, "rows_set_aside": 1},
}  # fmt: skip
"""Comparison -> a sound row of it."""


def _make_comparison(name: str) -> Bench:
    from expectations.suites import marts

    first = next(iter(COMPARED[name]))
    rows = pa.Table.from_pylist([{**COMPARED[name], first: f"{name} {number}"} for number in range(ROWS)])
    batch = MartBatch(name, first, partial(pa.table, {}))
    return Bench(f"marts.{name}", lambda facts: marts.build_suite(batch, rows.schema), rows, first)
