"""How each kind of expectation is broken: from its own arguments, so that none is forgotten when one is added.

A test of a suite by hand says what the suite means (`BROKEN` in ``test_gate_*.py``). This says that nothing in it is
idle.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]
DAY = datetime.timedelta(days=1)
NO_SUCH = "no such value"
BLANK = " "


def _null(kwargs: Row, row: Row) -> list[Row]:
    return [{kwargs["column"]: None}]


def _not_in_set(kwargs: Row, row: Row) -> list[Row]:
    allowed = kwargs["value_set"]
    return [{kwargs["column"]: NO_SUCH if isinstance(allowed[0], str) else max(allowed) + 1}]


def _no_match(kwargs: Row, row: Row) -> list[Row]:
    assert not re.search(kwargs["regex"], BLANK), f"{kwargs['regex']} lets a blank pass: give it a breaking value"
    return [{kwargs["column"]: BLANK}]


def _too_short(kwargs: Row, row: Row) -> list[Row]:
    return [{kwargs["column"]: "x" * (kwargs["min_value"] - 1)}]


def _outside(kwargs: Row, row: Row) -> list[Row]:
    least, greatest = kwargs.get("min_value"), kwargs.get("max_value")
    step = DAY if isinstance(least or greatest, datetime.datetime) else 1
    broken = [least - step] if least is not None else []
    broken += [greatest + step] if greatest is not None else []
    return [{kwargs["column"]: value} for value in broken]


def _twice(kwargs: Row, row: Row) -> list[Row]:
    return [{kwargs["column"]: row[kwargs["column"]]}]


def _wrong_order(kwargs: Row, row: Row) -> list[Row]:
    greater, lesser = kwargs["column_A"], kwargs["column_B"]
    start = 2000 if row[lesser] is None else row[lesser]
    swapped = {greater: start - 1, lesser: start}
    return [swapped] if kwargs.get("or_equal") else [swapped, {greater: start, lesser: start}]


def _columns(kwargs: Row) -> list[str]:
    return list(kwargs["column_list"])


def _one_party(kwargs: Row, row: Row) -> list[Row]:
    supplier, recipient, domestic = _columns(kwargs)
    return [{supplier: "KOR", recipient: "KOR", domestic: False}, {domestic: True}]


def _one_party_of_a_deal(kwargs: Row, row: Row) -> list[Row]:
    return [dict.fromkeys(_columns(kwargs), "KOR")]


def _no_currency(kwargs: Row, row: Row) -> list[Row]:
    least, greatest, currency = _columns(kwargs)
    return [{least: 1.0, greatest: None, currency: None}, {least: None, greatest: 1.0, currency: None}]


def _wrong_length(kwargs: Row, row: Row) -> list[Row]:
    _text, _start, end = _columns(kwargs)
    return [{end: row[end] + 1}, {end: row[end] - 1}]


def _flag_is_down(place: int) -> Callable[[Row, Row], list[Row]]:
    """Break what the gate looks up: its flag says no."""
    return lambda kwargs, row: [{_columns(kwargs)[place]: False}]


def _leads_nowhere(kwargs: Row, row: Row) -> list[Row]:
    column, exists = _columns(kwargs)
    return [{column: NO_SUCH if row[column] is None else row[column], exists: False}]


def _too_many(kwargs: Row, row: Row) -> list[Row]:
    category, quantity = _columns(kwargs)
    return [{category: name, quantity: limit + 1} for name, limit in kwargs["maxima"].items()]


def _odd_price(kwargs: Row, row: Row) -> list[Row]:
    category, price = _columns(kwargs)
    pairs = kwargs["limits"].items()
    return [{category: name, price: odd} for name, (low, high) in pairs for odd in (low * 0.99, high * 1.01)]


def _ordered_later(kwargs: Row, row: Row) -> list[Row]:
    ordered, published, status = _columns(kwargs)
    return [{status: name, ordered: row[published] + 1} for name in kwargs["statuses"]]


def _published_later(kwargs: Row, row: Row) -> list[Row]:
    published, fetched = _columns(kwargs)
    return [{published: row[fetched] + datetime.timedelta(hours=kwargs["hours"], seconds=1)}]


def _disagree(kwargs: Row, row: Row) -> list[Row]:
    told, recomputed = _columns(kwargs)
    return [{told: 2, recomputed: 1}, {told: None, recomputed: 1}, {told: 1, recomputed: None}]


def _fallen(kwargs: Row, row: Row) -> list[Row]:
    published, candidate = _columns(kwargs)
    return [{published: 1000, candidate: round(1000 * (1 - kwargs["share"])) - 1}]


def _mix_moved(kwargs: Row, row: Row) -> list[Row]:
    distance, greatest, before, now, _moved = _columns(kwargs)
    return [{distance: row[greatest] + 0.001, before: kwargs["fewest"], now: kwargs["fewest"]}]


def _null_rate_moved(kwargs: Row, row: Row) -> list[Row]:
    before, now, rows_before, rows_now = _columns(kwargs)
    rows = {rows_before: kwargs["fewest"], rows_now: kwargs["fewest"]}
    moved = 0.5 + kwargs["difference"] + 0.001
    return [{before: 0.5, now: moved, **rows}, {before: moved, now: 0.5, **rows}]


def _not_conserved(kwargs: Row, row: Row) -> list[Row]:
    came, went, aside = _columns(kwargs)
    return [{came: 10, went: 8, aside: 1}, {came: 10, went: 10, aside: 1}, {came: 10, went: None, aside: 0}]


def _no_target(kwargs: Row, row: Row) -> list[Row]:
    return [dict.fromkeys(_columns(kwargs))]


def _no_form(kwargs: Row, row: Row) -> list[Row]:
    verdict, field, value = _columns(kwargs)
    each = [{verdict: "correct", field: name, value: BLANK} for name in kwargs["forms"]]
    return [*each, {verdict: "correct", field: None, value: "1"}, {verdict: "accept", field: "status", value: None}]


def _ahead(kwargs: Row, row: Row) -> list[Row]:
    day = datetime.date.fromisoformat(kwargs["today"]) + DAY
    return [{_columns(kwargs)[0]: day.isoformat()}]


def _no_product(kwargs: Row, row: Row) -> list[Row]:
    units, each, total = _columns(kwargs)
    return [{units: 10.0, each: 2.0, total: 22.0}, {units: 10.0, each: 2.0, total: 18.0}]


def _no_discount(kwargs: Row, row: Row) -> list[Row]:
    condition, new, unit = _columns(kwargs)
    return [{condition: name, new: 10.0, unit: 10.0 * share + 1.0} for name, share in kwargs["shares"].items()]


def _day_is_missing(kwargs: Row, row: Row) -> list[Row]:
    return [{_columns(kwargs)[0]: datetime.date(2099, 6, 15)}]


def _another_month(kwargs: Row, row: Row) -> list[Row]:
    day, month, year = _columns(kwargs)
    return [{month: row[day] + 40 * DAY}, {year: row[day] + DAY}, {month: None}]


BY_ROW: dict[str, Callable[[Row, Row], list[Row]]] = {
    "expect_column_values_to_not_be_null": _null,
    "expect_column_values_to_be_in_set": _not_in_set,
    "expect_column_values_to_match_regex": _no_match,
    "expect_column_value_lengths_to_be_between": _too_short,
    "expect_values_to_be_within_limits": _outside,
    "expect_column_values_to_be_unique": _twice,
    "expect_column_pair_values_a_to_be_greater_than_b": _wrong_order,
    "expect_parties_to_differ_unless_domestic": _one_party,
    "expect_parties_of_a_deal_to_differ": _one_party_of_a_deal,
    "expect_value_to_have_currency": _no_currency,
    "expect_evidence_length_to_match_offsets": _wrong_length,
    "expect_evidence_to_stand_in_its_article": _flag_is_down(2),
    "expect_article_to_be_in_the_lake": _flag_is_down(1),
    "expect_text_to_be_new": _flag_is_down(1),
    "expect_reference_to_exist": _leads_nowhere,
    "expect_quantity_to_fit_its_category": _too_many,
    "expect_unit_value_to_fit_its_category": _odd_price,
    "expect_order_not_after_publication": _ordered_later,
    "expect_publication_not_after_fetch": _published_later,
    "expect_numbers_to_agree": _disagree,
    "expect_rows_not_to_fall": _fallen,
    "expect_mix_to_be_stable": _mix_moved,
    "expect_null_rate_to_be_stable": _null_rate_moved,
    "expect_rows_to_be_conserved": _not_conserved,
    "expect_review_to_name_its_target": _no_target,
    "expect_correction_to_have_its_form": _no_form,
    "expect_day_not_to_be_ahead": _ahead,
    "expect_total_to_be_product": _no_product,
    "expect_used_weapons_to_count_less": _no_discount,
    "expect_days_to_follow_each_other": _day_is_missing,
    "expect_month_and_year_of_the_day": _another_month,
}
"""Expectation -> from its arguments and a sound row to changes, each of which must be found in the row that has it."""


def _without_first(kwargs: Row, rows: pa.Table) -> list[pa.Table]:
    names = rows.column_names
    return [rows.select([*names[1:], names[0]])]


def _other_types(kwargs: Row, rows: pa.Table) -> list[pa.Table]:
    """Give each column in its turn another type."""
    tables = []
    for place, name in enumerate(kwargs["types"]):
        other = pa.large_string() if rows.schema.field(name).type != pa.large_string() else pa.string()
        tables.append(rows.set_column(place, name, pa.nulls(rows.num_rows, other)))
    return tables


def _untold(kwargs: Row, rows: pa.Table) -> list[pa.Table]:
    place = rows.schema.get_field_index(kwargs["column"])
    return [rows.set_column(place, rows.schema.field(place), pa.nulls(rows.num_rows, rows.schema.field(place).type))]


def _too_few(kwargs: Row, rows: pa.Table) -> list[pa.Table]:
    return [rows.slice(0, kwargs["min_value"] - 1)]


def _old(kwargs: Row, rows: pa.Table) -> list[pa.Table]:
    place = rows.schema.get_field_index(kwargs["published"])
    age = datetime.timedelta(days=kwargs["days"] + 1)
    values = [moment - age for moment in rows[kwargs["fetched"]].to_pylist()]
    return [rows.set_column(place, rows.schema.field(place), pa.array(values, rows.schema.field(place).type))]


BY_TABLE: dict[str, Callable[[Row, pa.Table], list[pa.Table]]] = {
    "expect_table_columns_to_match_ordered_list": _without_first,
    "expect_table_column_types_to_be": _other_types,
    "expect_column_proportion_of_non_null_values_to_be_between": _untold,
    "expect_table_row_count_to_be_between": _too_few,
    "expect_newest_article_to_be_fresh": _old,
}
"""Expectation -> from its arguments and sound rows to tables, each of which must break it."""

BY_FACTS = {
    "expect_figure_to_be_usual",
    "expect_clock_not_to_run_back",
    "expect_most_pages_to_be_usable",
    "expect_decisions_not_to_vanish",
}
"""Expectations on what the gate knows of a load besides its rows: broken by `Bench.broken_facts`."""


@dataclass(frozen=True)
class Breaking:
    """Rows of one batch that each break one expectation.

    Attributes:
        rows: the sound rows, then the broken ones.
        places: expectation, by its place in the suite -> numbers of the rows that must be found.
    """

    rows: pa.Table
    places: dict[int, list[int]]


def break_rows(expectations: list[Any], sound: pa.Table) -> Breaking:
    """Put one row behind the sound ones for each way to break each expectation on rows."""
    first, last = (sound.slice(place, 1).to_pylist()[0] for place in (0, sound.num_rows - 1))
    broken: list[Row] = []
    places: dict[int, list[int]] = {}
    for place, one in enumerate(expectations):
        kwargs = one.configuration.kwargs
        if one.expectation_type not in BY_ROW or kwargs.get("mostly", 1) < 1:
            continue
        # a copy of the last row, so that what is unique is told twice only by `_twice`, and there by the first
        changes = BY_ROW[one.expectation_type](kwargs, first)
        places[place] = [sound.num_rows + len(broken) + number for number in range(len(changes))]
        broken += [{**last, **change} for change in changes]
    schema = pa.schema([field.with_nullable(True) for field in sound.schema])
    return Breaking(pa.concat_tables([sound.cast(schema), pa.Table.from_pylist(broken, schema=schema)]), places)


def break_tables(expectations: list[Any], sound: pa.Table) -> list[tuple[int, pa.Table]]:
    """Return tables with the place of the expectation that each must break."""
    found = []
    for place, one in enumerate(expectations):
        kwargs = one.configuration.kwargs
        if one.expectation_type in BY_TABLE:
            found += [(place, table) for table in BY_TABLE[one.expectation_type](kwargs, sound)]
        elif one.expectation_type in BY_ROW and kwargs.get("mostly", 1) < 1:
            row = sound.slice(0, 1).to_pylist()[0]
            rows = [{**row, **change} for change in BY_ROW[one.expectation_type](kwargs, row)] * sound.num_rows
            found.append((place, pa.Table.from_pylist(rows[: sound.num_rows], schema=sound.schema)))
    return found
