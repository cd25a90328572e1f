"""Every expectation of every suite, without exception: it can fail, says why it is there, and is drawn for people.

What there is comes from the suites themselves, so one that is added without a way to break it fails here by its name.
"""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from benches import MODELS, Bench, list_benches, make_bench, read_model
from breakers import BY_FACTS, BY_ROW, BY_TABLE, break_rows, break_tables

from expectations.batch import Batch
from expectations.marts import MARTS
from warehouse.settings import SEEDS as SEED_FOLDER

UNCHECKED_NUMBERS = {"value", "former", "refused", "articles", "before", "now", "seconds_behind"}
"""Arguments that are figures of the load, not limits that somebody has set."""


@pytest.fixture(scope="module", params=list_benches())
def bench(request):
    return make_bench(request.param)


def check(bench: Bench, rows: Any, *, facts: Any = None, only: int | None = None) -> Any:
    """Run the suite, or one expectation of it by its place; return one result for each."""
    import great_expectations as gx

    from expectations import engine

    facts = facts or bench.facts
    suite = bench.build(facts)
    if only is not None:
        suite = gx.ExpectationSuite(suite.name, expectations=[suite.expectations[only]])
    return engine.check_rows(suite, Batch.of_table(facts, rows), key=bench.key).results


def crash_of(one: Any) -> str:
    from expectations import engine

    return engine._crash_text(one.exception_info)


def name_of(one: Any) -> str:
    return f"{one.expectation_type} {one.configuration.kwargs}"[:300]


def test_sound_rows_break_nothing_and_each_expectation_is_drawn_with_its_reason(bench):
    from expectations import engine

    suite = bench.build(bench.facts)
    outcome = engine.run_suite(suite, Batch.of_table(bench.facts, bench.rows), table_name="rows", key=bench.key)
    assert [finding for finding in outcome.findings if not finding.is_success] == []
    text = html.unescape(re.sub(r"<[^>]+>", "", outcome.sections))
    for one in suite.expectations:
        assert one.meta["reason"] in text, name_of(one)
        assert one.expectation_type not in text, "drawn by its bare name: it lacks a description"


def test_each_expectation_is_broken_by_what_it_forbids(bench):
    from expectations import engine

    expectations = list(bench.build(bench.facts).expectations)
    broken = set()
    breaking = break_rows(expectations, bench.rows)
    results = check(bench, breaking.rows)
    for place, numbers in breaking.places.items():
        one, name = results[place], name_of(expectations[place])
        assert not crash_of(one), name
        assert not one.success, name
        assert set(numbers) <= set(one.result[engine.ALL_ROWS].tolist()), name
        broken.add(place)
    for place, rows in break_tables(expectations, bench.rows):
        assert not check(bench, rows, only=place)[0].success, name_of(expectations[place])
        broken.add(place)
    if bench.broken_facts:
        for place, one in enumerate(check(bench, bench.rows, facts=bench.facts_that_break)):
            if one.expectation_config.type in BY_FACTS:
                assert not one.success, name_of(expectations[place])
                broken.add(place)
    idle = [name_of(one) for place, one in enumerate(expectations) if place not in broken]
    assert idle == [], "no way to break these is known: add one to breakers.py"


def test_each_expectation_says_how_strict_it_is_and_why_and_where_its_numbers_come_from(bench):
    for one in bench.build(bench.facts).expectations:
        name = name_of(one)
        assert one.severity in ("critical", "warning"), name
        assert re.fullmatch(r"[A-Z][^\n]*\.", one.meta["reason"]), name
        kwargs = {key: value for key, value in one.configuration.kwargs.items() if key not in UNCHECKED_NUMBERS}
        if has_number(kwargs):
            assert len(one.meta.get("source", "")) > 10, name


def has_number(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(has_number, value.values()))
    if isinstance(value, list | tuple | set):
        return any(map(has_number, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def test_no_way_to_break_is_left_of_an_expectation_that_is_gone():
    used = set()
    for name in list_benches():
        bench = make_bench(name)
        used |= {one.expectation_type for one in bench.build(bench.facts).expectations}
    assert {*BY_ROW, *BY_TABLE, *BY_FACTS} - used == set()


def test_every_seed_has_its_suite():
    from expectations.suites.seeds import SEEDS

    assert {seed.name for seed in SEEDS} == {path.stem for path in SEED_FOLDER.glob("*.csv")}


def test_every_mart_has_its_suite():
    assert {mart.name for mart in MARTS} == {path.stem for path in MODELS.glob("*.yml")}


@pytest.mark.parametrize("mart", MARTS, ids=lambda mart: mart.name)
def test_every_number_of_a_mart_has_limits_or_a_reason_to_have_none(mart):
    from expectations.suites.marts import NO_YEAR_OF_AN_EVENT, WITHOUT_LIMITS

    bench = make_bench(f"marts.{mart.name}")
    limited = [
        one.column
        for one in bench.build(bench.facts).expectations
        if one.expectation_type == "expect_values_to_be_within_limits"
    ]
    numbers = {
        column["name"]
        for column in read_model(mart.name)["columns"]
        if column["data_type"] in ("bigint", "integer", "double")
    }
    assert numbers - set(limited) <= {*WITHOUT_LIMITS, *NO_YEAR_OF_AN_EVENT}


@pytest.mark.parametrize("mart", MARTS, ids=lambda mart: mart.name)
def test_a_gate_follows_every_key_that_dbt_follows(mart):
    followed = {}
    for column in read_model(mart.name)["columns"]:
        for test in column.get("data_tests", []):
            if isinstance(test, dict) and "relationships" in test:
                target = test["relationships"]["arguments"]
                followed[column["name"]] = f"{target['to'][5:-2]}.{target['field']}"
    assert dict(mart.references) == followed
