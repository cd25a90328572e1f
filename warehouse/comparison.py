"""What changed from one release to another: rows by table, and figures by country and year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.database import quoted, read_databases
from warehouse.releases import database_of

if TYPE_CHECKING:
    import duckdb

    from warehouse.settings import DataDirectory

FIGURES = "fct_country_year_transfers"
ROUNDING = 1e-9
"""Doubles added in another order differ by less, relative to their size."""
_MEASURES = ("deal_count", "quantity", "value_usd", "tiv")


@dataclass(frozen=True)
class TableChange:
    """How the rows of one published table differ.

    Attributes:
        table: relation in schema ``marts``.
        before: rows in the first release; None where it lacks the table.
        after: rows in the second release; None where it lacks the table.
        added: rows whose key only the second release has.
        removed: rows whose key only the first release has.
        changed: rows of the same key with another value in a column that both have.
        columns: column -> rows in which it has another value.
    """

    table: str
    before: int | None
    after: int | None
    added: int
    removed: int
    changed: int
    columns: dict[str, int]


@dataclass(frozen=True)
class FigureChange:
    """One country-year figure that differs; None where a release lacks it or nobody tells it.

    Attributes:
        supplier_code: supplier.
        recipient_code: recipient.
        year: year, or None for the unknown one.
        weapon_category: category.
        basis: ordered or delivered.
        deals: number of deals before and after.
        quantity: units before and after.
        value_usd: value before and after, in current US dollars.
        tiv: trend-indicator value of the register before and after, in millions.
    """

    supplier_code: str
    recipient_code: str
    year: int | None
    weapon_category: str
    basis: str
    deals: tuple[int | None, int | None]
    quantity: tuple[float | None, float | None]
    value_usd: tuple[float | None, float | None]
    tiv: tuple[float | None, float | None]


@dataclass(frozen=True)
class Comparison:
    """All differences of two releases.

    Attributes:
        before: first release.
        after: second release.
        tables: tables that differ, by name.
        figures: country-year figures that differ, by supplier, recipient and year.
    """

    before: str
    after: str
    tables: tuple[TableChange, ...]
    figures: tuple[FigureChange, ...]


def compare(data: DataDirectory, before: str, after: str) -> Comparison:
    """Compare the published tables of two kept releases.

    Args:
        data: data directory.
        before: release, usually the older one.
        after: release to hold against it.

    Raises:
        ReleaseError: one of them isn't kept, or its database is damaged.
    """
    paths = {"before": database_of(data, before), "after": database_of(data, after)}
    with read_databases(paths) as connection:
        columns = _read_columns(connection)
        tables = sorted({table for side in columns.values() for table in side})
        changes = [_compare_table(connection, table, columns) for table in tables]
        both_have_figures = all(FIGURES in side for side in columns.values())
        figures = _compare_figures(connection, columns) if both_have_figures else []
    return Comparison(before, after, tuple(change for change in changes if _is_change(change)), tuple(figures))


def _is_change(change: TableChange) -> bool:
    return change.before is None or change.after is None or bool(change.added or change.removed or change.changed)


def _read_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, dict[str, str]]]:
    """Return the columns and types of each mart, by database and table; the first column is the key by convention."""
    found: dict[str, dict[str, dict[str, str]]] = {"before": {}, "after": {}}
    rows = connection.execute(
        "select database_name, table_name, column_name, data_type from duckdb_columns() "
        "where schema_name = 'marts' and database_name in ('before', 'after') order by table_name, column_index"
    ).fetchall()
    for side, table, column, kind in rows:
        found[side].setdefault(table, {})[column] = kind
    return found


def _compare_table(
    connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, dict[str, dict[str, str]]]
) -> TableChange:
    before, after = columns["before"].get(table), columns["after"].get(table)
    if before is None or after is None:
        rows = {side: _count(connection, side, table) for side in columns if table in columns[side]}
        return TableChange(
            table, rows.get("before"), rows.get("after"), rows.get("after", 0), rows.get("before", 0), 0, {}
        )
    key = quoted(next(iter(after)))
    shared = [name for name in after if name in before]
    differs = {name: _write_difference(quoted(name), {before[name], after[name]}) for name in shared}
    both = f"b.{key} is not null and a.{key} is not null"
    counted = ", ".join(f"count(*) filter ({both} and {condition})" for condition in differs.values())
    row = connection.execute(
        f"select count(b.{key}), count(a.{key}), count(*) filter (b.{key} is null), count(*) filter (a.{key} is null), "
        f"count(*) filter ({both} and ({' or '.join(differs.values())})), {counted} "
        f"from before.marts.{quoted(table)} as b full join after.marts.{quoted(table)} as a on b.{key} = a.{key}"
    ).fetchone()
    assert row is not None
    in_before, in_after, added, removed, changed, *counts_by_column = row
    found = {name: count for name, count in zip(shared, counts_by_column, strict=True) if count}
    return TableChange(table, in_before, in_after, added, removed, changed, found)


def _count(connection: duckdb.DuckDBPyConnection, side: str, table: str) -> int:
    row = connection.execute(f"select count(*) from {side}.marts.{quoted(table)}").fetchone()
    return int(row[0]) if row else 0


def _write_difference(column: str, kinds: set[str]) -> str:
    """Write the condition that a column differs between ``b`` and ``a``; doubles may differ by rounding."""
    if kinds == {"DOUBLE"}:
        return (
            f"((b.{column} is null) <> (a.{column} is null) "
            f"or abs(b.{column} - a.{column}) > {ROUNDING} * abs(a.{column}))"
        )
    if len(kinds) > 1:
        return f"b.{column}::varchar is distinct from a.{column}::varchar"
    return f"b.{column} is distinct from a.{column}"


def _compare_figures(
    connection: duckdb.DuckDBPyConnection, columns: dict[str, dict[str, dict[str, str]]]
) -> list[FigureChange]:
    key = "country_year_transfer_key"
    grain = ("supplier_code", "recipient_code", "transfer_year", "weapon_category", "basis")
    before, after = columns["before"][FIGURES], columns["after"][FIGURES]
    # a measure that one release doesn't know yet isn't told for either
    shared = [name for name in _MEASURES if name in before and name in after]
    differs = " or ".join(_write_difference(name, {before[name], after[name]}) for name in shared)
    pairs = (f"b.{name}, a.{name}" if name in shared else "null, null" for name in _MEASURES)
    rows = connection.execute(
        f"select {', '.join(f'coalesce(a.{name}, b.{name})' for name in grain)}, {', '.join(pairs)} "
        f"from before.marts.{FIGURES} as b full join after.marts.{FIGURES} as a on b.{key} = a.{key} "
        f"where {differs} order by 1, 2, 3, 4, 5"
    ).fetchall()
    return [_as_figure(row) for row in rows]


def _as_figure(row: tuple[Any, ...]) -> FigureChange:
    pairs = [(before, after) for before, after in zip(row[5::2], row[6::2], strict=True)]
    return FigureChange(row[0], row[1], row[2], row[3], row[4], pairs[0], pairs[1], pairs[2], pairs[3])
